"""How sums become outputs on Arm cores with the DSP extension, and when that is exact.

The arithmetic is that of ``tk_dsp_output.h``; everything that could overflow there is excluded here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.base import Target
from tinykit.compiler.kernels.checks import int8_clamp, int8_quantization
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier
from tinykit.compiler.kernels.variants import SumTask

RELU, SIGNED, ANY = range(3)
"""Ways to finish: no negative outputs (zero point -128); all of int8; any shift and clamp."""

_ONE_HALF = (2**30, -1)  # a multiplier and shift; what is four times too large comes out right
_LEFT = 64  # codes of shifts to the left begin here


def is_dsp(target: Target) -> bool:
    """Whether a core has these instructions."""
    return "dsp" in target.features


@dataclass(frozen=True, eq=False)
class DspOutput:
    """What the kernels need to make outputs of sums.

    Attributes:
        rows: int64 weights, shape (channels, taps); zeros for channels whose output is always the same.
        constants: int32, shape (channels, 2): multiplier, and bias over a code for the shift.
        finish: RELU, SIGNED or ANY.
        fields: of the C struct, but for the constants.
    """

    rows: np.ndarray
    constants: np.ndarray
    finish: int
    fields: dict[str, int]

    @property
    def low(self) -> np.ndarray:
        """The smallest sum of each channel without its bias."""
        return np.where(self.rows > 0, self.rows * -128, self.rows * 127).sum(axis=1)

    @property
    def high(self) -> np.ndarray:
        """The largest sum of each channel without its bias."""
        return np.where(self.rows > 0, self.rows * 127, self.rows * -128).sum(axis=1)


def dsp_output(task: SumTask) -> DspOutput | None:
    """The constants of a layer's channels, or None where the kernels' arithmetic would overflow."""
    layer = task.layer
    zero_point = int8_quantization(layer.target).zero_point
    clamp = int8_clamp(layer.activation, layer.target)
    rows = layer.rows.astype(np.int64)
    finish = RELU if zero_point == -128 else SIGNED
    if clamp != (-128, 127):
        finish = ANY
    constants = np.zeros((layer.channels, 2), np.int64)
    for channel, (bias, row) in enumerate(zip(task.bias.tolist(), rows, strict=True)):
        multiplier, shift = task.pairs[channel if len(task.pairs) > 1 else 0]
        largest = abs(bias) + 128 * int(np.abs(row).sum())
        always = multiplier == 0 or not row.any() or largest < 2 ** (-shift - 1 if shift < -1 else 0)
        if always:
            value = multiply_by_quantized_multiplier(bias, multiplier, shift) + zero_point
            bias = 4 * (min(max(value, clamp[0]), clamp[1]) - zero_point)
            row[:] = 0
            largest = abs(bias)
            multiplier, shift = _ONE_HALF
        if largest >= 2**30 or not -(2**23) <= bias < 2**23:
            return None
        if shift >= 0:
            finish = ANY
            if largest << (shift + 1) >= 2**31:
                return None
        elif largest + (abs(2 * zero_point + 1) << (-shift - 1)) >= 2**31 - 1:
            return None
        constants[channel] = multiplier, bias * 256 + (_LEFT + shift if shift >= 0 else -shift - 1)
    fields = {"finish": finish, "zero_point": zero_point, "clamp_min": clamp[0], "clamp_max": clamp[1]}
    return DspOutput(rows, constants.astype(np.int32), finish, fields)
