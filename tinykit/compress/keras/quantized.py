"""Models that compute as int8 will: BatchNormalization folded, activations and weights on the grid of int8."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinykit.compress.keras.fake_quant import fake_quant_class
from tinykit.compress.keras.topology import (
    WEIGHTED,
    consumers,
    has_kernel,
    parents,
    rebuild,
    set_weights,
    weights_by_layer,
)
from tinykit.convert.keras import load_tensorflow
from tinykit.errors import UnsupportedModel

_CLIPS = {"relu", "relu6"}
"""Activations that the converter fuses into the layer before them: one rounding for both."""
_KEEPS = {
    "InputLayer", "MaxPooling2D", "MaxPooling1D", "AveragePooling2D", "AveragePooling1D", "Flatten", "Reshape",
    "Dropout", "SpatialDropout2D", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "ZeroPadding2D",
    "ZeroPadding1D", "Cropping2D", "Cropping1D", "Identity", "UpSampling2D", "UpSampling1D", "FakeQuant",
    "GlobalMaxPooling2D",
}  # fmt: skip
"""Layers whose output is on the grid of their input."""


def fold_normalization(model: Any, where: str) -> Any:
    """A flat model whose BatchNormalization is in the weights of the convolutions before it. Computes the same.

    Raises:
        UnsupportedModel: one follows something else; names it.
    """
    above = parents(model)
    below = consumers(above)
    layers = {layer.name: layer for layer in model.layers}
    pairs: dict[str, str] = {}
    stray = []
    for name, layer in layers.items():
        if type(layer).__name__ != "BatchNormalization":
            continue
        source = layers.get(above[name][0])
        activation = getattr(getattr(source, "activation", None), "__name__", "linear")
        if type(source).__name__ not in WEIGHTED or activation != "linear" or len(below[above[name][0]]) != 1:
            stray.append(name)
        else:
            pairs[above[name][0]] = name
    if stray:
        raise UnsupportedModel(
            f"BatchNormalization that cannot be folded: {', '.join(stray)}",
            where=where,
            why="int8 has none: it has to become part of the weights of the convolution or Dense layer before it",
            hint="put it directly behind one without an activation, and the activation behind it",
        )
    if not pairs:
        return model
    weights = weights_by_layer(model)
    for name, normalization in pairs.items():
        weights[name] = _folded(layers[name], layers[normalization])

    def make(layer: Any) -> Any:
        config = layer.get_config()
        if layer.name in pairs:
            config["use_bias"] = True
        return layer.__class__.from_config(config)

    folded_names = set(pairs.values())

    def apply(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        return arguments[0] if layer.name in folded_names else layer(*arguments, **keywords)

    folded = rebuild(model, make, apply)
    set_weights(folded, weights)
    return folded


def _folded(layer: Any, normalization: Any) -> list[np.ndarray]:
    """Kernel and bias that do what both layers do (Jacob et al. 2018, section 3.2)."""
    values = {weight.name: np.asarray(weight.value) for weight in normalization.weights}
    scale = values.get("gamma", 1.0) / np.sqrt(values["moving_variance"] + normalization.epsilon)
    kernel = np.asarray(layer.kernel.value)
    bias = np.asarray(layer.bias.value) if layer.use_bias else 0.0
    depthwise = type(layer).__name__ == "DepthwiseConv2D"
    # a depthwise kernel is (height, width, channels, multiplier), and its outputs go through both in that order
    shaped = scale.reshape(kernel.shape[-2:]) if depthwise else scale
    shift = values.get("beta", 0.0) + (bias - values["moving_mean"]) * scale
    return [kernel * shaped, np.asarray(shift, np.float32)]


def add_fake_quant(model: Any) -> Any:
    """A flat model without BatchNormalization whose activations are rounded where int8 rounds them."""
    _, keras = load_tensorflow("Keras models")
    fake_quant = fake_quant_class()
    above = parents(model)
    below = consumers(above)
    operations = {op.name: op for op in model.operations}
    last = model.outputs[0]._keras_history.operation.name

    def clipped_next(name: str) -> bool:
        """The only reader is an activation that the converter fuses with this layer."""
        readers = [operations[reader] for reader in below[name]]
        return len(readers) == 1 and name != last and _clips(readers[0])

    def make(layer: Any) -> Any:
        config = layer.get_config()
        if type(layer).__name__ in WEIGHTED:
            config["activation"] = "linear"  # applied below, where rounding can come before it
        return layer.__class__.from_config(config)

    def rounded(value: Any, name: str) -> Any:
        return fake_quant(name=f"{name}_int8")(value)

    first = {op.name for op in model.operations if type(op).__name__ == "InputLayer"}
    entered: dict[int, Any] = {}

    def apply(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        if first & set(above[layer.name]):
            arguments = tuple(_entered(argument, entered, rounded) for argument in arguments)
        value = layer(*arguments, **keywords)
        kind, old = type(layer).__name__, operations[layer.name]
        name = getattr(getattr(old, "activation", None), "__name__", "linear") if kind in WEIGHTED else "linear"
        if name in _CLIPS:
            value = keras.layers.Activation(name, name=f"{layer.name}_{name}")(value)
        elif name != "linear":
            value = rounded(value, layer.name)
            value = keras.layers.Activation(name, name=f"{layer.name}_{name}")(value)
            # the grid of these outputs is fixed by TFLite's specification
            return value if name in ("softmax", "sigmoid") else rounded(value, f"{layer.name}_{name}")
        activation = getattr(getattr(old, "activation", None), "__name__", "")
        if kind in _KEEPS or kind == "Softmax" or activation in ("softmax", "sigmoid"):
            return value
        return value if name not in _CLIPS and clipped_next(layer.name) else rounded(value, layer.name)

    quantized = rebuild(model, make, apply)
    set_weights(quantized, weights_by_layer(model))
    return quantized


def _clips(op: Any) -> bool:
    if type(op).__name__ == "ReLU":
        return op.max_value in (None, 6, 6.0) and not op.negative_slope and not op.threshold
    return type(op).__name__ == "Activation" and getattr(op.activation, "__name__", "") in _CLIPS


def _entered(argument: Any, entered: dict[int, Any], rounded: Any) -> Any:
    """The model's input on its grid: once for each input, whoever reads it."""
    history = getattr(argument, "_keras_history", None)
    if history is None or type(history.operation).__name__ != "InputLayer":
        return argument
    if id(argument) not in entered:
        entered[id(argument)] = rounded(argument, f"input{len(entered)}")
    return entered[id(argument)]


def without_fake_quant(model: Any) -> Any:
    """The same weights in float."""

    def apply(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        return arguments[0] if type(layer).__name__ == "FakeQuant" else layer(*arguments, **keywords)

    plain = rebuild(model, apply=apply)
    set_weights(plain, weights_by_layer(model))
    return plain


def round_kernel(layer: Any, kernel: Any) -> Any:
    """A kernel on its int8 grid: symmetric, -127..127, one scale for each output channel."""
    tensorflow, _ = load_tensorflow("Keras models")
    axes = [0, 1] if type(layer).__name__ == "DepthwiseConv2D" else list(range(len(kernel.shape) - 1))
    scale = tensorflow.maximum(tensorflow.reduce_max(tensorflow.abs(kernel), axis=axes, keepdims=True), 1e-9) / 127
    return tensorflow.round(kernel / scale) * scale


def rounded_layers(model: Any) -> list[Any]:
    """Layers whose kernels int8 rounds."""
    return [layer for layer in model.layers if has_kernel(layer)]
