"""FULLY_CONNECTED, int8, int16 with int8 weights, and float32."""

from __future__ import annotations

from dataclasses import replace

from tinykit.compiler.kernels.base import ConstArray, KernelCall, LowerContext, Lowered, ParamValue, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, require, uint16
from tinykit.compiler.kernels.conv2d import conv2d
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.plain_sums import plain_sums
from tinykit.compiler.kernels.sums import SUM_REFUSES, SUM_TYPES, SumLayer, output_s8, pack_rows, sum_layer
from tinykit.compiler.kernels.sums16 import conv2d_s16
from tinykit.compiler.kernels.variants import SumTask, alternatives, room_beside
from tinykit.compiler.kernels.window import Axis
from tinykit.graph.options import FullyConnectedOptions
from tinykit.graph.types import DType, Op


@lowers(
    "FULLY_CONNECTED",
    types=SUM_TYPES,
    takes="any batch; weights per tensor, also with a zero point, or per channel, constant or computed; int4 weights "
    "of int8 layers, which become int8 in flash unless the model is made small",
    refuses={
        **{what: hint for what, hint in SUM_REFUSES.items() if "weights with" not in what},
        "weights of other than two dimensions": "reshape them to two",
        "int4 weights with a scale per channel": "quantize them per tensor, or to int8",
        "a shuffled weights format": "convert the model again",
    },
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, FullyConnectedOptions)
    require(op.options.weights_format == 0, "its weights are in a shuffled format", "convert the model again")
    layer = sum_layer(ctx, op, op.options.activation, dimensions=2, channel_axis=0, computed=True)
    source, target = layer.source, layer.target
    units, depth = layer.filters.shape
    require(
        depth > 0 and source.size % depth == 0 and target.size == source.size // depth * units,
        f"input {list(source.shape)}, weights {list(layer.filters.shape)} and output {list(target.shape)} do not match",
        CONVERT_AGAIN,
    )
    batches = source.size // depth
    # one dense layer per batch is a 1x1 convolution over a row of `batches` pixels
    axes = (Axis(1, 1, 1, 1, 1, 0), Axis(batches, batches, 1, 1, 1, 0))
    layer = replace(
        layer,
        source=replace(source, shape=(1, 1, batches, depth)),
        target=replace(target, shape=(1, 1, batches, units)),
    )
    zero_point = 0
    if source.dtype is not DType.FLOAT32:
        zero_point = layer.weight_quantization(zero_point=True).zero_point
    require(
        layer.packed is None or not layer.weight_quantization(zero_point=True).per_channel,
        "its int4 weights have a scale per channel, which TFLite-Micro refuses, too",
        "quantize them per tensor, or to int8",
    )
    as_convolution = replace(layer, filters=layer.filters.reshape(units, 1, 1, depth))
    if source.dtype is DType.INT16:
        return Lowered((conv2d_s16(as_convolution, axes, weights_zero_point=zero_point),))
    if zero_point != 0 or not layer.weights.is_constant:
        return Lowered((plain_sums(as_convolution, axes, weights_zero_point=zero_point),))
    if source.dtype is DType.INT8:
        multipliers = dense_multipliers(layer)
        task = SumTask(ctx.target, layer, axes, layer.folded_bias(), multipliers, room_beside(ctx, layer))
        ways = alternatives("FULLY_CONNECTED", task)
        if layer.packed is not None:
            ways += ((plain_sums(as_convolution, axes),),)
        return Lowered((_fully_connected_s8(task, batches),), alternatives=ways)
    return conv2d(ctx, as_convolution, axes)


def dense_multipliers(layer: SumLayer) -> list[tuple[int, int]]:
    """(multiplier, shift) per unit, or one for all.

    TFLite-Micro multiplies the scales in double precision where there is one for all, too, as measured with scales of
    which single precision gives another multiplier.
    """
    pairs = layer.multipliers()
    return pairs if layer.weight_quantization().per_channel else pairs[:1]


def _fully_connected_s8(task: SumTask, batches: int) -> KernelCall:
    layer = task.layer
    units, depth = layer.filters.shape
    params: dict[str, ParamValue] = {
        "batches": uint16(batches, "batch count"),
        "depth": uint16(depth, "input size"),
        "units": uint16(units, "output size"),
        "weights": ConstArray("int8_t", pack_rows(layer.rows, 8)),
        "output": output_s8(layer, task.bias, task.pairs),
    }
    overlap = window_overlap(layer.source, layer.target, task.axes, ahead=1)
    return KernelCall("tk_fully_connected_s8", params, layer.args, overlaps=(overlap,))
