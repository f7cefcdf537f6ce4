"""FULLY_CONNECTED, and CONV_2D of a whole image to one pixel, int8, with Helium: tk_fully_connected_mve_s8."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue, Refusal
from tinykit.compiler.kernels.checks import uint16
from tinykit.compiler.kernels.mve.output import SATURATED, vector_output
from tinykit.compiler.kernels.variants import SumTask, variant_of

_CHUNK, _BLOCK = 16, 8
_ORDER = np.array([0, 2, 4, 6, 1, 3, 5, 7])
"""Of units in a block: two vectors of sums are narrowed into one, taking turns."""


@variant_of("FULLY_CONNECTED", "CONV_2D")
def offer(task: SumTask) -> KernelCall | None:
    """The kernel's call for a layer; None for other cores, and for convolutions that have more than one window."""
    if "mve" not in task.target.features:
        return None
    layer = task.layer
    units, depth = layer.rows.shape
    if any(axis.window != axis.size or axis.before or axis.dilation > 1 for axis in task.axes) and not _is_dense(task):
        return None
    batches = layer.target.size // units
    output = vector_output(task)
    per_channel = len(set(zip(output.multiplier.tolist(), output.shift.tolist(), strict=True))) > 1
    picked = _picked(units)
    shared = picked if per_channel else picked[:_BLOCK]
    try:
        params: dict[str, ParamValue] = {
            "batches": uint16(batches, "batch count"),
            "depth": uint16(depth, "input size"),
            "units": uint16(units, "output size"),
            "per_channel": int(per_channel),
            "saturated": int(output.finish == SATURATED),
            **output.params,
            "weights": ConstArray("int8_t", _pack(layer.rows)),
            "bias": ConstArray("int32_t", output.bias[picked].astype(np.int32)),
            "multiplier": ConstArray("int32_t", output.multiplier[shared].astype(np.int32), "tables"),
            "shift": ConstArray("int8_t", output.shift[shared].astype(np.int8), "tables"),
        }
    except Refusal:
        return None  # the portable kernel's lowering says why
    return KernelCall(
        "tk_fully_connected_mve_s8",
        params,
        layer.args,
        variant="mve",
        instructions=batches * _instructions(units, depth, output.finish == SATURATED) + 60,
        code=904,
    )


def _is_dense(task: SumTask) -> bool:
    return all(axis.window == axis.stride == 1 and axis.before == 0 and axis.size == axis.out for axis in task.axes)


def _picked(units: int) -> np.ndarray:
    """Numbers of the units in the order in which the kernel wants them, the last one repeated."""
    blocks = np.arange(0, units, _BLOCK)[:, None] + _ORDER
    numbers: np.ndarray = np.minimum(blocks, units - 1).reshape(-1)
    return numbers


def _pack(rows: np.ndarray) -> np.ndarray:
    """Filters, shape (units, depth), as tk_mve_dense reads them."""
    units, depth = rows.shape
    full = depth // _CHUNK * _CHUNK
    packed = np.zeros((units, -(-depth // _CHUNK), _CHUNK), np.int8)
    packed[:, : full // _CHUNK] = rows[:, :full].reshape(units, -1, _CHUNK)
    if depth > full:
        packed[:, -1, full - depth :] = rows[:, full:]
    blocks = packed[_picked(units)].reshape(-1, _BLOCK, packed.shape[1], _CHUNK)
    return np.ascontiguousarray(blocks.transpose(0, 2, 1, 3)).reshape(-1)


def _instructions(units: int, depth: int, saturated: bool) -> int:
    """For one batch: counted in the assembly."""
    chunks, tail = divmod(depth, _CHUNK)
    block = 3 + 17 * chunks + 2 * -(-chunks // 4) + (21 if tail else 3) + 15 + (8 if saturated else 26) + 5
    return -(-units // _BLOCK) * block + 80 + (45 if depth < _CHUNK else 0)
