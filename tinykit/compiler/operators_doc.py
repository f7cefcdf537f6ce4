"""Writes docs/operators.md from the registered lowerings: ``python -m tinykit.compiler.operators_doc``."""

from __future__ import annotations

from pathlib import Path

from tinykit.compiler.kernels import REGISTRY
from tinykit.compiler.kernels.base import Operator
from tinykit.files import write_file
from tinykit.graph.types import DType

PATH = Path("docs") / "operators.md"
"""Where the document is, in a checkout."""

_INTRODUCTION = """\
# Supported operators

This page is made from the compiler by `python -m tinykit.compiler.operators_doc`, run in a checkout; do not edit it.
`tinykit operators` says the same of the version that is installed, `tinykit operators CONV_2D` tells all about one.

**identical**: results are those of TFLite-Micro's reference kernels, bit for bit. **1e-5**: they differ from those by
at most 1e-5 of their magnitude, or 1e-5 where that is below 1. An empty field: the type is refused. A type is that of
the first input; the output has the same one, unless another is named. "Other types" are copied as they are, also where
TFLite-Micro does not take them.

For every operator:

- Shapes are known when the model is converted, and the data of a tensor called "constant" is in the file.
- int8 activations have one scale and one zero point per tensor, weights one scale per tensor or per output channel and
  the zero point 0. Biases are int32 in int8 layers and float32 in float32 layers.
- A stand-alone RELU, RELU6 or RELU_N1_TO_1 that does not rescale is folded into the CONV_2D, DEPTHWISE_CONV_2D,
  FULLY_CONNECTED, ADD, SUB or MUL before it. This is all there is of RELU_N1_TO_1: elsewhere it is refused.
- Of fused activations NONE, RELU, RELU6 and RELU_N1_TO_1 are taken, wherever an operator can have one, but for
  CONCATENATION, which takes none.
- A RESHAPE, SQUEEZE or EXPAND_DIMS of a constant is done by the compiler. An operator whose result nobody reads is left
  out, unless it is custom or sets a variable.
- Control flow (IF, WHILE, CALL, CALL_ONCE), other custom operators than TINYKIT_FOREST, and all that is not in the
  table are refused.

What is refused is refused before a file is written, in one message that names every such operator with its index, the
reason and what to do:

    error: model.tflite: 1 operator cannot be compiled
      why: operator 2 TRANSPOSE: its permutation is computed at run time; make it a constant of the model
      try: change the model as said at each operator; `tinykit operators` lists what is supported

A shape or parameter that contradicts itself is refused as well; converting the model again is all one can do then.
[Adding an operator](adding-an-op.md) takes one lowering and one kernel.

"""


def document() -> str:
    """The text of docs/operators.md."""
    lines = [
        "| operator | int8 | float32 | other types | takes | refuses: what to do then |",
        "|---|---|---|---|---|---|",
    ]
    for kind in sorted(REGISTRY):
        operator = REGISTRY[kind]
        refuses = "<br>".join(f"{what}: {hint}" for what, hint in operator.refuses.items())
        cells = (kind, *type_cells(operator), operator.takes, refuses)
        lines.append("| " + " | ".join(cells) + " |")
    return _INTRODUCTION + "\n".join(lines) + "\n"


def type_cells(operator: Operator) -> tuple[str, str, str]:
    """How exact an operator is for int8 and float32, empty where it is not taken; and what other types it takes."""
    cells: dict[DType, list[str]] = {DType.INT8: [], DType.FLOAT32: []}
    others: list[str] = []
    for source, target in operator.types:
        if source in cells:
            exactness = operator.exactness(source, target)
            cells[source].append(exactness if source is target else f"to {target.label}: {exactness}")
        else:
            others.append(source.label)
    return "; ".join(cells[DType.INT8]), "; ".join(cells[DType.FLOAT32]), ", ".join(others)


if __name__ == "__main__":
    write_file(PATH, document())
