"""Streams of weights and constants for ``tk_dsp_tile``: two channels share the 16 bits of each weight."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, ParamValue
from tinykit.compiler.kernels.checks import uint16
from tinykit.compiler.kernels.dsp.output import ANY, RELU, SIGNED, DspOutput, highest, lowest


def channel_pairs(channels: int) -> list[tuple[int, int]]:
    """Which channels are computed together. Of an odd number the second is computed twice."""
    pairs = [(c, c + 1) for c in range(channels % 2, channels, 2)]
    return [(0, 1), *pairs] if channels % 2 else pairs


_FINISH_CODE = {
    RELU: ("tk_dsp_finish_relu", 224),
    SIGNED: ("tk_dsp_finish_signed", 256),
    ANY: ("tk_dsp_finish_any", 196),
}


def shared_code(output: DspOutput, *, flat: bool = True) -> dict[str, int]:
    """Bytes of code that users of the tile share; ``flat``: its loops over pairs one behind the other among them."""
    finish, size = _FINISH_CODE[output.finish]
    return {"tk_dsp_tile": 248, finish: size, **({"tk_dsp_flat": 998} if flat else {})}


def channel_fields(
    output: DspOutput, rows: np.ndarray, order: np.ndarray | None = None
) -> dict[str, ParamValue] | None:
    """The fields of tk_dsp_channels, or None where the packed sums could overflow.

    Args:
        rows: weights in the order in which inputs are expanded, shape (channels, n), n a multiple of 4.
        order: of the words of pairs in the loop, when it is another one.
    """
    channels = len(rows)
    if channels < 2:
        return None
    stream = []
    for first, second in channel_pairs(channels):
        if not is_packable(rows[first], rows[second]):
            return None
        words = pair_words(rows[first] + 256 * rows[second])
        stream += [
            words if order is None else words[order],
            output.constants[[first, second]].reshape(-1).view(np.uint32),
        ]
    return {
        "stream": ConstArray("uint32_t", np.concatenate(stream)),
        "pair_words": uint16(len(stream[0]) + 4, "words of weights"),
        "channels": uint16(channels, "output channel count"),
        **output.fields,
    }


def is_packable(first: np.ndarray, second: np.ndarray, start: int = 0) -> bool:
    """Whether the weights of two channels may share their bits.

    Args:
        start: what the sum of the second begins with.
    """
    fits = start + lowest(second) >= -(2**23) and start + highest(second) < 2**23
    return bool(fits and np.min(first + 256 * second) >= -(2**15))


def pair_words(values: np.ndarray) -> np.ndarray:
    """16-bit values as words in the order of SXTB16: of each four (0, 2), then (1, 3)."""
    fours = values.reshape(-1, 2, 2).transpose(0, 2, 1) & 0xFFFF
    words: np.ndarray = (fours[:, :, 0] | fours[:, :, 1] << 16).reshape(-1).astype(np.uint32)
    return words


def pad_rows(rows: np.ndarray) -> np.ndarray:
    """Rows with zeros up to a multiple of 4 weights."""
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))


def tile_instructions(output: DspOutput, turns: int, inner: float) -> int:
    """Of the calls of tk_dsp_tile for four pixels: one, or two for an odd number of channels.

    Args:
        turns: of the inner loop for two channels.
        inner: instructions in it besides those at the end of each turn.
    """
    finish = {RELU: 55, SIGNED: 63, ANY: 250}[output.finish]
    channels = len(output.rows)
    return int(12 + channels % 2 * 30 + (channels + 1) // 2 * (inner + 3 * turns + 3 + finish))


def flat_instructions(output: DspOutput, pixels: int, pairs: int) -> int:
    """Of all calls of tk_dsp_tile for that many pixels, with the loop over pairs one behind the other, and of what is
    done before the first one."""
    four = tile_instructions(output, -(-pairs // 16), 12 * pairs)
    one = tile_instructions(output, -(-pairs // 8), 4.5 * pairs)
    return 220 + pixels // 4 * four + (0, one, four, four)[pixels % 4]
