"""TINYKIT_FOREST, the operator of ours that decision trees are: what it means, and how its constants are laid out.

The .tflite format has no operator for trees, so a forest is a custom one. Its inputs:

0. x, float32 or int8, (1, features)
1. roots, int32, (trees,): the first node of each tree
2. features, int16, (nodes,): the feature that a node looks at
3. thresholds, (nodes,), of the type of x: the left child is next where ``x[feature] <= threshold``, else the right
4. children, int16, (nodes, 2): left and right; a node counted from its tree's root, or ``-1 - leaf``
5. leaves, float32 or int8, (leaves, values): what a leaf answers, shared by all trees

The output, (1, values), is the mean over all trees: floats are added tree by tree in single precision and divided,
int8 values are added as integers and divided, rounded half away from zero. A node's children come after it, so
every walk ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinykit.graph.types import DType, Graph, Op

FOREST = "TINYKIT_FOREST"
"""Its kind, and the custom code in the file."""

MOST = 1 << 15
"""Nodes of one tree, leaves of all, and features: what int16 can count."""


@dataclass(frozen=True)
class Forest:
    """The constants of the operator, with shapes and types as above."""

    roots: np.ndarray
    features: np.ndarray
    thresholds: np.ndarray
    children: np.ndarray
    leaves: np.ndarray

    @property
    def nodes(self) -> int:
        return len(self.features)

    def evaluate(self, x: np.ndarray) -> np.ndarray:
        """The operator's answer.

        Args:
            x: (N, features), of the type of the thresholds.

        Returns:
            (N, values), of the type of the leaves.
        """
        rows = np.arange(len(x))
        integers = self.leaves.dtype.kind == "i"
        total = np.zeros((len(x), self.leaves.shape[1]), np.int64 if integers else np.float32)
        for root in self.roots.astype(np.int64):
            node = np.zeros(len(x), np.int64)
            walking = rows
            while len(walking):
                at = root + node[walking]
                right = ~(x[walking, self.features[at]] <= self.thresholds[at])  # what is no number goes right
                node[walking] = self.children[at, right.astype(np.int64)]
                walking = walking[node[walking] >= 0]
            total += self.leaves[-1 - node]
        trees = len(self.roots)
        if integers:
            rounded: np.ndarray = np.sign(total) * ((np.abs(total) + trees // 2) // trees)
            return rounded.astype(np.int8)
        mean: np.ndarray = total / np.float32(trees)
        return mean


def forest_of(graph: Graph, op: Op) -> Forest:
    """The constants of a TINYKIT_FOREST, checked so that walking them ends and stays inside.

    Raises:
        ValueError: says what is wrong with them.
    """
    tensors = [graph.input(op, i) for i in range(len(op.inputs))]
    if len(tensors) != 6 or len(op.outputs) != 1:
        raise ValueError(f"it has {len(tensors)} inputs and {len(op.outputs)} outputs instead of 6 and 1")
    data = [None if tensor is None else tensor.data for tensor in tensors]
    source, target = tensors[0], graph.output(op)
    roots, features, thresholds, children, leaves = data[1:]
    if source is None or data[0] is not None:
        raise ValueError("its input is a constant")
    if roots is None or features is None or thresholds is None or children is None or leaves is None:
        raise ValueError("its trees are computed at run time")
    types = [None if tensor is None else tensor.dtype for tensor in tensors[1:]]
    if types != [DType.INT32, DType.INT16, source.dtype, DType.INT16, target.dtype]:
        raise ValueError("its trees have other types than int32, int16, the input's, int16 and the output's")
    nodes = features.size
    width = leaves.shape[1] if leaves.ndim == 2 else 0
    sizes = (features.shape, thresholds.shape, children.shape, leaves.ndim, source.shape[:1], target.shape)
    if roots.ndim != 1 or not roots.size or sizes != ((nodes,), (nodes,), (nodes, 2), 2, (1,), (1, width)) or not width:
        raise ValueError("the shapes of its trees do not go together")
    ends = np.append(roots[1:].astype(np.int64), nodes)
    lengths = ends - roots
    if roots[0] != 0 or lengths.min() < 1 or lengths.max() > MOST or not 0 < len(leaves) <= MOST:
        raise ValueError("its trees do not follow each other, or are larger than 32768 nodes")
    if features.min() < 0 or features.max() >= source.size:
        raise ValueError(f"a node looks at feature {int(features.max())} of {source.size}")
    own = np.arange(nodes) - np.repeat(roots.astype(np.int64), lengths)
    inner = (children > own[:, np.newaxis]) & (children < np.repeat(lengths, lengths)[:, np.newaxis])
    leaf = (children < 0) & (children >= -len(leaves))
    if not (inner | leaf).all():
        raise ValueError("a node's child is no later node of its tree, and no leaf")
    return Forest(roots, features, thresholds, children, leaves)
