"""Options of the signal library's operators."""

from __future__ import annotations

from tinykit.compiler.kernels.base import Refusal
from tinykit.graph.flatbuffer import FlatbufferError
from tinykit.graph.flexbuffer import read_map
from tinykit.graph.types import Op

AGAIN = "convert the model again"


def integers(op: Op, *names: str) -> tuple[int, ...]:
    """The values of the options ``names``, in their order.

    TFLite-Micro takes the values by their place in the map, not by name; ``names`` are all that the operator has, "T"
    among them where the converter adds the type.

    Raises:
        Refusal: for other options, and other values than integers and booleans.
    """
    if op.custom_options is None:
        raise Refusal("its options are missing", AGAIN)
    try:
        found = read_map(op.custom_options.tobytes())
    except FlatbufferError as error:
        raise Refusal(f"its options are damaged: {error}", AGAIN) from None
    if set(found) != set(names):
        raise Refusal(f"its options are {sorted(found)} instead of {sorted(names)}", AGAIN)
    values = []
    for name in names:
        value = found[name]
        if not isinstance(value, int):
            raise Refusal(f"its option {name} is {value!r}", AGAIN)
        values.append(((int(value) + 2**31) & (2**32 - 1)) - 2**31)  # int32, as TFLite-Micro reads it
    return tuple(values)
