"""AVERAGE_POOL_2D and MAX_POOL_2D, int8 and float32.

Source: TensorFlow Lite ``reference/integer_ops/pooling.h`` and ``reference/pooling.h``. Neither rescales: TFLite
gives input and output the same quantization, and TFLite-Micro does not look.
"""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import (
    CLAMP_REFUSES,
    CONVERT_AGAIN,
    float_clamp,
    input_tensor,
    int8_clamp,
    require,
    uint16,
)
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import with_variants
from tinykit.compiler.kernels.window import geometry, window_axes
from tinykit.graph.options import Pool2DOptions
from tinykit.graph.types import DType, Op

_KERNELS = {
    ("AVERAGE_POOL_2D", DType.INT8): "tk_average_pool2d_s8",
    ("AVERAGE_POOL_2D", DType.FLOAT32): "tk_average_pool2d_f32",
    ("MAX_POOL_2D", DType.INT8): "tk_max_pool2d_s8",
    ("MAX_POOL_2D", DType.FLOAT32): "tk_max_pool2d_f32",
}


@lowers(
    "AVERAGE_POOL_2D",
    "MAX_POOL_2D",
    takes="any window and stride; SAME, VALID; int8 is never rescaled",
    refuses={
        **CLAMP_REFUSES,
        "sizes above 65535": "make the layer smaller",
    },
)
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
    bounds: tuple[float, float] = int8_clamp(activation, target) if dtype is DType.INT8 else float_clamp(activation)
    params: dict[str, ParamValue] = {"window": window, "clamp_min": bounds[0], "clamp_max": bounds[1]}
    overlap = window_overlap(source, target, axes, ahead=0)
    args = (In(source.id), Out(target.id))
    return with_variants(ctx.target, KernelCall(_KERNELS[op.kind, dtype], params, args, overlaps=(overlap,)))
