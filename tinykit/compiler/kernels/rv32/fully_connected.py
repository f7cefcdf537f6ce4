"""FULLY_CONNECTED, and a CONV_2D of one window, which is the same."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.rv32.output import is_rv32, rv32_output
from tinykit.compiler.kernels.variants import SumTask, variant_of

UNITS = 16
"""In a block."""


@variant_of("FULLY_CONNECTED")
def fully_connected(task: SumTask) -> KernelCall | None:
    """Sixteen units at a time."""
    return _dense(task, task.axes[1].size)


@variant_of("CONV_2D")
def one_window(task: SumTask) -> KernelCall | None:
    """A convolution of a window as large as the image."""
    if any(a.out != 1 or a.before != 0 or a.size != a.window or a.dilation != 1 for a in task.axes):
        return None
    return _dense(task, task.layer.source.shape[0])


def _dense(task: SumTask, batches: int) -> KernelCall | None:
    layer = task.layer
    units, depth = layer.rows.shape
    if not is_rv32(task.target):
        return None
    output = rv32_output(task, shared=True)
    step = 0
    if output is None:
        output = rv32_output(task)
        step = 2
    if output is None:
        return None
    # Inputs that are `zero` cost nothing; it is the input's zero point where that is what RELU makes of many.
    zero = -128 if int8_quantization(layer.source).zero_point == -128 else 0
    sums = layer.rows.astype(np.int64).sum(axis=1)
    constants = output.channels[:, 1:] if step else output.channels[:1, 1:]
    weights, instructions = layer.rows.reshape(-1), 30 + units * (14 + 8 * depth)
    if units >= UNITS:
        order = [*range(0, units - UNITS, UNITS), units - UNITS]
        weights = np.concatenate([layer.rows[first : first + UNITS].T.reshape(-1) for first in order])
        instructions = len(order) * (75 + 51 * depth + 3 * (depth // 2))
    params: dict[str, ParamValue] = {
        "batches": uint16(batches, "batch count"),
        "depth": uint16(depth, "input size"),
        "units": uint16(units, "output size"),
        "zero": zero,
        "clamp_min": output.low,
        "clamp_max": output.high,
        "rounded": int(output.rounded),
        "step": step,
        "weights": ConstArray("int8_t", weights),
        "begin": ConstArray("int32_t", (output.channels[:, 0] + zero * sums).astype(np.int32)),
        "constants": ConstArray("int32_t", constants.reshape(-1), "tables"),
    }
    outputs = -(-units // UNITS) * (20 + min(units, UNITS) * (16 + output.instructions))
    return KernelCall(
        "tk_fully_connected_rv32_s8",
        params,
        layer.args,
        variant="rv32",
        instructions=batches * (20 + instructions + outputs),
        code=960,
        overlaps=(window_overlap(layer.source, layer.target, task.axes, ahead=1),),
    )
