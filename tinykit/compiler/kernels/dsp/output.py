"""How sums become outputs on Arm cores with the DSP extension, and when that is exact.

The arithmetic is that of ``tk_dsp_output.h``; everything that could overflow there is excluded here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinykit.compiler.kernels.base import Target
from tinykit.compiler.kernels.checks import int8_clamp, int8_quantization
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier
from tinykit.compiler.kernels.variants import SumTask

RELU, SIGNED, ANY = range(3)
"""Ways to finish: no negative outputs (zero point -128); all of int8; any shift and clamp."""

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
    for number, (bias, row) in enumerate(zip(task.bias.tolist(), rows, strict=True)):
        multiplier, shift = task.pairs[number if len(task.pairs) > 1 else 0]
        channel = Channel(bias, multiplier, shift, zero_point, clamp)
        low, high = int(lowest(row)), int(highest(row))
        if channel.output(low) == channel.output(high):
            row[:] = low = high = 0
            channel = replace(channel, bias=4 * (channel.output(low) - zero_point), multiplier=2**30, shift=-1)
        elif not -(2**23) <= bias < 2**23:
            channel = channel.as_step(low, high) or channel
        code = channel.code(max(abs(channel.bias), abs(channel.bias + low), abs(channel.bias + high)))
        if code is None:
            return None
        if code >= _LEFT:
            finish = ANY
        constants[number] = channel.multiplier, channel.bias * 256 + code
    fields = {"finish": finish, "zero_point": zero_point, "clamp_min": clamp[0], "clamp_max": clamp[1]}
    return DspOutput(rows, constants.astype(np.int32), finish, fields)


@dataclass(frozen=True)
class Channel:
    """How sums of one channel become outputs. Outputs never fall while sums grow."""

    bias: int
    multiplier: int
    shift: int
    zero_point: int
    clamp: tuple[int, int]

    def output(self, total: int) -> int:
        """The output for a sum without its bias."""
        value = multiply_by_quantized_multiplier(self.bias + total, self.multiplier, self.shift) + self.zero_point
        return min(max(value, self.clamp[0]), self.clamp[1])

    def code(self, largest: int) -> int | None:
        """The shift as the kernels take it, or None where their arithmetic would overflow.

        Args:
            largest: magnitude of a sum with its bias.
        """
        if largest >= 2**30 or not -(2**23) <= self.bias < 2**23 or self.multiplier < 2**30:
            return None
        if self.shift >= 0:
            return None if largest << (self.shift + 1) >= 2**31 else _LEFT + self.shift
        rounding = abs(2 * self.zero_point + 1) << (-self.shift - 1)
        return None if largest + rounding >= 2**31 - 1 else -self.shift - 1

    def as_step(self, low: int, high: int) -> Channel | None:
        """The same outputs from a smaller bias, where sums from ``low`` to ``high`` have two neighbouring ones only.

        Converters give channels that hardly matter biases beyond 24 bits and tiny scales.
        """
        before, after = self.output(low), self.output(high)
        if after != before + 1:
            return None
        first, last = low, high  # the outputs of `first` and `last` stay `before` and `after`
        while last - first > 1:
            middle = (first + last) // 2
            first, last = (middle, last) if self.output(middle) == before else (first, middle)
        for exponent in range(1, 24):
            # with one half as multiplier the output rises at the sum 2 * (level + 1/2) * 2**exponent - 1
            bias = (2 * (before - self.zero_point) + 1) * 2**exponent - 1 - last
            step = Channel(bias, 2**30, -exponent, self.zero_point, self.clamp)
            if -(2**23) <= bias < 2**23 and [step.output(s) for s in (low, last - 1, last, high)] == [
                before,
                before,
                after,
                after,
            ]:
                return step
        return None


def lowest(rows: np.ndarray) -> np.ndarray:
    """The smallest sum of products with int8 inputs, along the last axis."""
    smallest: np.ndarray = np.where(rows > 0, rows * -128, rows * 127).sum(axis=-1)
    return smallest


def highest(rows: np.ndarray) -> np.ndarray:
    """The largest such sum."""
    largest: np.ndarray = np.where(rows > 0, rows * 127, rows * -128).sum(axis=-1)
    return largest
