"""TRANSPOSE_CONV, int8, int16 with int8 weights, and float32.

Its first input says of which shape the output is; TFLite-Micro does not read it.
"""

from __future__ import annotations

from tinykit.compiler.kernels.base import KernelCall, LowerContext, Lowered, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, require, uint16
from tinykit.compiler.kernels.plain_sums import plain_output
from tinykit.compiler.kernels.sums import SUM_REFUSES, sum_layer
from tinykit.compiler.kernels.sums16 import int16_scale, output_s16
from tinykit.graph.options import Padding, TransposeConvOptions
from tinykit.graph.types import DType, Op

_KERNELS = {
    DType.INT8: "tk_transpose_conv_s8",
    DType.INT16: "tk_transpose_conv_s16",
    DType.FLOAT32: "tk_transpose_conv_f32",
}


@lowers(
    "TRANSPOSE_CONV",
    types=same_types(*_KERNELS),
    takes="any stride; SAME, VALID; any output shape; weights per tensor or per channel, constant or computed",
    refuses=SUM_REFUSES,
    works_on=2,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, TransposeConvOptions)
    stride = op.options.stride
    layer = sum_layer(
        ctx, op, op.options.activation, dimensions=4, channel_axis=0, computed=True, positions=(2, 1, 3), int4=False
    )
    source, target = layer.source, layer.target
    shape = ctx.graph.input(op, 0)
    require(shape is not None and shape.dtype is DType.INT32, "the shape of its output is not int32", CONVERT_AGAIN)
    window = layer.filters.shape[1:3]
    require(
        len(source.shape) == len(target.shape) == 4
        and source.shape[0] == target.shape[0]
        and source.shape[3] == layer.filters.shape[3]
        and target.shape[3] == layer.channels,
        f"input {list(source.shape)}, weights {list(layer.filters.shape)} and output {list(target.shape)} do not match",
        CONVERT_AGAIN,
    )
    require(min(stride) >= 1 and min(window) >= 1, f"its stride is {stride} and its window {window}", CONVERT_AGAIN)
    params: dict[str, ParamValue] = {"batches": uint16(source.shape[0], "batch count")}
    for i, (name, first) in enumerate((("h", "top"), ("w", "left"))):
        params |= {
            f"in_{name}": uint16(source.shape[1 + i], "input size"),
            f"out_{name}": uint16(target.shape[1 + i], "output size"),
            f"k_{name}": uint16(window[i], "window"),
            f"stride_{name}": uint16(stride[i], "stride"),
            f"pad_{first}": uint16(_before(target.shape[1 + i], window[i], stride[i], op.options.padding), "padding"),
        }
    params |= {"in_c": uint16(source.shape[3], "input channel count"), "out_c": uint16(layer.channels, "channel count")}
    if source.dtype is DType.INT16:
        int16_scale(source)
        params["output"] = output_s16(layer, DType.INT64, DType.INT16)
    else:
        params |= plain_output(layer)
    return Lowered((KernelCall(_KERNELS[source.dtype], params, layer.args_with_weights),))


def _before(size: int, window: int, stride: int, padding: Padding) -> int:
    """Padding before an output of this size, as the convolution has that goes from it to the input.

    With VALID padding, too, TFLite-Micro computes one for outputs that are smaller than the window: its division rounds
    towards zero.
    """
    positions = -(-size // stride) if padding is Padding.SAME else int((size + stride - window) / stride)
    return max(0, (positions - 1) * stride + window - size) // 2
