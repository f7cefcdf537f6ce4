"""AVERAGE_POOL_2D and MAX_POOL_2D, int8, with Helium."""

from __future__ import annotations

from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.pool_variant import MOST_SUMMED, pool_variant, window_of
from tinykit.compiler.kernels.variants import CallTask, variant_of


@variant_of("tk_average_pool2d_s8")
def average(task: CallTask) -> KernelCall | None:
    """The kernel's call; None for other cores, and for windows whose sum may not fit 16 bits."""
    window = window_of(task)
    if "mve" not in task.target.features or window["k_h"] * window["k_w"] > MOST_SUMMED:
        return None
    groups = -(-window["channels"] // 8)
    rows = 1 if window["k_w"] == window["in_w"] else window["k_h"]
    pixel = groups * (25 + 12 * rows + 5 * window["k_h"] * window["k_w"]) + 18 * window["channels"] + 60
    return pool_variant(task, "tk_average_pool2d_mve_s8", "mve", pixel, 452)


@variant_of("tk_max_pool2d_s8")
def largest(task: CallTask) -> KernelCall | None:
    """The kernel's call; None for other cores."""
    if "mve" not in task.target.features:
        return None
    window = window_of(task)
    groups = -(-window["channels"] // 16)
    pixel = groups * (15 + window["k_h"] * (12 + 5 * window["k_w"])) + 50
    return pool_variant(task, "tk_max_pool2d_mve_s8", "mve", pixel, 412)
