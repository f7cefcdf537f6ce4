"""Random decision trees as the operator TINYKIT_FOREST."""

from __future__ import annotations

import numpy as np

from support.tflite_builder import ModelBuilder
from tinykit.graph.forest import FOREST, Forest


def random_forest(
    rng: np.random.Generator, dtype: str, *, trees: int = 3, nodes: int = 9, features: int = 4, values: int = 3
) -> Forest:
    """Trees of 1 to ``nodes`` nodes each; thresholds and leaves of ``dtype``, "float32" or "int8"."""
    roots, children, leaves = [], [], nodes + 1
    for _ in range(trees):
        roots.append(sum(map(len, children)))
        size = int(rng.integers(1, nodes + 1))
        own = np.stack([rng.integers(-leaves, 0, 2) for _ in range(size)])
        for child in range(1, size):  # below some node before it
            own[int(rng.integers(0, child)), int(rng.integers(0, 2))] = child
        children.append(own)
    count = sum(map(len, children))

    def numbers(shape: tuple[int, ...]) -> np.ndarray:
        whole = rng.integers(-128, 128, shape)
        return whole.astype(np.int8) if dtype == "int8" else (whole / 64).astype(np.float32)

    return Forest(
        np.array(roots, np.int32),
        rng.integers(0, features, count).astype(np.int16),
        numbers((count,)),
        np.concatenate(children).astype(np.int16),
        numbers((leaves, values)),
    )


def add_forest(model: ModelBuilder, forest: Forest, features: int, source: str, target: str) -> None:
    """The operator over new inputs and outputs."""

    def affine(dtype: str) -> dict[str, float]:
        return {"scale": 0.05, "zero_point": 3} if dtype == "int8" else {}

    x = model.input((1, features), source, **affine(source))
    constants = [
        model.const(v) for v in (forest.roots, forest.features, forest.thresholds, forest.children, forest.leaves)
    ]
    y = model.output((1, forest.leaves.shape[1]), target, **affine(target))
    model.op("CUSTOM", [x, *constants], [y], custom_code=FOREST)


def forest_model(forest: Forest, features: int, dtype: str) -> bytes:
    """A model of the operator alone."""
    model = ModelBuilder()
    add_forest(model, forest, features, dtype, dtype)
    return model.build()
