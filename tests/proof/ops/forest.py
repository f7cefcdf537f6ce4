"""TINYKIT_FOREST, which TFLite-Micro does not have, against its definition in NumPy."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from support.tflite_builder import ModelBuilder
from support.trees import add_forest, random_forest
from tinykit.graph.forest import FOREST


@proves(FOREST, "int8", "float32")
def forest_case(rng: np.random.Generator, label: str) -> Case:
    """Some inputs are on the thresholds, which go left."""
    trees, nodes, features, values = (int(n) for n in rng.integers(1, (12, 40, 9, 6)))
    forest = random_forest(rng, label, trees=trees, nodes=nodes, features=features, values=values)
    model = ModelBuilder()
    add_forest(model, forest, features, label, label)
    x = rng.choice(forest.thresholds, (5, features))
    if label == "float32":
        x[0] = np.nan
        x[1:3] += rng.standard_normal((2, features)).astype(np.float32)
    else:
        x[:3] = rng.integers(-128, 128, (3, features))
    return Case(model, [x[:, np.newaxis]], expected=[forest.evaluate(x)[:, np.newaxis]])
