"""DEPTHWISE_CONV_2D of any window."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.dsp.output import ANY, DspOutput, dsp_output, is_dsp
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import geometry


@variant_of("DEPTHWISE_CONV_2D")
def depthwise(task: SumTask) -> KernelCall | None:
    """Four channels of a pixel at a time, two taps in a step."""
    layer = task.layer
    if not is_dsp(task.target) or layer.channels < 4:
        return None
    output = dsp_output(task)
    if output is None or output.finish == ANY:
        return None
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], task.axes),
        "channels": uint16(layer.channels, "channel count"),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "zero_point": output.fields["zero_point"],
        "stream": ConstArray("uint32_t", _stream(output)),
    }
    taps = output.rows.shape[1]
    pairs = -(-taps // 2)
    groups = -(-layer.channels // 4)
    pixel = 60 + 9 * taps + 12 * task.axes[0].window + groups * (54 + 20 * pairs + 3 * -(-pairs // 4))
    return KernelCall(
        "tk_depthwise_dsp_s8",
        params,
        layer.args,
        scratch=8 * pairs + layer.channels,
        overlaps=(window_overlap(layer.source, layer.target, task.axes, ahead=1 if layer.channels % 4 else 0),),
        variant="dsp",
        instructions=layer.target.size // layer.channels * pixel,
        code=894,
    )


def _stream(output: DspOutput) -> np.ndarray:
    """Groups of four channels: two words for each pair of taps, then constants."""
    channels, taps = output.rows.shape
    rows = np.pad(output.rows, ((0, 0), (0, taps % 2))).astype(np.int8)
    groups = []
    for first in [*range(0, channels - 3, 4), *([channels - 4] if channels % 4 else [])]:
        # (channel pair, channel, tap pair, tap) to (tap pair, channel pair, tap, channel)
        group = rows[first : first + 4].reshape(2, 2, -1, 2).transpose(2, 0, 3, 1)
        groups.append(np.ascontiguousarray(group).reshape(-1).view("<u4"))
        groups.append(output.constants[first : first + 4].reshape(-1).view(np.uint32))
    return np.concatenate(groups).astype(np.uint32)
