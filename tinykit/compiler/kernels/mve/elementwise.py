"""ADD and SUB, int8, with Helium: tk_add_mve_s8."""

from __future__ import annotations

import math
from dataclasses import replace

from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.variants import CallTask, variant_of


@variant_of("tk_add_s8")
def add(task: CallTask) -> KernelCall | None:
    """The kernel's call; None for other cores."""
    if "mve" not in task.target.features:
        return None
    params = task.call.params
    row, count = params["row"], params["count"]
    assert isinstance(row, int) and isinstance(count, tuple)
    rows = math.prod(int(n) for n in count)
    return replace(
        task.call,
        kernel="tk_add_mve_s8",
        variant="mve",
        instructions=rows * (9 * -(-row // 4) + 50) + 40,
        code=252,
    )
