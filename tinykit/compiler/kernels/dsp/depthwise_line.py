"""DEPTHWISE_CONV_2D along one axis: signals over time, and separable windows."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.dsp.output import ANY, SIGNED, DspOutput, dsp_output, is_dsp
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import Axis


@variant_of("DEPTHWISE_CONV_2D")
def depthwise_line(task: SumTask) -> KernelCall | None:
    """Four channels of a line taken apart in scratch memory; two outputs, and two taps, at a time."""
    layer = task.layer
    along = _line(task.axes)
    if not is_dsp(task.target) or layer.channels < 4 or along is None or along.dilation > 1:
        return None
    pairs = -(-along.window // 2)
    positions = ((along.out - 1) | 1) * along.stride + 2 * pairs
    output = dsp_output(task) if along.before < positions else None
    if output is None or output.finish == ANY:
        return None
    lines = layer.source.size // (along.size * layer.channels)
    params: dict[str, ParamValue] = {
        "lines": lines,
        "in_n": uint16(along.size, "length"),
        "out_n": uint16(along.out, "length"),
        "channels": uint16(layer.channels, "channel count"),
        "taps": uint16(along.window, "window"),
        "stride": uint16(along.stride, "stride"),
        "pad": uint16(along.before, "padding"),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "zero_point": output.fields["zero_point"],
        "is_signed": int(output.finish == SIGNED),
        "stream": ConstArray("uint32_t", _stream(output)),
    }
    is_signed = output.finish == SIGNED
    groups = -(-layer.channels // 4)
    split = 25 + 17 * (along.size // 2) + 9 * (along.size % 2)
    two = 18 + 5 * pairs + 2 * -(-pairs // 4) + 2 * is_signed
    channel = 21 + 8 * -(-pairs // 2) + -(-along.out // 2) * two
    # A line of four channels is read before it is written, and no other channel where it is written.
    in_place = layer.channels % 4 == 0 and along.out <= along.size
    return KernelCall(
        "tk_depthwise_line_dsp_s8",
        params,
        layer.args,
        scratch=16 * -(-along.window // 4) + 8 * (positions + positions % 2),
        in_place=((layer.source.id, layer.target.id),) if in_place else (),
        variant="dsp",
        instructions=80 + 10 * positions + lines * groups * (50 + split + 4 * channel),
        code=546,
        shares={f"tk_dsp_line_{output.finish}": 150 if is_signed else 142},
    )


def _line(axes: tuple[Axis, Axis]) -> Axis | None:
    """The axis along which windows reach, where each line along it is by itself, one behind the other in memory."""
    height, width = axes
    if height.is_pointwise:
        return width
    return height if width.is_pointwise and width.size == 1 else None


def _stream(output: DspOutput) -> np.ndarray:
    """Of each channel a word for four taps, and its constants; the last group of four channels may repeat some."""
    channels, taps = output.rows.shape
    rows = np.pad(output.rows, ((0, 0), (0, -taps % 4))).astype(np.int8)
    words = np.ascontiguousarray(rows.reshape(channels, -1, 4)[:, :, [0, 2, 1, 3]]).reshape(channels, -1).view("<u4")
    streams = np.concatenate([words, output.constants.view(np.uint32)], axis=1).astype(np.uint32)
    rest = channels % 4
    order = [*range(channels - rest), *(range(channels - 4, channels) if rest else ())]
    return streams[order]
