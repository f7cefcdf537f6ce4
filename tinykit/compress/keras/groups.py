"""Which channels belong together: what is removed in one place has to be removed in others.

Every layer that makes channels begins a group; what reads, scales or adds those channels joins it. After DepGraph
(Fang et al. 2023, "DepGraph: Towards Any Structural Pruning"), along the edges of a Keras model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinykit.compress.keras.topology import parents
from tinykit.errors import UnsupportedModel

_PASS = {
    "ReLU", "LeakyReLU", "ELU", "Activation", "Identity", "Dropout", "SpatialDropout2D", "SpatialDropout1D",
    "GaussianNoise", "GaussianDropout", "MaxPooling2D", "AveragePooling2D", "MaxPooling1D", "AveragePooling1D",
    "GlobalAveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling1D", "GlobalMaxPooling1D", "ZeroPadding2D",
    "ZeroPadding1D", "Cropping2D", "Cropping1D", "UpSampling2D", "UpSampling1D",
}  # fmt: skip
_JOIN = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"}
_MAKE = {"Conv1D", "Conv2D", "Dense"}


@dataclass(frozen=True)
class View:
    """The last axis of a tensor: pieces of groups (group, channels), all of it ``times`` over (after a Flatten)."""

    pieces: tuple[tuple[int, int], ...]
    times: int = 1

    @property
    def width(self) -> int:
        """Channels before the repetition."""
        return sum(size for _, size in self.pieces)


@dataclass(frozen=True)
class Tie:
    """One axis of one weight of a layer that has to follow the channels of a view.

    Attributes:
        weight: position in the layer's ``get_weights()``.
        makes: the weight computes these channels or scales them; else it reads them.
    """

    layer: str
    weight: int
    axis: int
    view: View
    makes: bool


@dataclass
class Groups:
    """All groups of a model.

    Attributes:
        ties: what follows which channels.
        outputs: by layer that makes channels: its own group.
        fixed: groups of which no channel may go, with the reason.
        sizes: channels of each group.
    """

    ties: list[Tie] = field(default_factory=list)
    outputs: dict[str, int] = field(default_factory=dict)
    reshapes: dict[str, View] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    fixed: set[int] = field(default_factory=set)
    _same: list[int] = field(default_factory=list)

    def new(self, size: int) -> int:
        self.sizes.append(size)
        self._same.append(len(self._same))
        return len(self._same) - 1

    def find(self, group: int) -> int:
        """The group that stands for all that were joined with this one."""
        while self._same[group] != group:
            group = self._same[group]
        return group

    def join(self, one: int, other: int) -> None:
        one, other = self.find(one), self.find(other)
        if one != other:
            self._same[other] = one
            if other in self.fixed:
                self.fixed.add(one)

    def fix(self, view: View) -> None:
        self.fixed |= {self.find(group) for group, _ in view.pieces}

    def free(self) -> list[int]:
        """Groups from which channels may be removed."""
        roots = {self.find(group) for group in self.outputs.values()}
        fixed = {self.find(group) for group in self.fixed}
        return sorted(roots - fixed)

    def indices(self, view: View, kept: dict[int, np.ndarray]) -> np.ndarray:
        """Positions along a view's axis that stay; ``kept`` has those of each group, all of the others stay."""
        parts, offset = [], 0
        for group, size in view.pieces:
            parts.append(offset + kept.get(self.find(group), np.arange(size)))
            offset += size
        base = np.concatenate(parts)
        return np.concatenate([part * view.width + base for part in range(view.times)])


def find_groups(model: Any, where: str) -> Groups:
    """The groups of a flat model.

    Raises:
        UnsupportedModel: layers whose channels are not understood; names all of them.
    """
    groups, views, unknown = Groups(), dict[str, View](), []
    above = parents(model)
    for op in model.operations:
        inputs = [views[name] for name in above[op.name]]
        try:
            views[op.name] = _view(groups, op, inputs)
        except _NotUnderstood as reason:
            unknown.append(f"{op.name} ({type(op).__name__}){reason}")
            for view in inputs:
                groups.fix(view)
            views[op.name] = View(((groups.new(int(op.output.shape[-1] or 1)), int(op.output.shape[-1] or 1)),))
    if unknown:
        raise UnsupportedModel(
            f"layers whose channels cannot be followed: {', '.join(unknown)}",
            where=where,
            why="channels are removed only where it is known what reads them",
            hint="build the model of convolutions, Dense, BatchNormalization, activations, pooling, Flatten, "
            "Add and Concatenate; the other steps of a recipe take any layer",
        )
    groups.fix(views[model.outputs[0]._keras_history.operation.name])
    return groups


