"""AVERAGE_POOL_2D and MAX_POOL_2D, int8."""

from __future__ import annotations

from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.dsp.output import is_dsp
from tinykit.compiler.kernels.pool_variant import MOST_SUMMED, pool_variant, window_of
from tinykit.compiler.kernels.variants import CallTask, variant_of

_SHARED = {"tk_dsp_pool": 196}


@variant_of("tk_average_pool2d_s8")
def average(task: CallTask) -> KernelCall | None:
    """Four channels at a time; None for windows whose sum may not fit 16 bits."""
    window = window_of(task)
    rows, taps = window["k_h"], window["k_h"] * window["k_w"]
    if not is_dsp(task.target) or taps > MOST_SUMMED:
        return None
    groups, rest = divmod(window["channels"], 4)
    pixel = 55 + groups * (112 + 5 * rows + 6 * taps) + rest * (42 + 5 * rows + 6 * taps)
    return pool_variant(task, "tk_average_pool2d_dsp_s8", "dsp", pixel, 280, _SHARED)


@variant_of("tk_max_pool2d_s8")
def largest(task: CallTask) -> KernelCall | None:
    """Four channels at a time."""
    if not is_dsp(task.target):
        return None
    window = window_of(task)
    groups, rest = divmod(window["channels"], 4)
    pixel = 50 + (groups + rest) * (16 + 5 * window["k_h"] + 6 * window["k_h"] * window["k_w"])
    return pool_variant(task, "tk_max_pool2d_dsp_s8", "dsp", pixel, 240, _SHARED)
