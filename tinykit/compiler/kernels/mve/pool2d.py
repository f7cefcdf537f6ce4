"""AVERAGE_POOL_2D and MAX_POOL_2D, int8, with Helium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.variants import CallTask, variant_of

_MOST_SUMMED = 255
"""int8 values whose sum fits 16 bits."""


@variant_of("tk_average_pool2d_s8")
def average(task: CallTask) -> KernelCall | None:
    """The kernel's call; None for other cores, and for windows whose sum may not fit 16 bits."""
    window = cast("Mapping[str, int]", task.call.params["window"])
    if "mve" not in task.target.features or window["k_h"] * window["k_w"] > _MOST_SUMMED:
        return None
    groups = -(-window["channels"] // 8)
    rows = 1 if window["k_w"] == window["in_w"] else window["k_h"]
    pixel = groups * (25 + 12 * rows + 5 * window["k_h"] * window["k_w"]) + 18 * window["channels"] + 60
    return replace(
        task.call,
        kernel="tk_average_pool2d_mve_s8",
        variant="mve",
        instructions=window["batches"] * window["out_h"] * window["out_w"] * pixel + 100,
        code=452,
    )


@variant_of("tk_max_pool2d_s8")
def largest(task: CallTask) -> KernelCall | None:
    """The kernel's call; None for other cores."""
    if "mve" not in task.target.features:
        return None
    window = cast("Mapping[str, int]", task.call.params["window"])
    groups = -(-window["channels"] // 16)
    pixel = groups * (15 + window["k_h"] * (12 + 5 * window["k_w"])) + 50
    return replace(
        task.call,
        kernel="tk_max_pool2d_mve_s8",
        variant="mve",
        instructions=window["batches"] * window["out_h"] * window["out_w"] * pixel + 100,
        code=412,
    )
