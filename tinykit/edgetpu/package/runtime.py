"""Versions of libedgetpu, the Edge TPU's runtime: which is here, and what a compiled model needs.

A package says the lowest ``RuntimeVersion`` that runs it (api/runtime_version.h of google-coral/libedgetpu); an older
runtime refuses it when the model is loaded.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from tinykit.edgetpu.package.types import CompiledModel
from tinykit.errors import InputError
from tinykit.process import run_lines

NEWEST = 14
"""``kCurrent`` of the newest libedgetpu, 16.0, and of the builds of it for today's TensorFlow Lite."""
_LIBRARIES = {"darwin": "libedgetpu.1.dylib", "win32": "edgetpu.dll"}
_LIBRARY = _LIBRARIES.get(sys.platform, "libedgetpu.so.1")
_SECONDS = 20.0
# In a process of its own: a library that crashes when it is loaded then takes nothing else with it.
_ASK = """
import ctypes, sys
try:
    library = ctypes.CDLL(sys.argv[1])
except OSError as error:
    print("no", error)
else:
    library.edgetpu_version.restype = ctypes.c_char_p
    print("yes", library.edgetpu_version().decode())
"""


@dataclass(frozen=True)
class Runtime:
    """A runtime that models are held against.

    Attributes:
        version: its ``RuntimeVersion``; None for a library that is here but does not say.
        source: "--runtime" or the library's name.
        problem: why it does not say.
    """

    version: int | None
    source: str
    problem: str = ""


def parse_runtime(text: str) -> Runtime:
    """A version as a user gives it: 14, or what the library says of itself: "..., RuntimeVersion(14)".

    Raises:
        InputError: it is neither.
    """
    found = re.fullmatch(r"\s*(\d{1,4})\s*|.*RuntimeVersion\((\d{1,4})\).*", text)
    if found is None:
        raise InputError(
            f"{text!r} is no version of the Edge TPU's runtime",
            where="--runtime",
            why='runtimes are counted: libedgetpu 16.0 says "RuntimeVersion(14)" of itself',
            hint=f"give the number alone, such as {NEWEST}",
        )
    return Runtime(int(found[1] or found[2]), "--runtime")


def installed_runtime() -> Runtime | None:
    """The runtime that programs on this computer would load; None when there is none."""
    said: list[str] = []
    try:
        status = run_lines([sys.executable, "-I", "-c", _ASK, _LIBRARY], said.append, timeout=_SECONDS)
    except OSError as error:
        return Runtime(None, _LIBRARY, str(error))
    text = "".join(said).strip()
    if text.startswith("no ") and (f"{_LIBRARY}: cannot open" in text or "no such file" in text.lower()):
        return None
    found = re.search(r"^yes .*RuntimeVersion\((\d{1,4})\)", text)
    if status == 0 and found is not None:
        return Runtime(int(found[1]), _LIBRARY)
    if status is None or status != 0:
        how = f"took more than {_SECONDS:.0f} s" if status is None else f"left with exit status {status}"
        return Runtime(None, _LIBRARY, f"asking for its version {how}")
    return Runtime(None, _LIBRARY, text.partition(" ")[2] or "it says nothing")


def runtime_warnings(model: CompiledModel, runtime: Runtime | None) -> list[str]:
    """What keeps a runtime from running a model, in words; nothing where all is well or nothing is known."""
    needed = model.min_runtime
    if needed > NEWEST:
        return [f"needs runtime {needed}, and the newest libedgetpu is runtime {NEWEST}: no released one loads it"]
    if runtime is None:
        return []
    if runtime.version is None:
        return [f"{runtime.source} is installed but cannot be asked for its version: {runtime.problem}"]
    if runtime.version < needed:
        return [
            f"needs runtime {needed}, and {runtime.source} is {runtime.version}: it will refuse to load this file. "
            f"Update libedgetpu, or compile with --min-runtime-version {runtime.version}"
        ]
    return []
