"""AVERAGE_POOL_2D and MAX_POOL_2D, int8, int16 and float32, and L2_POOL_2D, float32.

Source: TensorFlow Lite ``reference/integer_ops/pooling.h`` and ``reference/pooling.h``. None rescales: input and output
have the same quantization.
"""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import (
    CLAMP_REFUSES,
    CONVERT_AGAIN,
    float_clamp,
    input_tensor,
    int8_clamp,
    int16_clamp,
    quantization,
    require,
    uint16,
)
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import with_variants
from tinykit.compiler.kernels.window import geometry, window_axes
from tinykit.graph.options import Pool2DOptions
from tinykit.graph.types import DType, Op, Tensor

_KERNELS = {
    ("AVERAGE_POOL_2D", DType.INT8): "tk_average_pool2d_s8",
    ("AVERAGE_POOL_2D", DType.FLOAT32): "tk_average_pool2d_f32",
    ("AVERAGE_POOL_2D", DType.INT16): "tk_average_pool2d_s16",
    ("L2_POOL_2D", DType.FLOAT32): "tk_l2_pool2d_f32",
    ("MAX_POOL_2D", DType.INT16): "tk_max_pool2d_s16",
    ("MAX_POOL_2D", DType.INT8): "tk_max_pool2d_s8",
    ("MAX_POOL_2D", DType.FLOAT32): "tk_max_pool2d_f32",
}


_REFUSES = {**CLAMP_REFUSES, "sizes above 65535": "make the layer smaller"}


@lowers(
    "AVERAGE_POOL_2D",
    "MAX_POOL_2D",
    types=same_types(DType.INT8, DType.INT16, DType.FLOAT32),
    takes="any window and stride; SAME, VALID",
    refuses={
        **_REFUSES,
        "int8 or int16 outputs of another quantization than the input's": "convert the model again",
        "int16 windows of 65535 elements or more": "use a smaller window",
    },
)
@lowers("L2_POOL_2D", types=same_types(DType.FLOAT32), takes="any window and stride; SAME, VALID", refuses=_REFUSES)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, Pool2DOptions)
    source = input_tensor(ctx, op, 0, "input")
    dtype = source.dtype
    target = ctx.graph.output(op)
    options = op.options
    axes = window_axes(source, target, options.window, options.stride, (1, 1), options.padding)
    require(
        target.shape[3] == source.shape[3],
        f"input {list(source.shape)} and output {list(target.shape)} are not two images of the same depth",
        CONVERT_AGAIN,
    )
    window: dict[str, ParamValue] = {
        name: value for name, value in geometry(source.shape[0], axes).items() if not name.startswith("dilation")
    }
    window["channels"] = uint16(source.shape[3], "channel count")
    activation = options.activation
    bounds: tuple[float, float]
    if dtype is DType.FLOAT32:
        bounds = float_clamp(activation)
    else:
        bounds = int8_clamp(activation, target) if dtype is DType.INT8 else int16_clamp(activation, target)
        _require_same_quantization(source, target)
        area = options.window[0] * options.window[1]
        # Sums of int16 fit 32 bits up to here.
        require(dtype is DType.INT8 or area < 65535, f"its window has {area} elements", "use a smaller window")
    params: dict[str, ParamValue] = {"window": window, "clamp_min": bounds[0], "clamp_max": bounds[1]}
    overlap = window_overlap(source, target, axes, ahead=0)
    args = (In(source.id), Out(target.id))
    return with_variants(ctx.target, KernelCall(_KERNELS[op.kind, dtype], params, args, overlaps=(overlap,)))


def _require_same_quantization(source: Tensor, target: Tensor) -> None:
    first, second = quantization(source), quantization(target)
    require(
        abs(float(first.scale) - float(second.scale)) <= 1e-6 and first.zero_point == second.zero_point,
        f"its output is quantized by scale {second.scale} and zero point {second.zero_point}, its input by "
        f"{first.scale} and {first.zero_point}",
        "convert the model again",
    )
