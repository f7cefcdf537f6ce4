"""Weights and constants for ``tk_rv32_tile_4x4``, and what it costs."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, ParamValue
from tinykit.compiler.kernels.rv32.output import Rv32Output

CHANNELS = 4
"""In a block."""
PIXELS = 4
"""In a tile."""


def blocks(channels: int) -> list[int]:
    """Which channels are computed, block after block. Where 4 does not divide them, the last block is the last 4."""
    first = [*range(0, channels - CHANNELS, CHANNELS), channels - CHANNELS]
    return [f + i for f in first for i in range(CHANNELS)]


def pad_rows(rows: np.ndarray) -> np.ndarray:
    """Rows with zeros up to a multiple of 4 weights."""
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))


def can_tile(rows: np.ndarray) -> bool:
    """Whether the sums of two products fit into 16 bits, and there are channels for a block.

    Args:
        rows: int8 weights as ``pad_rows`` gives them.
    """
    pairs = np.abs(rows.astype(np.int32)).reshape(len(rows), -1, 2).sum(axis=2)
    return len(rows) >= CHANNELS and int(pairs.max(initial=0)) <= 255


def tile_fields(rows: np.ndarray, output: Rv32Output) -> dict[str, ParamValue]:
    """The fields for ``tk_rv32_tile``: weights as [block][taps][4], constants of the same channels, bounds."""
    order = blocks(len(rows))
    weights = rows[order].reshape(-1, CHANNELS, rows.shape[1]).transpose(0, 2, 1)
    return {
        "weights": ConstArray("int8_t", weights.reshape(-1)),
        "channels": ConstArray("int32_t", output.channels[order].reshape(-1)),
        "clamp_min": output.low,
        "clamp_max": output.high,
        "rounded": int(output.rounded),
    }


def tile_instructions(channels: int, depth: int, output: Rv32Output) -> int:
    """Of one call, with ``depth`` rows of columns, a multiple of 4."""
    outputs = CHANNELS * PIXELS
    finish = CHANNELS * 3 + outputs * (1 + output.instructions)
    block = 5 + CHANNELS * 5 + 3 + (136 + 4) * (depth // 4) + 13 + finish + 12
    return 40 + -(-channels // CHANNELS) * block


def pack_instructions(count: int) -> int:
    """Of one call of ``tk_rv32_pack``."""
    return 5 + 47 * (count // 4) + 17 * (count % 4)
