"""TINYKIT_FOREST against its definition in NumPy, and trees that are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from support.check import random_inputs
from support.native import compile_bytes, run_compiled
from support.tflite_builder import ModelBuilder
from support.trees import add_forest, forest_model, random_forest
from tinykit.errors import UnsupportedModel
from tinykit.graph.forest import Forest


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_random_trees(dtype: str) -> None:
    """Thirty forests in one program; inputs also on the thresholds, which go left."""
    rng = np.random.default_rng(5)
    model, forests = ModelBuilder(), []
    for _ in range(30):
        trees, nodes, features, values = (int(n) for n in rng.integers(1, (12, 40, 9, 6)))
        forest = random_forest(rng, dtype, trees=trees, nodes=nodes, features=features, values=values)
        add_forest(model, forest, features, dtype, dtype)
        forests.append(forest)
    inputs = random_inputs(model.build(), 20, rng)
    for x, forest in zip(inputs, forests, strict=True):
        x[::2] = rng.choice(forest.thresholds, x[::2].shape)
        if dtype == "float32":
            x[0] = np.nan
    outputs = run_compiled(model.build(), inputs)
    for x, forest, have in zip(inputs, forests, outputs, strict=True):
        assert np.array_equal(have[:, 0], forest.evaluate(x[:, 0]))


def test_a_tree_by_hand() -> None:
    """x0 <= 1 ? a : (x1 <= -2 ? b : c)"""
    leaves = np.array([[1, 10], [2, 20], [4, 40]], np.float32)
    forest = Forest(
        np.array([0, 2], np.int32),
        np.array([0, 1, 0], np.int16),
        np.array([1, -2, 0], np.float32),
        np.array([[-1, 1], [-2, -3], [-1, -1]], np.int16),
        leaves,
    )
    x = np.array([[1, 0], [1.001, -2], [2, 0]], np.float32)
    want = (leaves + leaves[0]) / 2
    assert np.array_equal(forest.evaluate(x), want)
    (have,) = run_compiled(forest_model(forest, 2, "float32"), [x[:, np.newaxis]])
    assert np.array_equal(have[:, 0], want)


def changed(name: str, place: object, value: int) -> Forest:
    forest = random_forest(np.random.default_rng(1), "int8", trees=3, nodes=9)
    array = getattr(forest, name).copy()
    array[place] = value
    return replace(forest, **{name: array})


@pytest.mark.parametrize(
    ("forest", "why"),
    [
        (changed("children", (0, 0), 0), "child"),  # would never end
        (changed("children", (0, 1), 32767), "child"),
        (changed("children", (0, 1), -1000), "child"),
        (changed("features", 0, 4), "feature 4 of 4"),
        (changed("features", 0, -1), "feature"),
        (changed("roots", 0, 1), "follow each other"),
        (changed("roots", 2, 0), "follow each other"),
        (changed("roots", 1, 1 << 30), "follow each other"),
    ],
)
def test_trees_that_lead_outside_are_refused(forest: Forest, why: str) -> None:
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(forest_model(forest, 4, "int8"))


def test_constants_that_do_not_go_together_are_refused() -> None:
    forest = random_forest(np.random.default_rng(1), "float32")
    for other, why in [
        (replace(forest, thresholds=forest.thresholds[:-1]), "shapes"),
        (replace(forest, leaves=forest.leaves[:, 0]), "shapes"),
        (replace(forest, roots=forest.roots[:0]), "shapes"),
        (replace(forest, thresholds=forest.thresholds.astype(np.int8)), "types"),
        (replace(forest, children=forest.children.astype(np.int32)), "types"),
    ]:
        model = ModelBuilder()
        x, y = model.input((1, 4), "float32"), model.output((1, 3), "float32")
        arrays = (other.roots, other.features, other.thresholds, other.children, other.leaves)
        model.op("CUSTOM", [x, *(model.const(v) for v in arrays)], [y], custom_code="TINYKIT_FOREST")
        with pytest.raises(UnsupportedModel, match=why):
            compile_bytes(model.build())


def test_another_custom_operator_is_refused_by_its_name() -> None:
    model = ModelBuilder()
    model.op("CUSTOM", [model.input((4,), "float32")], [model.output((4,), "float32")], custom_code="Magic")
    with pytest.raises(UnsupportedModel, match="CUSTOM 'Magic'"):
        compile_bytes(model.build())
