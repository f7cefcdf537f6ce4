"""What converters say when they cannot convert, as errors of ours that name the operators."""

from __future__ import annotations

import re

from tinykit.errors import UnsupportedModel
from tinykit.text import first_line

_LISTS = re.compile(r"(?:TF Select|Custom) ops?: ([^\n]+)")
_ONES = re.compile(
    r"(?:'|\")(?:tf|onnx|aten)\.([\w.]+)(?:'|\") op|op (?:type )?'?\"?([A-Z]\w+)'?\"? is not (?:yet )?supp"
)


def unsupported_operators(error: BaseException, where: str) -> UnsupportedModel:
    """The error of a converter, with the operators that it names."""
    text = str(error)
    names = {name.strip() for found in _LISTS.findall(text) for name in found.split(",")}
    names |= {name for pair in _ONES.findall(text) for name in pair if name}
    if names:
        return UnsupportedModel(
            f"operators that TensorFlow Lite does not have: {', '.join(sorted(names))}",
            where=where,
            hint="build the model without them; `tinykit operators` lists what a microcontroller can run",
        )
    return UnsupportedModel(
        "the converter cannot convert this model",
        where=where,
        why=f"{type(error).__name__}: {first_line(error)}",
        hint="check that the model runs in its own framework; layers with Python code in them are a usual cause",
    )
