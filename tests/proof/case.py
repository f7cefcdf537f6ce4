"""Random models of one operator: what a generator gives, and which generators there are.

A generator is a function in a module of ``proof.ops``:

    @proves("ABS", "int8", "int16", "float32")
    def abs_case(rng: np.random.Generator, label: str) -> Case:
        model = ModelBuilder()
        ...
        return Case(model)

It draws everything that is free from ``rng``: ranks and shapes (sizes of 1 among them), every option, scales and zero
points with their extremes, constants or computed operands, and models that TFLite-Micro refuses as well. ``label`` is
the type under test; where one word does not say it, as in "int8 to float32" or "int8, int4 weights", the generator
decides what it means.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from support.tflite_builder import ModelBuilder


@dataclass(frozen=True)
class Case:
    """A model and what it is fed.

    Attributes:
        model: with the operator under test, alone or among few others.
        inputs: one array per model input with a leading axis of runs, None for random ones. State is kept from run to
            run.
        runs: how many there are if ``inputs`` is None.
        rtol, atol: what float outputs may differ by; integers never do, nor those of operators that are said to be
            ``float_exact``.
        expected: outputs with a leading axis of runs, where TFLite-Micro does not have the operator.
        extension: words of the operator's ``takes`` that say that this is taken although TFLite-Micro refuses it.
    """

    model: ModelBuilder
    inputs: list[np.ndarray] | None = None
    runs: int = 3
    rtol: float = 1e-5
    atol: float = 1e-6
    expected: list[np.ndarray] | None = None
    extension: str | None = None


Generator = Callable[[np.random.Generator, str], Case]
_FOUND: dict[tuple[str, str], Generator] = {}


def proves(kind: str, *labels: str) -> Callable[[Generator], Generator]:
    """Register a generator for an operator (its name in the schema, or its custom code) and types; may be stacked."""

    def register(make: Generator) -> Generator:
        for label in labels:
            if (kind, label) in _FOUND:
                raise ValueError(f"two generators for {kind} {label}")
            _FOUND[kind, label] = make
        return make

    return register


@functools.lru_cache(maxsize=1)
def proofs() -> Mapping[tuple[str, str], Generator]:
    """All generators by operator and label."""
    from proof import ops

    for module in pkgutil.iter_modules(ops.__path__):
        importlib.import_module(f"{ops.__name__}.{module.name}")
    return dict(sorted(_FOUND.items()))
