"""What kernels for special cores have in common where they pool: a portable pooling's call, made theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.variants import CallTask

MOST_SUMMED = 255
"""int8 values whose sum fits 16 bits."""


def window_of(task: CallTask) -> Mapping[str, int]:
    """The fields of the portable kernel's ``tk_pool2d_window``."""
    return cast("Mapping[str, int]", task.call.params["window"])


def pool_variant(
    task: CallTask, kernel: str, variant: str, pixel: int, code: int, shares: Mapping[str, int] | None = None
) -> KernelCall:
    """The call of another kernel with the same parameters.

    Args:
        pixel: instructions for all channels of an output pixel.
        code, shares: as of ``KernelCall``.
    """
    window = window_of(task)
    return replace(
        task.call,
        kernel=kernel,
        variant=variant,
        instructions=window["batches"] * window["out_h"] * window["out_w"] * pixel + 100,
        code=code,
        shares=shares or {},
    )
