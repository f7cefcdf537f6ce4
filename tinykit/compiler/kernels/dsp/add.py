"""ADD and SUB, int8, of equal shapes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import cast

import numpy as np

from tinykit.compiler.kernels.arithmetic import QUANTIZED
from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.dsp.output import is_dsp
from tinykit.compiler.kernels.variants import CallTask, variant_of

_SHIFT = 20
"""Bits after the point of sums."""
_PRODUCT_SHIFT = 8
"""Bits that a product loses before it is added."""


@variant_of("tk_add_s8")
def add(task: CallTask) -> KernelCall | None:
    """Four elements at a time; None for operands that are repeated, and where the arithmetic is not exact."""
    params = cast("dict[str, int]", dict(task.call.params))
    rows = math.prod(cast("tuple[int, ...]", task.call.params["count"]))
    if not is_dsp(task.target) or rows > 1 or not params["step_b"] or (params["low"], params["high"]) != (-128, 127):
        return None
    fields = _fixed_point(params["scale_a"], params["scale_b"], params["offset"], params["shift"])
    if fields is None:
        return None
    groups, rest = divmod(params["row"], 4)
    return replace(
        task.call,
        kernel="tk_add_dsp_s8",
        params={"count": params["row"], **fields},
        variant="dsp",
        instructions=12 + 24 * groups + 10 * rest,
        code=150,
    )


def _fixed_point(scale_a: int, scale_b: int, offset: int, shift: int) -> dict[str, int] | None:
    """Factors and offset with which the kernel gives ``(a * scale_a + b * scale_b + offset) >> shift``, clamped.

    For given factors every pair of operands confines the offset to an interval. Any offset inside of all is right. With
    other factors than the nearest, sums that lie exactly between two outputs go up or down as they should.

    Returns:
        None where factors do not fit 32 bits, or sums might not, or the intervals have nothing in common.
    """
    exact = QUANTIZED[:, None] * scale_a + QUANTIZED[None, :] * scale_b + offset
    want = np.clip(exact >> shift, -128, 127)
    nearest = [round(scale * 2.0 ** (_SHIFT + _PRODUCT_SHIFT - shift)) for scale in (scale_a, scale_b)]
    steps = [(i, j) for i in range(-2, 3) for j in range(-2, 3)]
    for i, j in sorted(steps, key=lambda s: abs(s[0]) + abs(s[1])):
        a, b = (n + step * 2**_PRODUCT_SHIFT for n, step in zip(nearest, (i, j), strict=True))
        if max(abs(a), abs(b)) >= 2**31:
            continue
        total = (QUANTIZED[:, None] * a >> _PRODUCT_SHIFT) + (QUANTIZED[None, :] * b >> _PRODUCT_SHIFT)
        at_least = int(np.where(want > -128, (want << _SHIFT) - total, -(2**31)).max())
        below = int(np.where(want < 127, ((want + 1) << _SHIFT) - total, 2**31).min())
        middle = (at_least + below) // 2
        reach = abs(middle) + 128 * (abs(a) + abs(b)) // 2**_PRODUCT_SHIFT + 2
        if at_least < below and reach < 2**31:
            return {"scale_a": a, "scale_b": b, "offset": middle}
    return None
