"""Decision trees and forests of scikit-learn, as the operator TINYKIT_FOREST.

Every decision is scikit-learn's: it compares float32 features with double-precision thresholds, and ``x <= t`` holds
for the same float32 ``x`` when ``t`` is rounded down to float32. A scaler before the trees rises with its input, so
there is a largest ``x`` that it takes to the left: that becomes the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinykit.convert.model import Trees
from tinykit.convert.writer import ModelWriter
from tinykit.errors import UnsupportedModel
from tinykit.graph.forest import FOREST, MOST, Forest
from tinykit.graph.types import DType

TREES = frozenset(
    {
        "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor",
        "ExtraTreesClassifier", "ExtraTreesRegressor", "RandomForestClassifier", "RandomForestRegressor",
    }
)  # fmt: skip
"""Estimators whose answer is the mean of their trees'."""

_FAR = 1e18
"""Larger than any feature, and no scaler makes it overflow."""

Affine = tuple[float, int]
"""Scale and zero point."""


def flatten_trees(final: Any, scalers: Sequence[Any], estimator: Any, where: str) -> Trees:
    """The trees of a fitted estimator.

    Args:
        final: one of ``TREES``; a classifier of one target.
        scalers: fitted scalers before it; folded into the thresholds.
        estimator: the whole pipeline, or ``final`` itself.

    Raises:
        UnsupportedModel: more trees and leaves than the operator can count.
    """
    classifier = hasattr(final, "classes_")
    trees = [tree.tree_ for tree in getattr(final, "estimators_", [final])]
    values = [_values(tree, classifier) for tree in trees]
    leaves, numbers = np.unique(np.concatenate(values), axis=0, return_inverse=True)
    most = max(int((tree.children_left >= 0).sum()) for tree in trees)
    if len(leaves) > MOST or most > MOST or final.n_features_in_ > MOST:
        raise UnsupportedModel(
            f"the trees are too large: {len(leaves)} different leaves, {most} nodes in the largest",
            where=where,
            why=f"{MOST} of each can be counted",
            hint="train it with a max_depth or a min_samples_leaf",
        )
    roots: list[int] = []
    features: list[np.ndarray] = []
    thresholds: list[np.ndarray] = []
    children: list[np.ndarray] = []
    first = nodes = 0
    for tree, own in zip(trees, values, strict=True):
        leaf, first = numbers.reshape(-1)[first : first + len(own)], first + len(own)
        feature, threshold, child = _nodes(tree, leaf)
        roots.append(nodes)
        nodes += len(feature)
        features.append(feature)
        thresholds.append(threshold)
        children.append(child)
    feature, threshold = np.concatenate(features), np.concatenate(thresholds)
    if scalers:
        threshold = _before(scalers, int(final.n_features_in_), feature, threshold)
    forest = Forest(
        np.array(roots, np.int32),
        feature.astype(np.int16),
        _rounded_down(threshold),
        np.concatenate(children).astype(np.int16),
        leaves.astype(np.float32),
    )

    def predict(x: np.ndarray) -> np.ndarray:
        answer = np.asarray(estimator.predict_proba(x) if classifier else estimator.predict(x))
        return answer.reshape(len(x), -1)

    return Trees(forest, int(final.n_features_in_), predict, classifier)


def quantize_forest(trees: Trees) -> tuple[Forest, Affine, Affine]:
    """Trees in int8, and scale and zero point of their input and output.

    The input's range is that of the thresholds: what lies beyond is saturated, which changes no decision. Features of
    whole numbers keep them, where they fit. A probability has scale 1/256 and zero point -128, as a SOFTMAX has.
    """
    forest = trees.forest
    source = _input_affine(forest.thresholds.astype(np.float64))
    # Rounded as x will be, so that what is not above a threshold stays so; halves down, since of whole numbers
    # those below are meant.
    thresholds = np.ceil(forest.thresholds.astype(np.float64) / source[0] - 0.5) + source[1]
    low, high = min(float(forest.leaves.min()), 0.0), max(float(forest.leaves.max()), 0.0)
    scale = float(np.float32((high - low) / 255)) or 1.0
    target = (1 / 256, -128) if trees.probabilities else (scale, round(-128 - low / scale))
    leaves = np.clip(np.rint(forest.leaves.astype(np.float64) / target[0]) + target[1], -128, 127)
    small = Forest(
        forest.roots,
        forest.features,
        np.clip(thresholds, -128, 126).astype(np.int8),
        forest.children,
        leaves.astype(np.int8),
    )
    return small, source, target


