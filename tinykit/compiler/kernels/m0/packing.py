"""Weights as these kernels want them: 128 more, so that they are unsigned."""

from __future__ import annotations

import numpy as np


def packable(rows: np.ndarray) -> bool:
    """Whether two products always fit into 16 bits: not with a weight of -128, which quantization should not give."""
    return bool(np.all(rows > -128))


TILE = (2, 3, 0, 1)
"""Order of weights in a word: tk_m0_pack_pairs pairs the inputs 0 and 2, and 1 and 3."""
NEIGHBOURS = (1, 3, 0, 2)
"""Where neighbours are pairs: 0 and 1, and 2 and 3."""


def pack_fours(rows: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    """Each four weights as a word of bytes 128 higher, from the low byte on in that order; filled up with zero weights.

    Args:
        rows: int8, shape (..., taps).

    Returns:
        uint32, shape (..., taps / 4 rounded up).
    """
    taps = rows.shape[-1]
    fill = [(0, 0)] * (rows.ndim - 1) + [(0, -taps % 4)]
    fours = (np.pad(rows.astype(np.int16), fill) + 128).astype(np.uint8).reshape(*rows.shape[:-1], -1, 4)
    return np.ascontiguousarray(fours[..., list(order)]).view("<u4")[..., 0].astype(np.uint32)


def pack_units(rows: np.ndarray) -> np.ndarray:
    """Each weight as a byte 128 higher: blocks of 8 units as (taps, 8); of 1 to 4 that remain (taps, 4), zeros last.

    Args:
        rows: int8, shape (units, taps).

    Returns:
        uint8, flat.
    """
    units = len(rows)
    eights = units // 8 * 8 if units % 8 <= 4 else -(-units // 8) * 8
    filled = np.pad(rows.astype(np.int16), ((0, max(eights - units, -(units - eights) % 4)), (0, 0))) + 128
    parts = [filled[:eights].reshape(-1, 8, rows.shape[1]), filled[eights:].reshape(-1, 4, rows.shape[1])]
    return np.concatenate([part.transpose(0, 2, 1).reshape(-1) for part in parts]).astype(np.uint8)
