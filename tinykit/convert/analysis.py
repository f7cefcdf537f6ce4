"""Where quantization loses precision: every tensor of the quantized model against the float one's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinykit.convert.interpreter import Interpreter, Progress, samples_of
from tinykit.convert.statistics import Range
from tinykit.errors import UnsupportedModel
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Graph, Op, Tensor
from tinykit.hil.dataset import quantize as to_quantized

EXACT_DB = 120.0
"""Reported for a tensor without error, and at most: float32 itself ends near 150 dB."""
_SPREAD = 16.0
"""A channel this much larger than the median one leaves the others less than 4 of 8 bits."""
_STRETCH = 3.0
_LOSS_DB = 3.0
"""A layer that loses less does no harm by itself."""
_GOOD_DB = 30.0
"""What int8 reaches on a healthy tensor: 256 steps, half of them used."""
_MOVES = {"QUANTIZE", "DEQUANTIZE"}


@dataclass(frozen=True)
class LayerError:
    """How far the output of one operator is from the float model's.

    Attributes:
        index: of the operator in the quantized file.
        kind, name: operator and its output tensor.
        dtype: the output's type.
        sqnr_db: signal to quantization noise of the whole tensor, 10 log10(sum x^2 / sum (x - q)^2), in dB.
        channel_db: the same for each channel (the last dimension), averaged in dB: a large channel hides nothing.
        cosine: of the angle between the two tensors.
        lost_db: channel_db of the worst input less that of the output: what is lost here, not before.
        spread: largest channel's magnitude by the median one's.
        why: what makes it lose, and what to try; empty for layers that lose little.
    """

    index: int
    kind: str
    name: str
    dtype: str
    sqnr_db: float
    channel_db: float
    cosine: float
    lost_db: float
    spread: float
    why: str = ""

    @property
    def loses(self) -> bool:
        """Whether precision is lost here, to a degree that can matter."""
        return self.lost_db > _LOSS_DB and self.channel_db < _GOOD_DB

    @property
    def label(self) -> str:
        """As tables name it."""
        return f"{self.index} {self.kind} {self.name}"


class _Sums:
    """Sums over samples, per channel."""

    def __init__(self, width: int) -> None:
        self.signal, self.noise, self.product, self.other = (np.zeros(width) for _ in range(4))

    def add(self, exact: np.ndarray, found: np.ndarray) -> None:
        exact, found = (v.astype(np.float64).reshape(-1, self.signal.size) for v in (exact, found))
        self.signal += (exact**2).sum(axis=0)
        self.noise += ((exact - found) ** 2).sum(axis=0)
        self.product += (exact * found).sum(axis=0)
        self.other += (found**2).sum(axis=0)

    def sqnr(self) -> float:
        return decibels(float(self.signal.sum()), float(self.noise.sum()))

    def channels(self) -> float:
        values = [decibels(s, n) for s, n in zip(self.signal, self.noise, strict=True) if s > 0]
        return float(np.mean(values)) if values else self.sqnr()

    def cosine(self) -> float:
        length = math.sqrt(float(self.signal.sum()) * float(self.other.sum()))
        return float(self.product.sum()) / length if length else 1.0


def decibels(signal: float, noise: float) -> float:
    """10 log10(signal / noise), at most ``EXACT_DB`` and at least its negative."""
    if noise <= 0:
        return EXACT_DB
    if signal <= 0:
        return -EXACT_DB
    return max(-EXACT_DB, min(EXACT_DB, 10 * math.log10(signal / noise)))


def analyze(
    float_model: bytes,
    quantized: bytes,
    inputs: Sequence[np.ndarray],
    ranges: Mapping[str, Range],
    where: str,
    progress: Progress | None = None,
) -> tuple[LayerError, ...]:
    """Compare both models layer by layer.

    Args:
        float_model: normalized.
        quantized: made from it; its tensors keep their names.
        inputs: samples for the float model: one array per input, (N, *shape), float32.
        ranges: of the float model's tensors, for the diagnosis; may be empty.

    Returns:
        One entry for each operator that computes, in the order of the quantized file. Empty where LiteRT cannot run
        the quantized model.
    """
    before = parse_model(float_model, name="float", where=where)
    after = parse_model(quantized, name="quantized", where=where)
    exact = {t.name: i for i, t in before.tensors.items() if not t.is_constant}
    watched = [i for i in (*after.inputs, *(t for op in after.ops for t in op.outputs)) if _float_name(after, i, exact)]
    sums: dict[int, _Sums] = {}
    try:
        first, second = Interpreter(float_model, where, keep=True), Interpreter(quantized, where, keep=True)
        for done, sample in enumerate(samples_of(inputs), 1):
            first.run(sample)
            second.run([in_type(v, after.tensor(i)) for v, i in zip(sample, after.inputs, strict=True)])
            for index in watched:
                want, have = first.value(exact[str(_float_name(after, index, exact))]), second.value(index)
                if want is None or have is None or want.size != have.size or want.dtype != np.float32:
                    continue
                width = want.shape[-1] if want.ndim > 1 else 1
                sums.setdefault(index, _Sums(width)).add(want, real(have, after.tensor(index)))
            if progress is not None:
                progress("comparing layers", done, len(inputs[0]))
    except UnsupportedModel:
        return ()
    return tuple(_explained(_layers(after, sums, ranges), ranges, after))


def _float_name(after: Graph, index: int, exact: Mapping[str, int]) -> str | None:
    """The float tensor that a tensor of the quantized model stands for, if it stands for one."""
    name = after.tensor(index).name
    for suffix in ("", "_quantized", "_dequant"):
        if name.endswith(suffix) and name.removesuffix(suffix) in exact:
            return name.removesuffix(suffix)
    return None


def _layers(after: Graph, sums: Mapping[int, _Sums], ranges: Mapping[str, Range]) -> list[LayerError]:
    found = []
    for op in after.ops:
        output = op.outputs[0]
        if op.kind in _MOVES or output not in sums:
            continue
        before = [sums[i].channels() for i in op.inputs if i in sums]
        own = sums[output]
        tensor = after.tensor(output)
        known = ranges.get(tensor.name)
        found.append(
            LayerError(
                op.index, op.kind, tensor.name, tensor.dtype.label, own.sqnr(), own.channels(), own.cosine(),
                max(0.0, min(before, default=EXACT_DB) - own.channels()), known.spread if known else 1.0,
            )
        )  # fmt: skip
    return found


def _explained(layers: list[LayerError], ranges: Mapping[str, Range], after: Graph) -> list[LayerError]:
    from dataclasses import replace

    ops = {op.index: op for op in after.ops}
    return [
        replace(layer, why=_why(layer, ranges, ops[layer.index], after)) if layer.loses else layer for layer in layers
    ]


def _why(layer: LayerError, ranges: Mapping[str, Range], op: Op, after: Graph) -> str:
    """What makes a layer lose, and what to try."""
    known = ranges.get(layer.name)
    if layer.dtype == "float32":
        return "it computes in float32; the error was made before it"
    if known is not None and known.spread > _SPREAD:
        return (
            f"channel {int(known.channel_max.argmax())} is {known.spread:.0f} times as large as the median one, "
            "and all share one scale; try --auto (equalizing channels, or int16 or float here), "
            "or scale that channel down in training"
        )
    if known is not None:
        low, high = known.clipped("p99.9")
        if (known.high - known.low) > _STRETCH * max(high - low, 1e-30):
            return "rare values stretch its range; try --auto (clipping), or limit it in training (ReLU6)"
    weights = after.input(op, 1)
    if weights is not None and weights.dtype.label == "int4":
        return "its weights have 4 bits; try -q int8"
    if weights is not None and op.kind == "FULLY_CONNECTED" and (uneven := _uneven_inputs(weights)) is not None:
        return (
            f"the weights of its input {uneven[0]} are {uneven[1]:.0f} times as large as those of the median one and "
            "take the whole range; scale that feature up or drop it, if it hardly varies, and train anew"
        )
    return "try --auto (int16 or float for this layer), or train with quantization (QAT)"


def _uneven_inputs(weights: Tensor) -> tuple[int, float] | None:
    """The input whose integer weights leave the median input's few steps, and by how much they are larger."""
    if weights.data is None or weights.data.dtype.kind != "i" or weights.data.ndim != 2:
        return None
    largest = np.abs(weights.data.astype(np.int64)).max(axis=0)
    spread = float(largest.max()) / max(float(np.median(largest)), 1.0)
    return (int(largest.argmax()), spread) if spread > _SPREAD else None


def worst(layers: Sequence[LayerError], count: int = 3) -> list[LayerError]:
    """The layers that lose most, of those that lose more than a little."""
    losing = [layer for layer in layers if layer.loses]
    return sorted(losing, key=lambda layer: -layer.lost_db)[:count]


def in_type(values: np.ndarray, tensor: Tensor) -> np.ndarray:
    """Real numbers in the type of a model's input."""
    if tensor.quant is None:
        return values.astype(tensor.dtype.numpy)
    return to_quantized(values, tensor)


def real(values: np.ndarray, tensor: Tensor) -> np.ndarray:
    """A tensor's values as real numbers."""
    if tensor.quant is None or values.dtype.kind == "f":
        return values
    wide: np.ndarray = (values.astype(np.float64) - tensor.quant.zero_point) * float(tensor.quant.scale)
    return wide
