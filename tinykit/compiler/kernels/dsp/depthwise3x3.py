"""DEPTHWISE_CONV_2D of window 3x3 and stride 1 or 2."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.dsp.output import ANY, RELU, SIGNED, dsp_output, is_dsp
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of

_SCRATCH = 1024  # bytes that a block of channels may take, if it is not a single group of four


@variant_of("DEPTHWISE_CONV_2D")
def depthwise3x3(task: SumTask) -> KernelCall | None:
    """Columns of inputs as pairs of rows, blocks of channels."""
    layer = task.layer
    height, width = task.axes
    if not is_dsp(task.target) or height.stride != width.stride or height.stride > 2:
        return None
    if any(axis.window != 3 or axis.dilation != 1 for axis in task.axes):
        return None
    output = dsp_output(task)
    if output is None or output.finish == ANY:
        return None
    stride = height.stride
    columns = (width.out - 1) * stride + 3
    if width.before >= columns:
        return None  # nothing but border
    block = min(layer.channels, max(4, _SCRATCH // (8 * columns + 1) // 4 * 4))
    params: dict[str, ParamValue] = {
        "batches": uint16(layer.source.shape[0], "batch count"),
        "in_h": uint16(height.size, "height"),
        "in_w": uint16(width.size, "width"),
        "out_h": uint16(height.out, "height"),
        "out_w": uint16(width.out, "width"),
        "channels": uint16(layer.channels, "channel count"),
        "block": block,
        "stride": stride,
        "pad_top": uint16(height.before, "padding"),
        "pad_left": uint16(width.before, "padding"),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "zero_point": output.fields["zero_point"],
        "is_signed": int(output.finish == SIGNED),
        "stream": ConstArray("uint32_t", _stream(output.rows, output.constants)),
    }
    blocks = -(-layer.channels // block)
    steps = -(-height.out // (2 if stride == 1 else 1))
    loop = (29 if stride == 1 else 19) + (4 if output.finish == SIGNED else 0) // stride
    row = layer.channels * (28 + width.out * loop) + blocks * 40
    pair = layer.channels // 4 * (13 + 18 * width.size) + layer.channels % 4 * (13 + 8 * width.size) + blocks * 60
    border = 30 + 5 * (columns - width.size if columns > width.size else 0) * 2
    total = layer.source.shape[0] * (steps * row + (steps + 1) * pair + layer.channels * border + 100)
    overlap = window_overlap(layer.source, layer.target, task.axes, ahead=0, unit="row", reads_once=True)
    return KernelCall(
        "tk_depthwise3x3_dsp_s8",
        params,
        layer.args,
        scratch=block * (8 * columns + 1),
        # A block of channels writes only where it has read, and never where another one does.
        in_place=((layer.source.id, layer.target.id),) if overlap.lead <= 0 else (),
        overlaps=(overlap,) if blocks == 1 else (),
        variant="dsp",
        instructions=total,
        code=916,
        shares=_loop_code(stride, output.finish),
    )


def _loop_code(stride: int, finish: int) -> dict[str, int]:
    """Bytes of code of the two loops that a layer uses."""
    sizes = {(1, RELU): 228, (1, SIGNED): 252, (2, RELU): 144, (2, SIGNED): 156}
    return {f"tk_dsp_depthwise3x3_{stride}_{finish}": sizes[stride, finish]}


def _stream(rows: np.ndarray, constants: np.ndarray) -> np.ndarray:
    """Of each channel three words of weights, a column each, and its constants."""
    columns = rows.reshape(-1, 3, 3).transpose(0, 2, 1)[:, :, [0, 1, 1, 2]]
    words = np.ascontiguousarray(columns.astype(np.int8)).view("<u4").reshape(-1, 3)
    return np.concatenate([words, constants.view(np.uint32)], axis=1).astype(np.uint32)
