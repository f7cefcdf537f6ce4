"""A Keras model as one flat graph of layers, and how to build another one from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tinykit.convert.keras import load_tensorflow
from tinykit.convert.quiet import quiet
from tinykit.errors import InputError, UnsupportedModel

WEIGHTED = ("Conv1D", "Conv2D", "DepthwiseConv2D", "Dense")
"""Layers whose kernels are most of a model."""


def flat(model: Any, where: str) -> Any:
    """The model as a functional one, with weights shared with it.

    Raises:
        InputError: it is not built.
        UnsupportedModel: several outputs, a model as a layer of another, or a layer that is used twice.
    """
    _, keras = load_tensorflow("Keras models")
    if not model.built or not getattr(model, "inputs", None):
        raise InputError(
            "the model is not built: its input's shape is not known",
            where=where,
            hint="begin it with keras.Input(shape), or write it with the functional API",
        )
    if len(model.outputs) != 1:
        raise UnsupportedModel(
            f"the model has {len(model.outputs)} outputs",
            where=where,
            why="compression trains models with one",
            hint="give keras.Model(inputs, one_output)",
        )
    inputs = model.inputs[0] if len(model.inputs) == 1 else model.inputs
    functional = keras.Model(inputs, model.outputs[0], name=model.name)
    nested = [op.name for op in functional.operations if isinstance(op, keras.Model)]
    if nested:
        raise UnsupportedModel(
            f"a model is used as a layer: {', '.join(nested)}",
            where=where,
            why="its layers cannot be changed from outside",
            hint="build one flat model: call the inner model's layers one by one",
        )
    return functional


def parents(model: Any) -> dict[str, list[str]]:
    """For each operation of a flat model, by name, the operations whose outputs it reads.

    Raises:
        UnsupportedModel: one is used twice, with one set of weights.
    """
    known = {id(op) for op in model.operations}
    found: dict[str, list[str]] = {}
    for op in model.operations:
        # nodes of other models that share the layer do not count
        nodes = [
            node
            for node in op._inbound_nodes
            if all(id(t._keras_history.operation) in known for t in node.input_tensors) and node in _nodes_of(model)
        ]
        if len(nodes) > 1:
            raise UnsupportedModel(
                f"layer {op.name!r} is used {len(nodes)} times",
                where=model.name,
                why="its channels would have to agree in all places",
                hint="give each place a layer of its own",
            )
        tensors = nodes[0].input_tensors if nodes else []
        found[op.name] = [tensor._keras_history.operation.name for tensor in tensors]
    return found


def _nodes_of(model: Any) -> set[Any]:
    return {node for nodes in model._nodes_by_depth.values() for node in nodes}


def consumers(sources: dict[str, list[str]]) -> dict[str, list[str]]:
    """The other direction of ``parents``."""
    found: dict[str, list[str]] = {name: [] for name in sources}
    for name, above in sources.items():
        for parent in above:
            found[parent].append(name)
    return found


Make = Callable[[Any], Any]
"""A new layer for an old one."""
Apply = Callable[..., Any]
"""``(new_layer, *arguments, **keywords)``: the new layer's output."""


def rebuild(model: Any, make: Make | None = None, apply: Apply | None = None) -> Any:
    """A new functional model with the same edges; its weights are fresh."""
    _, keras = load_tensorflow("Keras models")
    with quiet():
        return keras.models.clone_model(model, clone_function=make or _same, call_function=apply or _called)


def _same(layer: Any) -> Any:
    return layer.__class__.from_config(layer.get_config())


def _called(layer: Any, *arguments: Any, **keywords: Any) -> Any:
    return layer(*arguments, **keywords)


def weights_by_layer(model: Any) -> dict[str, list[Any]]:
    """Each layer's weights as arrays, by name."""
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def set_weights(model: Any, weights: dict[str, list[Any]]) -> None:
    """Give layers what they have in ``weights``; the others keep theirs."""
    for layer in model.layers:
        if layer.name in weights:
            layer.set_weights(weights[layer.name])


def has_kernel(layer: Any) -> bool:
    """The layer is one whose main weights are its ``kernel``."""
    return type(layer).__name__ in WEIGHTED


def known_layers(model: Any, names: Sequence[str], field: str) -> None:
    """Refuse names that no layer has.

    Raises:
        InputError: names it, and what there is.
    """
    have = [layer.name for layer in model.layers]
    unknown = [name for name in names if name not in have]
    if unknown:
        raise InputError(
            f"{field} names a layer that the model does not have: {', '.join(unknown)}",
            where=model.name,
            why=f"its layers are {', '.join(have)}",
            hint="correct the name",
        )
