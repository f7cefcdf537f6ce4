"""Operators of two operands, element by element."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from proof.pairs import ACTIVATIONS, Pair, quantization, random_factor, random_scale, spread
from support.tflite_builder import ModelBuilder

COMPARISONS = ("GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")


def refused(kind: str, label: str, out: str) -> Case:
    """A type that TFLite-Micro does not take."""
    model = ModelBuilder()
    x, y = model.input((4,), label), model.input((4,), label)
    model.op(kind, [x, y], [model.output((4,), out)])
    return Case(model)


def quantized_pair(rng: np.random.Generator, label: str, reach: float = 6.0) -> tuple[Pair, float, float]:
    """Operands whose scales differ by up to a factor of 2**reach, mostly less."""
    first = random_scale(rng)
    second = first * spread(rng, [0, 1, 3, reach])
    pair = Pair(rng, label, quantization(rng, label, first), quantization(rng, label, second))
    return pair, first, second


@proves("ADD", "int8", "float32", "int16", "int32")
def add_case(rng: np.random.Generator, label: str) -> Case:
    return _sum_case(rng, label, "ADD")


@proves("SUB", "int8", "float32", "int16", "int32")
def sub_case(rng: np.random.Generator, label: str) -> Case:
    return _sum_case(rng, label, "SUB")


def _sum_case(rng: np.random.Generator, label: str, kind: str) -> Case:
    if rng.random() < 0.03:
        return refused(kind, str(rng.choice(["int64", "uint8"])), "int64")
    pair, first, second = quantized_pair(rng, label, reach=12)
    scale = max(first, second) * spread(rng, [1, 3, 12])
    options = {"pot_scale_int16": bool(rng.integers(2))} if rng.random() < 0.5 else {}
    activation = str(rng.choice(ACTIVATIONS))
    return pair.case(kind, label, quantization(rng, label, scale), fused_activation_function=activation, **options)


@proves("MUL", "int8", "float32", "int16", "int32")
def mul_case(rng: np.random.Generator, label: str) -> Case:
    if rng.random() < 0.03:
        return refused("MUL", str(rng.choice(["int64", "uint8"])), "int64")
    pair, first, second = quantized_pair(rng, label)
    scale = first * second * random_factor(rng, -3, 24 if label == "int16" else 12)
    return pair.case(
        "MUL", label, quantization(rng, label, scale), fused_activation_function=str(rng.choice(ACTIVATIONS))
    )


@proves("DIV", "int8", "float32", "int32")
def div_case(rng: np.random.Generator, label: str) -> Case:
    if rng.random() < 0.03:
        return refused("DIV", str(rng.choice(["int64", "uint8", "int16"])), "int64")
    pair, first, second = quantized_pair(rng, label)
    scale = first / second * spread(rng, [4, 8, 20])
    activation = str(rng.choice(ACTIVATIONS))
    return pair.case("DIV", label, quantization(rng, label, scale), divisor=True, fused_activation_function=activation)


@proves("FLOOR_DIV", "float32")
def floor_div_case(rng: np.random.Generator, label: str) -> Case:
    if rng.random() < 0.03:
        return refused("FLOOR_DIV", str(rng.choice(["int32", "int8", "int64"])), "float32")
    return Pair(rng, label).case("FLOOR_DIV", label, {}, divisor=True)


@proves("FLOOR_MOD", "float32")
def floor_mod_case(rng: np.random.Generator, label: str) -> Case:
    if rng.random() < 0.03:
        return refused("FLOOR_MOD", str(rng.choice(["int32", "int8", "int64"])), "float32")
    return Pair(rng, label).case("FLOOR_MOD", label, {}, divisor=bool(rng.integers(2)))


@proves("SQUARED_DIFFERENCE", "int8", "float32", "int16", "int32")
def squared_difference_case(rng: np.random.Generator, label: str) -> Case:
    if rng.random() < 0.03:
        return refused("SQUARED_DIFFERENCE", str(rng.choice(["int64", "uint8", "bool"])), "int64")
    pair, first, second = quantized_pair(rng, label)
    largest = max(first, second)
    scale = largest * largest * random_factor(rng, -3, 24 if label == "int16" else 12)
    return pair.case("SQUARED_DIFFERENCE", label, quantization(rng, label, scale))


def _extreme_case(rng: np.random.Generator, label: str, kind: str) -> Case:
    if rng.random() < 0.03:
        return refused(kind, str(rng.choice(["uint8", "bool"])), "bool")
    pair, first, _ = quantized_pair(rng, label)
    return pair.case(kind, label, quantization(rng, label, first))


@proves("MAXIMUM", "int8", "int16", "int32", "int64", "float32")
def maximum_case(rng: np.random.Generator, label: str) -> Case:
    return _extreme_case(rng, label, "MAXIMUM")


@proves("MINIMUM", "int8", "int16", "int32", "int64", "float32")
def minimum_case(rng: np.random.Generator, label: str) -> Case:
    return _extreme_case(rng, label, "MINIMUM")


def _comparison_case(rng: np.random.Generator, label: str, kind: str) -> Case:
    if rng.random() < 0.03:
        return refused(kind, "bool" if kind in COMPARISONS else "uint8", "bool")
    first = random_scale(rng, -5, -0.01)
    second = min(first * spread(rng, [0, 1, 3, 8]), 0.99)
    pair = Pair(rng, label, quantization(rng, label, first), quantization(rng, label, second))
    if rng.random() < 0.3:
        pair.second = pair.first
    return pair.case(kind, "bool", {})


def _prove_comparison(kind: str, *labels: str) -> None:
    @proves(kind, *labels)
    def case(rng: np.random.Generator, label: str) -> Case:
        return _comparison_case(rng, label, kind)


for _kind in ("EQUAL", "NOT_EQUAL"):
    _prove_comparison(_kind, "int8", "float32", "int32", "int64", "bool")
for _kind in COMPARISONS:
    _prove_comparison(_kind, "int8", "float32", "int32", "int64")


@proves("LOGICAL_AND", "bool")
def logical_and_case(rng: np.random.Generator, label: str) -> Case:
    return Pair(rng, label).case("LOGICAL_AND", label, {})


@proves("LOGICAL_OR", "bool")
def logical_or_case(rng: np.random.Generator, label: str) -> Case:
    return Pair(rng, label).case("LOGICAL_OR", label, {})
