"""Weights in the order of tk_m0_tile.h."""

from __future__ import annotations

import numpy as np


def packable(rows: np.ndarray) -> bool:
    """Whether two products always fit into 16 bits: not with a weight of -128, which quantization should not give."""
    return bool(np.all(rows > -128))


def pack_fours(rows: np.ndarray) -> np.ndarray:
    """Each four weights as a word of bytes 128 higher, in the order 2, 3, 0, 1; filled up with zero weights.

    Args:
        rows: int8, shape (..., taps).

    Returns:
        uint32, shape (..., taps / 4 rounded up).
    """
    taps = rows.shape[-1]
    fill = [(0, 0)] * (rows.ndim - 1) + [(0, -taps % 4)]
    fours = (np.pad(rows.astype(np.int16), fill) + 128).astype(np.uint8).reshape(*rows.shape[:-1], -1, 4)
    return np.ascontiguousarray(fours[..., [2, 3, 0, 1]]).view("<u4")[..., 0].astype(np.uint32)
