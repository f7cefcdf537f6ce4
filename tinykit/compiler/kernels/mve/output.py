"""How the kernels for Helium turn sums into int8 outputs.

VQRDMULH rounds as TFLite-Micro's doubling high multiplication does, halves up. VRSHL rounds halves up, too, where
TFLite-Micro rounds them away from zero. That makes no difference where all negative numbers become the same output;
elsewhere one is subtracted from negative numbers first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, ParamValue
from tinykit.compiler.kernels.checks import int8_clamp, int8_quantization
from tinykit.compiler.kernels.sums import simplify_constant_channels
from tinykit.compiler.kernels.variants import SumTask

SATURATED, LINEAR, ANY = range(3)
"""Names in tk_mve_block.h."""


@dataclass(frozen=True)
class VectorOutput:
    """Requantization of a layer, one multiplier and shift for each channel.

    Attributes:
        finish: SATURATED, LINEAR or ANY: how much has to be done for the same results.
        bias: int32, shape (channels,), like ``multiplier`` and ``shift``.
    """

    finish: int
    zero_point: int
    low: int
    high: int
    bias: np.ndarray
    multiplier: np.ndarray
    shift: np.ndarray

    @property
    def params(self) -> dict[str, ParamValue]:
        """The fields that all kernels have."""
        return {"zero_point": self.zero_point, "clamp_min": self.low, "clamp_max": self.high}

    def arrays(self, block: int) -> dict[str, ParamValue]:
        """Biases, multipliers and shifts, the last channel's repeated to a multiple of ``block``."""
        fill = (0, -len(self.bias) % block)
        return {
            "bias": ConstArray("int32_t", np.pad(self.bias, fill, "edge").astype(np.int32)),
            "multiplier": ConstArray("int32_t", np.pad(self.multiplier, fill, "edge").astype(np.int32), "tables"),
            "shift": ConstArray("int8_t", np.pad(self.shift, fill, "edge").astype(np.int8), "tables"),
        }


def vector_output(task: SumTask) -> VectorOutput:
    """The requantization of a layer."""
    layer = task.layer
    zero_point = int8_quantization(layer.target).zero_point
    low, high = int8_clamp(layer.activation, layer.target)
    pairs = list(task.pairs) * (layer.channels if len(task.pairs) == 1 else 1)
    bias, pairs = simplify_constant_channels(layer.rows, task.bias, pairs, zero_point, low, high)
    multiplier, shift = np.array(pairs, np.int64).T
    finish = ANY
    if (low, high) == (-128, 127):
        if zero_point == -128 and np.all(shift <= 0):
            finish = SATURATED
        elif np.all(shift < 0):
            finish = LINEAR
    return VectorOutput(finish, zero_point, low, high, bias, multiplier, shift)
