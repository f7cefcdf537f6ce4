"""AVERAGE_POOL_2D and MAX_POOL_2D, int8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.dsp.output import is_dsp
from tinykit.compiler.kernels.variants import CallTask, variant_of

_MOST_SUMMED = 255
"""int8 values whose sum fits 16 bits."""
_SHARED = {"tk_dsp_pool": 196}


@variant_of("tk_average_pool2d_s8")
def average(task: CallTask) -> KernelCall | None:
    """Four channels at a time; None for windows whose sum may not fit 16 bits."""
    window = cast("Mapping[str, int]", task.call.params["window"])
    taps = window["k_h"] * window["k_w"]
    if not is_dsp(task.target) or taps > _MOST_SUMMED:
        return None
    groups, rest = divmod(window["channels"], 4)
    rows = window["k_h"]
    pixel = 55 + groups * (112 + 5 * rows + 6 * taps) + rest * (42 + 5 * rows + 6 * taps)
    return replace(
        task.call,
        kernel="tk_average_pool2d_dsp_s8",
        variant="dsp",
        instructions=window["batches"] * window["out_h"] * window["out_w"] * pixel + 100,
        code=280,
        shares=_SHARED,
    )


@variant_of("tk_max_pool2d_s8")
def largest(task: CallTask) -> KernelCall | None:
    """Four channels at a time."""
    if not is_dsp(task.target):
        return None
    window = cast("Mapping[str, int]", task.call.params["window"])
    taps = window["k_h"] * window["k_w"]
    groups, rest = divmod(window["channels"], 4)
    pixel = 50 + (groups + rest) * (16 + 5 * window["k_h"] + 6 * taps)
    return replace(
        task.call,
        kernel="tk_max_pool2d_dsp_s8",
        variant="dsp",
        instructions=window["batches"] * window["out_h"] * window["out_w"] * pixel + 100,
        code=240,
        shares=_SHARED,
    )