class _NotUnderstood(Exception):
    """A layer; the text says more, or nothing."""


def _view(groups: Groups, op: Any, inputs: list[View]) -> View:
    """The channels that an operation gives, and the ties of its weights."""
    kind = type(op).__name__
    if kind == "InputLayer":
        size = int(op.output.shape[-1])
        view = View(((groups.new(size), size),))
        groups.fix(view)
        return view
    if kind in _MAKE:
        return _maker(groups, op, kind, inputs[0])
    if kind in ("DepthwiseConv2D", "SeparableConv2D"):
        return _depthwise(groups, op, kind, inputs[0])
    if kind == "BatchNormalization":
        return _normalization(groups, op, inputs[0])
    if kind in _PASS:
        if getattr(op, "data_format", "channels_last") != "channels_last":
            raise _NotUnderstood(", channels first")
        if getattr(getattr(op, "activation", None), "__name__", "") in ("softmax", "log_softmax"):
            groups.fix(inputs[0])  # each channel depends on all others
        return inputs[0]
    if kind == "Softmax":
        groups.fix(inputs[0])
        return inputs[0]
    if kind in ("Flatten", "Reshape"):
        return _reshape(groups, op, kind, inputs[0])
    if kind in _JOIN and len(inputs) > 1:
        return _joined(groups, inputs)
    if kind == "Concatenate" and op.axis in (-1, len(op.output.shape) - 1) and all(v.times == 1 for v in inputs):
        return View(tuple(piece for view in inputs for piece in view.pieces))
    raise _NotUnderstood


def _maker(groups: Groups, op: Any, kind: str, source: View) -> View:
    if getattr(op, "groups", 1) != 1:
        raise _NotUnderstood(f", groups={op.groups}")
    if source.times != 1 and kind != "Dense":
        raise _NotUnderstood
    size = int(op.units if kind == "Dense" else op.filters)
    group = groups.new(size)
    view = View(((group, size),))
    rank = len(op.kernel.shape)
    groups.ties += [Tie(op.name, 0, rank - 2, source, False), Tie(op.name, 0, rank - 1, view, True)]
    if op.use_bias:
        groups.ties.append(Tie(op.name, 1, 0, view, True))
    groups.outputs[op.name] = group
    if getattr(op.activation, "__name__", "") == "softmax":
        groups.fix(view)
    return view


def _depthwise(groups: Groups, op: Any, kind: str, source: View) -> View:
    if op.depth_multiplier != 1:
        raise _NotUnderstood(f", depth_multiplier={op.depth_multiplier}")
    groups.ties.append(Tie(op.name, 0, 2, source, True))
    view, position = source, 1
    if kind == "SeparableConv2D":
        size = int(op.filters)
        group = groups.new(size)
        view, position = View(((group, size),)), 2
        groups.ties += [Tie(op.name, 1, 2, source, False), Tie(op.name, 1, 3, view, True)]
        groups.outputs[op.name] = group
    if op.use_bias:
        groups.ties.append(Tie(op.name, position, 0, view, True))
    return view


def _normalization(groups: Groups, op: Any, source: View) -> View:
    if op.axis not in (-1, len(op.output.shape) - 1):
        raise _NotUnderstood(f", axis={op.axis}")
    for position in range(len(op.weights)):
        groups.ties.append(Tie(op.name, position, 0, source, True))
    return source


def _reshape(groups: Groups, op: Any, kind: str, source: View) -> View:
    before, after = tuple(op.input.shape)[1:], tuple(op.output.shape)[1:]
    if None in before or None in after:
        raise _NotUnderstood(", open shape")
    if len(after) == 1:
        return View(source.pieces, source.times * math.prod(before[:-1]))
    if source.times == 1 and after[-1] == before[-1]:
        if kind == "Reshape":
            groups.reshapes[op.name] = source
        return source
    raise _NotUnderstood(f" from {list(before)} to {list(after)}")


def _joined(groups: Groups, inputs: list[View]) -> View:
    widest = max(inputs, key=lambda view: view.width)
    for view in inputs:
        if view.width == 1 < widest.width:
            groups.fix(view)  # broadcast over all channels
        elif [size for _, size in view.pieces] == [size for _, size in widest.pieces] and view.times == widest.times:
            for (one, _), (other, _) in zip(widest.pieces, view.pieces, strict=True):
                groups.join(one, other)
        else:
            raise _NotUnderstood(" of differently made channels")
    return widest
