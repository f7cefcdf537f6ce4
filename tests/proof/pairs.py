"""Random operands that broadcast against each other, and their quantizations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from proof.case import Case
from support.tflite_builder import ModelBuilder

Shape = tuple[int, ...]
Q = dict[str, Any]
DTYPES = {
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "uint8": np.uint8,
    "bool": np.bool_,
    "float32": np.float32,
}
ACTIVATIONS = ("NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1")


def random_shapes(rng: np.random.Generator, count: int = 2, ranks: int = 5) -> list[Shape]:
    """Shapes of which dimensions are left out in front, or repeated."""
    full = rng.choice([1, 2, 3, 4, 5, 7], int(rng.integers(0, ranks + 1)))
    if rng.random() < 0.25:
        return [tuple(int(d) for d in full)] * count
    shapes = []
    for _ in range(count):
        repeated = rng.random(len(full)) < rng.choice([0.0, 0.3, 0.6])
        shape = [1 if r else int(d) for d, r in zip(full, repeated, strict=True)]
        while shape and shape[0] == 1 and rng.random() < 0.5:
            shape.pop(0)
        shapes.append(tuple(shape))
    return shapes


def random_values(rng: np.random.Generator, shape: Shape, label: str) -> np.ndarray:
    """Over the whole range; half of the time of few values, so that some are equal."""
    dtype = np.dtype(DTYPES[label])
    few = rng.random() < 0.5
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "f":
        if few:
            return rng.choice(np.array([-2.5, -1, 0.5, 1, 3, 4], dtype), shape)
        return (rng.standard_normal(shape) * 10.0 ** rng.uniform(-2, 4)).astype(dtype)
    info = np.iinfo(dtype)
    if few:
        extremes = np.array([info.min, info.max, 0, -1 if info.min else 1, 2, 7], dtype)
        return rng.choice(extremes, shape)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


def random_scale(rng: np.random.Generator, low: float = -4.0, high: float = 0.5) -> float:
    """Often a round number: quotients of these are nearly ties, which show in which precision they are computed."""
    if rng.random() < 0.3:
        return float(np.float32(rng.choice([0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.25])))
    return float(np.float32(10.0 ** rng.uniform(low, high)))


def random_factor(rng: np.random.Generator, low: float, high: float) -> float:
    """Between two powers of two, often one itself."""
    exponent = float(rng.uniform(low, high))
    return float(2.0 ** (round(exponent) if rng.random() < 0.3 else exponent))


def spread(rng: np.random.Generator, reaches: list[float]) -> float:
    """A factor up to 2**reach above or below 1."""
    reach = float(rng.choice(reaches))
    return random_factor(rng, -reach, reach)


def random_zero_point(rng: np.random.Generator, label: str) -> int:
    """Often an extreme of int8; of int16, for which only 0 is usual, sometimes another."""
    if label == "int16":
        return int(rng.integers(-32767, 32768)) if rng.random() < 0.08 else 0
    return int(rng.choice([-128, 127, 0, *rng.integers(-128, 128, 4)]))


def quantization(rng: np.random.Generator, label: str, scale: float) -> Q:
    """Of a tensor of a quantized type, none of others."""
    if label not in ("int8", "int16"):
        return {}
    return {"scale": float(np.float32(scale)), "zero_point": random_zero_point(rng, label)}


@dataclass
class Pair:
    """A model of one operator of two operands: both computed, one constant, or both the same."""

    rng: np.random.Generator
    label: str
    first: Q = field(default_factory=dict)
    second: Q = field(default_factory=dict)
    runs: int = 3
    ranks: int = 5

    def case(self, kind: str, out: str, output: Q, *, divisor: bool = False, **options: Any) -> Case:
        """The finished case; a ``divisor`` is never 0."""
        rng, model = self.rng, ModelBuilder()
        shapes = random_shapes(rng, ranks=self.ranks)
        way = str(rng.choice(["computed", "computed", "first", "second", "same"]))
        same = way == "same" and not divisor
        if same:
            shapes[1], self.second = shapes[0], self.first
        inputs: list[np.ndarray] = []
        operands: list[int] = []
        for i, (shape, quant) in enumerate(zip(shapes, (self.first, self.second), strict=True)):
            if same and i:
                operands.append(operands[0])
                continue
            constant = way == ("first", "second")[i]
            values = random_values(rng, shape if constant else (self.runs, *shape), self.label)
            if divisor and i:
                values = _without(values, quant.get("zero_point", 0))
            if constant:
                operands.append(model.const(values, self.label, **quant))
            else:
                operands.append(model.input(shape, self.label, **quant))
                inputs.append(values)
        model.op(kind, operands, [model.output(np.broadcast_shapes(*shapes), out, **output)], **options)
        return Case(model, inputs)


def _without(values: np.ndarray, zero: int) -> np.ndarray:
    """No value is ``zero``, nor -1: the least integer divided by it is no integer of the type."""
    values = np.where(values == zero, np.array(zero - 1 if zero > 0 else zero + 1, values.dtype), values)
    if values.dtype == np.int32:
        values = np.where(values == -1, np.array(-2, values.dtype), values)
    return values.astype(values.dtype)
