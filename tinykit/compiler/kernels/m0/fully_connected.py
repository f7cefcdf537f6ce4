"""FULLY_CONNECTED, int8: eight units at a time, weights loaded as unsigned bytes."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import uint16
from tinykit.compiler.kernels.m0.cores import is_m0
from tinykit.compiler.kernels.m0.packing import pack_units
from tinykit.compiler.kernels.m0.steps import SHARED_CODE, find_steps
from tinykit.compiler.kernels.variants import SumTask, variant_of

_CODE = 964


@variant_of("FULLY_CONNECTED")
def fully_connected(task: SumTask) -> KernelCall | None:
    layer = task.layer
    if not is_m0(task.target):
        return None
    shared = find_steps(task, shared=True) if len(task.pairs) == 1 else None
    steps = shared or find_steps(task)
    if steps is None:
        return None
    units, depth = layer.filters.shape
    batches = task.axes[1].size
    table = steps.table()
    params: dict[str, ParamValue] = {
        "batches": uint16(batches, "batch count"),
        "depth": uint16(depth, "input size"),
        "units": uint16(units, "output size"),
        "per_channel": int(shared is None),
        "split": int(steps.bent),
        "clamp_min": steps.clamp_min,
        "clamp_max": steps.clamp_max,
        "weights": ConstArray("uint8_t", pack_units(layer.rows)),
        "bias": None if shared is None else ConstArray("int32_t", steps.bias.astype(np.int32)),
        "steps": ConstArray("uint32_t", table[:1] if shared else table, "tables"),
    }
    return KernelCall(
        "tk_fully_connected_m0_s8",
        params,
        layer.args,
        variant="m0",
        instructions=batches * _instructions(units, depth, steps.instructions + (12 if shared else 31)),
        code=_CODE,
        shares=SHARED_CODE,
    )


def _instructions(units: int, depth: int, output: int) -> int:
    """Counted in tk_fully_connected_m0_s8_asm.S; ``output`` is of one output with what surrounds it."""
    eights, rest = divmod(units, 8)
    if rest > 4:
        eights, rest = eights + 1, 0
    turns = -(-depth // 4)
    four = 12 * depth + 2 * depth + 2 * turns + 67 if rest else 0
    return eights * (26 * depth + 2 * turns + 67) + four + units * output + 5 * depth + 110
