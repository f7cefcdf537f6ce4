"""BATCH_MATMUL."""

from __future__ import annotations

from tinykit.compiler.kernels.arithmetic import int16_quantization, require_symmetric
from tinykit.compiler.kernels.base import (
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    ParamValue,
    Refusal,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.broadcast import merge_dimensions, merged_shape, strides
from tinykit.compiler.kernels.checks import (
    CONVERT_AGAIN,
    int8_quantization,
    operands,
    require,
    require_shape,
    scale_multiplier,
)
from tinykit.graph.options import BatchMatMulOptions
from tinykit.graph.types import DType, Op, Tensor

# TK_BROADCAST_DIMS
_LOOPS = 4
_RANKS = range(2, 6)
_KERNELS = {
    DType.INT8: "tk_batch_matmul_s8",
    DType.INT16: "tk_batch_matmul_s16",
    DType.FLOAT32: "tk_batch_matmul_f32",
}


@lowers(
    "BATCH_MATMUL",
    types=same_types(DType.INT8, DType.FLOAT32, DType.INT16),
    takes="2 to 5 dimensions; broadcasting of the batch; adjoint operands; constants; int16 of zero points 0",
    refuses={"int16 scales of which the output's is below 2^-14 of the inputs' product": "quantize the model again"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``batch_matmul.cc`` and ``reference/batch_matmul.h`` of TFLite-Micro."""
    assert isinstance(op.options, BatchMatMulOptions)
    first, second, target = operands(ctx, op, 2)
    require(second.dtype is first.dtype, f"its inputs are {first.dtype.label} and {second.dtype.label}", CONVERT_AGAIN)
    ranks = (len(first.shape), len(second.shape))
    require(all(r in _RANKS for r in ranks), f"its inputs have {ranks[0]} and {ranks[1]} dimensions", "use 2 to 5")
    (rows, depth), (inner, columns) = first.shape[-2:], second.shape[-2:]
    row_a, depth_a, depth_b, column_b = depth, 1, columns, 1
    if op.options.adjoint_x:
        rows, depth, row_a, depth_a = depth, rows, 1, depth
    if op.options.adjoint_y:
        inner, columns, depth_b, column_b = columns, inner, 1, columns
    batch = merged_shape(first.shape[:-2], second.shape[:-2])
    if batch is None or inner != depth:
        raise Refusal(f"its inputs {list(first.shape)} and {list(second.shape)} do not match", CONVERT_AGAIN)
    require_shape(target, (*batch, rows, columns), "inputs")
    loops = merge_dimensions(first.shape[:-2], second.shape[:-2])
    loops += [(1, (False, False))] * (_LOOPS - len(loops))
    step_a, step_b = (strides([(size, advances[i]) for size, advances in loops]) for i in (0, 1))
    matrix_a, matrix_b = rows * depth, depth * columns
    params: dict[str, ParamValue] = {
        "rows": rows,
        "columns": columns,
        "depth": depth,
        "row_a": row_a,
        "depth_a": depth_a,
        "depth_b": depth_b,
        "column_b": column_b,
        "count": tuple(size for size, _ in loops),
        "stride_a": tuple(s * matrix_a for s in step_a),
        "stride_b": tuple(s * matrix_b for s in step_b),
    }
    if first.dtype is not DType.FLOAT32:
        params |= _quantized(first, second, target)
    return Lowered((KernelCall(_KERNELS[first.dtype], params, (In(first.id), In(second.id), Out(target.id))),))


def _quantized(first: Tensor, second: Tensor, target: Tensor) -> dict[str, ParamValue]:
    of = int8_quantization if first.dtype is DType.INT8 else int16_quantization
    a, b, out = of(first), of(second), of(target)
    # the product in double precision, as measured; versions before 2026 took single precision
    multiplier, shift = scale_multiplier(float(a.scale) * float(b.scale) / float(out.scale))
    if first.dtype is DType.INT8:
        return {
            "zero_a": a.zero_point,
            "zero_b": b.zero_point,
            "zero": out.zero_point,
            "multiplier": multiplier,
            "shift": shift,
        }
    require_symmetric(a, b, out)
    require(shift < 15, f"its output's scale {out.scale} is too small", "quantize the model again")
    # TFLite-Micro's multiplier of 64-bit sums has 16 bits
    reduced = (multiplier + (1 << 15)) >> 16 if multiplier < 0x7FFF0000 else 0x7FFF
    return {"multiplier": reduced, "shift": 15 - shift}