def write_forest(forest: Forest, features: int, source: Affine | None = None, target: Affine | None = None) -> bytes:
    """A .tflite of the one operator, (1, features) to (1, values).

    Args:
        source, target: scale and zero point of input and output of an int8 forest.
    """
    integers = forest.leaves.dtype == np.int8
    dtype = DType.INT8 if integers else DType.FLOAT32
    writer = ModelWriter("tinykit: decision trees")
    x = writer.tensor("input", (1, features), dtype=dtype, affine=source)
    constants = [
        writer.tensor(name, values.shape, values, dtype=kind)
        for name, values, kind in (
            ("roots", forest.roots, DType.INT32),
            ("features", forest.features, DType.INT16),
            ("thresholds", forest.thresholds, dtype),
            ("children", forest.children, DType.INT16),
            ("leaves", forest.leaves, dtype),
        )
    ]
    y = writer.tensor("output", (1, forest.leaves.shape[1]), dtype=dtype, affine=target)
    writer.custom(FOREST, [x, *constants], y)
    return writer.finish([x], [y])


def _values(tree: Any, classifier: bool) -> np.ndarray:
    """What the leaves of a tree answer, float32, (leaves, values), in the order of their nodes."""
    values = np.asarray(tree.value[tree.children_left < 0], np.float64)
    if not classifier:
        return values[:, :, 0].astype(np.float32)
    counts = values[:, 0, :]  # of samples, or their shares: that depends on the version
    shares: np.ndarray = counts / counts.sum(axis=1, keepdims=True)
    return shares.astype(np.float32)


def _nodes(tree: Any, leaf: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feature, threshold and children of the nodes of a tree that decide; ``leaf`` numbers its leaves."""
    inner = tree.children_left >= 0
    if not inner.any():  # one leaf is all there is: a node that leads to it either way
        return np.zeros(1, np.int64), np.zeros(1), np.full((1, 2), -1 - int(leaf[0]))
    number = np.where(inner, np.cumsum(inner) - 1, 0)
    number[~inner] = -1 - leaf
    children = np.stack([number[tree.children_left[inner]], number[tree.children_right[inner]]], axis=1)
    return tree.feature[inner], tree.threshold[inner], children


def _before(scalers: Sequence[Any], features: int, feature: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """For each node the largest float32 feature that the scalers bring to its threshold at most, found by bisection."""
    rows = np.arange(len(feature))
    values = np.zeros((len(feature), features), np.float32)
    low, high = np.full(len(feature), -_ordinal(_FAR), np.int64), np.full(len(feature), _ordinal(_FAR), np.int64)
    while (high - low).max() > 1:
        middle = (low + high) // 2
        values[rows, feature] = _from_ordinal(middle)
        scaled: Any = values
        for scaler in scalers:
            scaled = scaler.transform(scaled)
        left = np.asarray(scaled)[rows, feature].astype(np.float32) <= threshold
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return _from_ordinal(low).astype(np.float64)


def _ordinal(value: float) -> int:
    """A positive float32 as an integer; integers and floats rise together."""
    return int(np.float32(value).view(np.int32))


def _from_ordinal(numbers: np.ndarray) -> np.ndarray:
    magnitudes: np.ndarray = np.abs(numbers).astype(np.int32).view(np.float32)
    signed: np.ndarray = np.copysign(magnitudes, numbers.astype(np.float32))
    return signed


def _rounded_down(values: np.ndarray) -> np.ndarray:
    """The largest float32 that is no larger."""
    near: np.ndarray = values.astype(np.float32)
    above = near.astype(np.float64) > values
    near[above] = np.nextafter(near[above], np.float32(-np.inf))
    return near


def _input_affine(thresholds: np.ndarray) -> Affine:
    """Scale and zero point with which every threshold separates two int8 values."""
    low, high = min(float(thresholds.min()), 0.0), max(float(thresholds.max()), 0.0)
    halves = bool((thresholds * 2 == np.rint(thresholds * 2)).all())
    if halves and high - low <= 253:
        return 1.0, int(-127 - np.floor(low))
    scale = float(np.float32((high - low) / 253)) or 1.0
    return scale, round(-127 - low / scale)
