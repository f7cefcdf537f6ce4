"""Writes docs/operators.md from the registered lowerings: ``python -m tinykit.compiler.operators_doc``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinykit.compiler.kernels import REGISTRY
from tinykit.compiler.kernels.base import Operator
from tinykit.files import write_file
from tinykit.graph.types import DType

PATH = Path("docs") / "operators.md"
"""Where the document is, in a checkout."""

RECORD = Path("bench") / "operators.json"
"""Of the proofs, which ``make proof`` makes."""

_INTRODUCTION = """\
# Supported operators

This page is made from the compiler by `python -m tinykit.compiler.operators_doc`, run in a checkout; do not edit it.
`tinykit operators` says the same of the version that is installed, `tinykit operators CONV_2D` tells all about one.

**identical**: results are those of TFLite-Micro's reference kernels, bit for bit. **1e-5**: they differ from those by
at most 1e-5 of their magnitude, or 1e-5 where that is below 1. An empty field: the type is refused. A type is that of
the input that is worked on; the output has the same one, unless another is named.

**kernels for**: kinds of cores that have kernels of their own, beside the portable C that every core can run: `dsp`
(Cortex-M4, M7, M33), `mve` (Cortex-M55), `m0` (Cortex-M0), `rv32` (RISC-V).

**models**: how many random models of the operator gave TFLite-Micro's results when this page was made, on a PC under
sanitizers + on a Cortex-M4's instructions + on a RISC-V's (`make proof`). None gave others. Shapes, options, scales and
what is constant are drawn at random; models that TFLite-Micro refuses are among them and have to be refused. What is no
operator of TFLite-Micro's is held to its own definition.

For every operator:

- Shapes are known when the model is converted, and the data of a tensor called "constant" is in the file.
- int8 and int16 activations have one scale and one zero point per tensor, weights one scale per tensor or per output
  channel and the zero point 0.
- A stand-alone RELU, RELU6 or RELU_N1_TO_1 that does not rescale is folded into the CONV_2D, DEPTHWISE_CONV_2D,
  FULLY_CONNECTED, ADD, SUB or MUL before it. This is all there is of RELU_N1_TO_1: elsewhere it is refused.
- Of fused activations NONE, RELU, RELU6 and RELU_N1_TO_1 are taken, wherever an operator can have one, but for
  CONCATENATION, which takes none.
- A RESHAPE, SQUEEZE or EXPAND_DIMS of a constant is done by the compiler. An operator whose result nobody reads is left
  out, unless it is custom or sets a variable.
- Loops, branches and variables: [streaming.md](streaming.md). Custom operators are known by their code. What is not in
  the table is refused.

What is refused is refused before a file is written, in one message that names every such operator with its index, the
reason and what to do:

    error: model.tflite: 1 operator cannot be compiled
      why: operator 2 TRANSPOSE: its permutation is computed at run time; make it a constant of the model
      try: change the model as said at each operator; `tinykit operators` lists what is supported

A shape or parameter that contradicts itself is refused as well; converting the model again is all one can do then.
[Adding an operator](adding-an-op.md) takes one lowering and one kernel.

