"""Structured pruning: whole channels go, and the model is built anew without them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinykit.compress.keras.groups import Groups, Tie, find_groups
from tinykit.compress.keras.objective import Objective
from tinykit.compress.keras.topology import known_layers, parents, rebuild, set_weights, weights_by_layer
from tinykit.compress.network import Data
from tinykit.compress.recipe import Channels
from tinykit.convert.keras import load_tensorflow
from tinykit.errors import InputError

_SCORED = 1024
"""Samples for the criterion "taylor"."""
_LEAST_SHARE = 0.1
"""Of its channels every group keeps at least so many, so that "global" does not cut a layer off."""


def remove_channels(model: Any, step: Channels, objective: Objective, data: Data, where: str) -> tuple[Any, str]:
    """A flat model without the channels that matter least, and a few words on it.

    Raises:
        InputError: ``skip`` names no layer, or there is nothing to remove.
        UnsupportedModel: layers that are not understood.
    """
    known_layers(model, step.skip, "skip")
    groups = find_groups(model, where)
    for name in step.skip:
        if name in groups.outputs:
            groups.fixed.add(groups.find(groups.outputs[name]))
    free = groups.free()
    if not free:
        raise InputError(
            "there are no channels to remove",
            where=where,
            why="those of the input, of the output and of the layers in skip all have to stay",
            hint="leave the step out, or shorten skip",
        )
    effects = _gradients(model, objective, data) if step.criterion == "taylor" else None
    scores = {group: _importance(groups, group, weights_by_layer(model), model, effects) for group in free}
    kept = _choose(scores, step)
    before = sum(len(score) for score in scores.values())
    after = sum(len(indices) for indices in kept.values())
    return _cut(model, groups, kept), f"{before - after} of {before} channels removed"


def _choose(scores: dict[int, np.ndarray], step: Channels) -> dict[int, np.ndarray]:
    """Indices that stay, ascending, for each group."""
    kept = {}
    limit = float(np.quantile(np.concatenate(list(scores.values())), step.remove))
    for group, score in scores.items():
        size = len(score)
        count = float(np.sum(score > limit)) if step.scope == "global" else (1 - step.remove) * size
        floor = max(step.least, int(np.ceil(_LEAST_SHARE * size)))
        rounded = max(step.multiple, step.multiple * round(count / step.multiple))
        wanted = min(size, max(floor, rounded))
        kept[group] = np.sort(np.argsort(-score, kind="stable")[:wanted])
    return kept


def _importance(
    groups: Groups,
    group: int,
    weights: dict[str, list[np.ndarray]],
    model: Any,
    effects: dict[str, list[np.ndarray]] | None,
) -> np.ndarray:
    """What each channel of a group matters, its mean 1: over all weights that make or scale it.

    Without ``effects``: the norm of its weights, those before a BatchNormalization as that scales them. With them
    (gradient times weight): the square of their sum, an estimate of what the loss changes without the channel
    (Molchanov et al. 2019, "Importance Estimation for Neural Network Pruning").
    """
    total = np.zeros(groups.sizes[group])
    after = _scales(groups, group, weights, model)
    for tie in groups.ties:
        part = _part(groups, group, tie)
        if part is None or not tie.makes or tie.view.times != 1:
            continue
        values = weights[tie.layer][tie.weight] if effects is None else effects[tie.layer][tie.weight]
        if effects is None and values.ndim == 1:
            continue  # biases say nothing of size; BatchNormalization is in ``after``
        axes = tuple(a for a in range(values.ndim) if a != tie.axis)
        if effects is None:
            score = np.sqrt((values.astype(np.float64) ** 2).sum(axis=axes))[part] * after.get(tie.layer, 1.0)
            total += score / (score.mean() or 1.0)
        else:
            total += values.astype(np.float64).sum(axis=axes)[part]
    if effects is not None:
        total = total**2
    return total / (total.mean() or 1.0)


def _scales(groups: Groups, group: int, weights: dict[str, list[np.ndarray]], model: Any) -> dict[str, np.ndarray]:
    """What the BatchNormalization directly after a layer multiplies its channels by, by layer."""
    found = {}
    by_name = {layer.name: layer for layer in model.layers}
    for name, above in parents(model).items():
        layer = by_name.get(name)
        if type(layer).__name__ != "BatchNormalization" or layer is None or not above:
            continue
        ties = [tie for tie in groups.ties if tie.layer == name]
        part = _part(groups, group, ties[0]) if ties else None
        if part is not None:
            values = dict(zip((w.name for w in layer.weights), weights[name], strict=True))
            gamma = values.get("gamma", np.ones_like(values["moving_variance"]))
            found[above[0]] = np.abs(gamma / np.sqrt(values["moving_variance"] + layer.epsilon))[part]
    return found


def _part(groups: Groups, group: int, tie: Tie) -> slice | None:
    """Where a group's channels are in a tie's view; None if they are not in it."""
    offset = 0
    for piece, size in tie.view.pieces:
        if groups.find(piece) == group:
            return slice(offset, offset + size)
        offset += size
    return None


def _gradients(model: Any, objective: Objective, data: Data) -> dict[str, list[np.ndarray]]:
    """Gradient of the loss times weight, for each weight; zeros where nothing is trained."""
    tensorflow, _ = load_tensorflow("Keras models")
    x = [tensorflow.constant(values[:_SCORED]) for values in data.x]
    variables = [variable.value for variable in model.trainable_variables]
    with tensorflow.GradientTape() as tape:
        loss = objective(model(x[0] if len(x) == 1 else x, training=False), objective.targets[:_SCORED])
    gradients = tape.gradient(loss, variables)
    effects = {
        id(variable): np.asarray(gradient) * np.asarray(variable.value)
        for variable, gradient in zip(model.trainable_variables, gradients, strict=True)
        if gradient is not None
    }
    return {
        layer.name: [effects.get(id(w), np.zeros(w.shape, np.float32)) for w in layer.weights]
        for layer in model.layers
        if layer.weights
    }


def _cut(model: Any, groups: Groups, kept: dict[int, np.ndarray]) -> Any:
    """The model with the channels in ``kept`` only."""
    weights = weights_by_layer(model)
    for tie in groups.ties:
        stay = groups.indices(tie.view, kept)
        weights[tie.layer][tie.weight] = np.take(weights[tie.layer][tie.weight], stay, axis=tie.axis)

    def make(layer: Any) -> Any:
        config = layer.get_config()
        if layer.name in groups.outputs:
            group = groups.find(groups.outputs[layer.name])
            count = len(kept[group]) if group in kept else groups.sizes[group]
            config["units" if type(layer).__name__ == "Dense" else "filters"] = count
        elif layer.name in groups.reshapes:
            width = len(groups.indices(groups.reshapes[layer.name], kept))
            config["target_shape"] = (*layer.output.shape[1:-1], width)
        return layer.__class__.from_config(config)

    smaller = rebuild(model, make)
    set_weights(smaller, weights)
    return smaller
