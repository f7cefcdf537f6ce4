"""The table from which TFLite's int16 LOGISTIC and TANH interpolate."""

from __future__ import annotations

import numpy as np

_STEP = 1 / 24
"""Distance of the nodes, in units of the argument."""


def sigmoid_table() -> np.ndarray:
    """sigmoid(i / 24) * 65536 for i of 0 to 255, uint16; the last is 65535.

    Between two nodes the chord lies below the curve, at most by step^2 / 8 of its second derivative; the nodes are
    raised by half of that. These are all values of ``sigmoid_table_uint16`` of TensorFlow Lite's
    ``kernels/internal/common.h``.
    """
    s = 1 / (1 + np.exp(-np.arange(256) * _STEP))
    curvature = s * (1 - s) * (1 - 2 * s)
    table: np.ndarray = np.floor(65536 * (s - curvature * _STEP**2 / 16) + 0.5).astype(np.uint16)
    table[255] = 65535
    return table