## Types
"""

_LIMITS = """\
## Limits
"""


RESOLVER = (
    *("ABS", "ADD", "ADD_N", "ARG_MAX", "ARG_MIN", "ASSIGN_VARIABLE", "AVERAGE_POOL_2D", "BATCH_MATMUL"),
    *("BATCH_TO_SPACE_ND", "BROADCAST_ARGS", "BROADCAST_TO", "CALL_ONCE", "CAST", "CEIL", "CONCATENATION", "CONV_2D"),
    *("COS", "CUMSUM", "DEPTH_TO_SPACE", "DEPTHWISE_CONV_2D", "DEQUANTIZE", "DIV", "DYNAMIC_UPDATE_SLICE", "ELU"),
    *("EMBEDDING_LOOKUP", "EQUAL", "EXP", "EXPAND_DIMS", "FILL", "FLOOR", "FLOOR_DIV", "FLOOR_MOD", "FULLY_CONNECTED"),
    *("GATHER", "GATHER_ND", "GREATER", "GREATER_EQUAL", "HARD_SWISH", "IF", "L2_NORMALIZATION", "L2_POOL_2D"),
    *("LEAKY_RELU", "LESS", "LESS_EQUAL", "LOG", "LOG_SOFTMAX", "LOGICAL_AND", "LOGICAL_NOT", "LOGICAL_OR", "LOGISTIC"),
    *("MAX_POOL_2D", "MAXIMUM", "MEAN", "MINIMUM", "MIRROR_PAD", "MUL", "NEG", "NOT_EQUAL", "PACK", "PAD", "PADV2"),
    *("PRELU", "QUANTIZE", "READ_VARIABLE", "REDUCE_ALL", "REDUCE_MAX", "REDUCE_MIN", "RELU", "RELU6", "RESHAPE"),
    *("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "REVERSE_V2", "ROUND", "RSQRT", "SELECT_V2", "SHAPE", "SIN"),
    *("SLICE", "SOFTMAX", "SPACE_TO_BATCH_ND", "SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "SQUARE", "SQUARED_DIFFERENCE"),
    *("SQRT", "SQUEEZE", "STRIDED_SLICE", "SUB", "SUM", "SVDF", "TANH", "TRANSPOSE", "TRANSPOSE_CONV"),
    *("UNIDIRECTIONAL_SEQUENCE_LSTM", "UNPACK", "VAR_HANDLE", "WHILE", "ZEROS_LIKE"),
    # custom operators
    *("TFLite_Detection_PostProcess", "CIRCULAR_BUFFER", "SignalDelay", "SignalEnergy", "SignalFftAutoScale"),
    *("SignalFilterBank", "SignalFilterBankLog", "SignalFilterBankSpectralSubtraction"),
    *("SignalFilterBankSquareRoot", "SignalFramer", "SignalIrfft", "SignalOverlapAdd", "SignalPCAN", "SignalRfft"),
    *("SignalStacker", "SignalWindow"),
)
"""What TFLite-Micro registers: builtin operators as the schema names them, custom ones by their code. From
``tensorflow/lite/micro/micro_mutable_op_resolver.h`` and ``python/tflite_micro/python_ops_resolver.cc``."""


def document(record: Mapping[str, Any]) -> str:
    """The text of docs/operators.md.

    Args:
        record: of the proofs, as bench/operators.json has it.
    """
    return "\n".join([_INTRODUCTION, _types_table(record["operators"]), "", _LIMITS, _limits_table(), "", _missing()])


def _types_table(proven: Mapping[str, Any]) -> str:
    names = [*(dtype.label for dtype in COLUMNS), "other types", "kernels for", "models"]
    lines = [f"| operator | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    total: Counter[str] = Counter()
    for kind, operator in sorted(REGISTRY.items()):
        proofs = proven.get(kind, {}).values()
        count = Counter({name: sum(proof[name]["compared"] for proof in proofs) for name in ("native", "m4", "rv32")})
        total += count
        cores = ", ".join(sorted({core for proof in proofs for core in proof["kernels"]}))
        lines.append(f"| {' | '.join((kind, *type_cells(operator), cores, _count(count)))} |")
    lines.append(f"| all {len(REGISTRY)} | {' |' * (len(names) - 1)} {_count(total)} |")
    return "\n".join(lines)


def _count(count: Counter[str]) -> str:
    """ "200 + 20 + 20": on this computer, an M4 and a RISC-V."""
    return " + ".join(str(count[name]) for name in ("native", "m4", "rv32"))


def _limits_table() -> str:
    lines = ["| operator | takes | refuses: what to do then |", "|---|---|---|"]
    for kind, operator in sorted(REGISTRY.items()):
        refuses = "<br>".join(f"{what}: {hint}" for what, hint in operator.refuses.items())
        lines.append(f"| {kind} | {operator.takes} | {refuses} |")
    return "\n".join(lines)


def _missing() -> str:
    missing = [kind for kind in RESOLVER if kind not in REGISTRY]
    head = f"Of the {len(RESOLVER)} operators that TFLite-Micro registers "
    if not missing:
        return head + "none is missing.\n"
    return head + f"{len(missing)} are missing: {', '.join(missing)}.\n"


COLUMNS = (DType.INT8, DType.INT16, DType.FLOAT32)
"""Types that have a column of their own."""


def type_cells(operator: Operator) -> tuple[str, ...]:
    """How exact an operator is for each of ``COLUMNS``, empty where it is not taken; then the same of other types."""
    cells: dict[DType, list[str]] = {dtype: [] for dtype in COLUMNS}
    others: dict[str, list[str]] = {}
    for source, target in operator.types:
        exactness = operator.exactness(source, target)
        if source in cells:
            cells[source].append(exactness if source is target else f"to {target.label}: {exactness}")
        else:
            name = source.label if source is target else f"{source.label} to {target.label}"
            others.setdefault(exactness, []).append(name)
    if not operator.types:
        return ("",) * len(COLUMNS) + ("any: identical",)  # it moves values, whatever they are
    rest = "; ".join(f"{', '.join(names)}: {exactness}" for exactness, names in others.items())
    return (*("; ".join(cells[dtype]) for dtype in COLUMNS), rest)


def main() -> None:
    """In the folder of a checkout."""
    write_file(PATH, document(json.loads(RECORD.read_text())))


if __name__ == "__main__":
    main()
