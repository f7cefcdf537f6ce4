"""What the values of every tensor look like over a set of samples: ranges, per channel and clipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tinykit.convert.interpreter import Interpreter, Progress, samples_of
from tinykit.errors import ModelError
from tinykit.graph.reader import parse_model

Clipping = Literal["none", "p99.9", "mse"]
_KEPT = 200_000
"""Values kept of each tensor for percentiles, evenly spread over samples and positions."""


@dataclass(frozen=True)
class Range:
    """Values of one float tensor.

    Attributes:
        low, high: extremes over all samples.
        channel_max: largest magnitude of each channel (the last dimension), float32.
        kept: a part of the values, sorted, float32.
    """

    low: float
    high: float
    channel_max: np.ndarray
    kept: np.ndarray

    @property
    def spread(self) -> float:
        """Largest magnitude of any channel by the median one's: what one scale for all has to bridge."""
        live = self.channel_max[self.channel_max > 0]
        return float(live.max() / np.median(live)) if live.size > 1 else 1.0

    def clipped(self, clipping: Clipping) -> tuple[float, float]:
        """The range that is quantized: all of it, the middle 99.9 %, or what errs least in the mean square."""
        if clipping == "none" or self.kept.size < 2:
            return self.low, self.high
        if clipping == "p99.9":
            return _at(self.kept, 0.0005), _at(self.kept, 0.9995)
        return self._least_error()

    def _least_error(self) -> tuple[float, float]:
        best, found = np.inf, (self.low, self.high)
        values = self.kept[:: max(1, self.kept.size // 20_000)].astype(np.float64)
        for part in np.linspace(0.1, 1.0, 37).tolist():
            low, high = min(0.0, self.low * part), max(0.0, self.high * part)
            step = (high - low) / 255 or 1.0
            error = float(np.mean((np.clip(np.round(values / step) * step, low, high) - values) ** 2))
            if error < best * 0.999:
                best, found = error, (low, high)
        return found


def collect(
    tflite: bytes, inputs: Sequence[np.ndarray], where: str, progress: Progress | None = None
) -> dict[str, Range]:
    """Ranges of all float32 tensors that are computed, by name.

    Args:
        tflite: a normalized float model.
        inputs: one array per model input, (N, *input shape), float32.

    Raises:
        UnsupportedModel: LiteRT cannot run it.
        ModelError: a layer computes NaN or infinity; names it and the sample.
    """
    graph = parse_model(tflite, name="model", where=where)
    watched = [i for i in (*graph.inputs, *(t for op in graph.ops for t in op.outputs))]
    interpreter = Interpreter(tflite, where, keep=True)
    total = len(inputs[0])
    lows: dict[int, float] = {}
    highs: dict[int, float] = {}
    channels: dict[int, np.ndarray] = {}
    kept: dict[int, list[np.ndarray]] = {}
    for done, sample in enumerate(samples_of(inputs), 1):
        interpreter.run(sample)
        for index in watched:
            value = interpreter.value(index)
            if value is None or value.dtype != np.float32 or value.size == 0:
                continue
            if not np.all(np.isfinite(value)):
                raise _not_finite(graph.tensor(index).name, done, where)
            lows[index] = min(lows.get(index, np.inf), float(value.min()))
            highs[index] = max(highs.get(index, -np.inf), float(value.max()))
            width = value.shape[-1] if value.ndim > 1 else 1
            largest = np.abs(value).reshape(-1, width).max(axis=0)
            channels[index] = np.maximum(channels[index], largest) if index in channels else largest
            share = max(1, _KEPT // total)
            flat = value.reshape(-1)
            # another offset in each sample, so that no channel is left out
            step = max(1, flat.size // share)
            kept.setdefault(index, []).append(flat[done % step :: step])
        if progress is not None:
            progress("calibrating", done, total)
    return {graph.tensor(i).name: Range(lows[i], highs[i], channels[i], np.sort(np.concatenate(kept[i]))) for i in lows}


def _not_finite(name: str, sample: int, where: str) -> ModelError:
    return ModelError(
        f"layer {name!r} computes NaN or infinity",
        where=where,
        why=f"calibration sample {sample} gives it; there is no range to quantize then",
        hint="look at this layer's weights and at the scale of the samples: they have to be as in training",
    )


def _at(values: np.ndarray, part: float) -> float:
    return float(values[round(part * (values.size - 1))])
