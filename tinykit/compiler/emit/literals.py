"""C literals of numbers and arrays, exact and warning-free under -Wconversion."""

from __future__ import annotations

import numpy as np

_LINE = 110


def integer(value: int) -> str:
    """A C integer literal. The smallest numbers of a size have no literal of their own in C."""
    if value == -(2**31):
        return "(-2147483647 - 1)"
    if value == -(2**63):
        return "(-9223372036854775807LL - 1)"
    if value < -(2**31):
        return f"{value}LL"
    if value <= 2**31 - 1:
        return str(value)
    return f"{value}u" if value < 2**32 else f"{value}{'LL' if value < 2**63 else 'ULL'}"


def floating(value: float) -> str:
    """A float literal that reads back as exactly the same single-precision number.

    Infinities and NaN are macros of <math.h>.
    """
    if np.isnan(value):
        return "NAN"
    if np.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    text = np.format_float_scientific(np.float32(value), unique=True, trim="0", exp_digits=1)
    return f"{text}f"


def array_body(values: np.ndarray, ctype: str) -> str:
    """The comma-separated elements of an array initialiser, wrapped into lines."""
    flat = values.reshape(-1)
    if ctype == "float":
        words = [floating(float(v)) for v in flat]
    elif ctype in ("int32_t", "uint32_t", "int64_t", "uint64_t"):
        words = [integer(int(v)) for v in flat]
    elif ctype == "bool":
        words = ["true" if v else "false" for v in flat]
    else:
        words = [str(v) for v in flat.tolist()]
    per_line = max(1, _LINE // (max((len(w) for w in words), default=1) + 2))
    lines = (", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line))
    return ",\n    ".join(lines)


def comment(text: str) -> str:
    """Text that may stand inside a C comment: printable ASCII, no comment delimiters, no trigraph or line splice."""
    safe = "".join(c if " " <= c <= "~" else "?" for c in text)
    return safe.replace("*/", "* /").replace("/*", "/ *").replace("\\", "/").replace("??", "? ?")


def string(text: str) -> str:
    """A C string literal of any text, as UTF-8 bytes."""
    out = []
    for byte in text.encode("utf-8"):
        c = chr(byte)
        # octal escapes always have three digits, so no following character can be taken for part of them
        out.append(c if " " <= c <= "~" and c not in '"\\?' else f"\\{byte:03o}")
    return '"' + "".join(out) + '"'
