"""ADD_N."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, Refusal, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, int8_quantization, require, require_shape, scale_multiplier
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.graph.types import DType, Op, Quantization, Tensor

# Bits behind the point that TFLite's sum of int8 values has.
FRACTION_BITS = 19


def sum_multiplier(source: Quantization, target: Quantization) -> tuple[int, int]:
    """(multiplier, right shift) from sums of inputs with FRACTION_BITS to the output, as ``add_n.cc`` and
    ``cumsum.cc`` of TFLite-Micro have them.

    Raises:
        Refusal: for an output scale so small that they have no defined result.
    """
    real = 2 * float(source.scale) / (2 ** (FRACTION_BITS + 1) * float(target.scale))
    if real >= 1:
        raise Refusal(
            f"its output's scale {target.scale} is too small for one of {source.scale}", "convert the model again"
        )
    multiplier, shift = scale_multiplier(real)
    return multiplier, -shift


@lowers(
    "ADD_N",
    takes="any number of inputs from 2 on; constants",
    refuses={
        "int8 inputs of different quantizations": "convert the model again",
        "an int8 output scale below 2^-19 of the inputs'": "convert the model again",
    },
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``reference/add_n.h``, which begins an int8 sum at minus the zero point instead of 0."""
    target = ctx.graph.output(op)
    sources = [ctx.graph.tensor(i) for i in op.inputs if i >= 0]
    require(len(sources) == len(op.inputs) >= 2, f"it has {len(sources)} inputs", "convert the model again")
    for source in sources:
        require(source.dtype is target.dtype, "its tensors have different types", CONVERT_AGAIN)
        require_shape(target, source.shape, "inputs")
    params: dict[str, ParamValue] = {"count": target.size, "inputs": len(sources)}
    if target.dtype is DType.FLOAT32:
        return Lowered((_call("tk_add_n_f32", params, sources, target),))
    quants = [int8_quantization(s) for s in sources]
    first, output = quants[0], int8_quantization(target)
    require(
        all((q.scale, q.zero_point) == (first.scale, first.zero_point) for q in quants),
        "its inputs have different quantizations",
        "convert the model again",
    )
    multiplier, shift = sum_multiplier(first, output)
    start = -(len(sources) + 1) * first.zero_point
    params |= {"start": start, "multiplier": multiplier, "shift": shift, "zero": output.zero_point}
    return Lowered((_call("tk_add_n_s8", params, sources, target),))


def _call(kernel: str, params: dict[str, ParamValue], sources: list[Tensor], target: Tensor) -> KernelCall:
    overlaps = tuple(elementwise_overlap(s, target) for s in {s.id: s for s in sources}.values())
    return KernelCall(kernel, params, (Out(target.id), *(In(s.id) for s in sources)), overlaps=overlaps)
