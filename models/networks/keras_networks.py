"""Small networks of Keras layers with seeded random weights: of every structure that meets a compiler in the wild."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from conversion import from_function, from_keras

SEED = 3


def _seed() -> None:
    keras.utils.clear_session()
    keras.utils.set_random_seed(SEED)


def _lively(model: Any) -> Any:
    """With moving averages and scales of its normalizations as if trained, so that no layer's range is degenerate."""
    rng = np.random.default_rng(SEED)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            layer.set_weights(
                [
                    rng.uniform(0.8, 1.6, gamma.shape),
                    rng.normal(0, 0.3, beta.shape),
                    rng.normal(0, 0.1, mean.shape),
                    rng.uniform(0.3, 1, variance.shape),
                ]
            )
    return model


def lstm() -> bytes:
    """Keras's LSTM layer and a classifier.

    Keras 3 unrolls the layer or makes a loop of it; the converter makes one operator of a function with the attribute
    that says it implements an LSTM.
    """
    _seed()
    steps, inputs, units, classes = 20, 10, 16, 4
    layer, head = keras.layers.LSTM(units, unit_forget_bias=True), keras.layers.Dense(classes)
    layer.build((1, steps, inputs))
    head.build((1, units))
    weights = [tf.constant(w) for w in (*layer.get_weights(), *head.get_weights())]

    def standard_lstm(x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any) -> tuple[Any, ...]:
        outputs = []
        for step in range(steps):
            i, f, g, o = tf.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            outputs.append(h)
        return h, tf.stack(outputs, axis=1), h, c, tf.constant(1.0)

    attributes = {
        "api_implements": "lstm_00000000-0000-0000-0000-000000000000",
        "api_preferred_device": "CPU",
        "time_major": False,
        "go_backwards": False,
    }
    composite = tf.function(standard_lstm, autograph=False, experimental_attributes=attributes)

    def network(x: Any) -> Any:
        zeros = tf.zeros((1, units))
        _, outputs, *_ = composite(x, zeros, zeros, *weights[:3])
        return tf.nn.softmax(outputs[:, -1] @ weights[3] + weights[4])

    return from_function(network, weights, (1, steps, inputs), SEED)


def unet() -> bytes:
    """Two levels down, two up with TRANSPOSE_CONV, joined by CONCATENATION."""
    _seed()
    layers = keras.layers

    def block(x: Any, channels: int) -> Any:
        return layers.Conv2D(channels, 3, padding="same", activation="relu")(x)

    image = keras.Input((32, 32, 1), batch_size=1)
    first = block(image, 8)
    second = block(layers.MaxPooling2D()(first), 12)
    x = block(layers.MaxPooling2D()(second), 16)
    for skip, channels in ((second, 12), (first, 8)):
        x = layers.Conv2DTranspose(channels, 2, strides=2, padding="same")(x)
        x = block(layers.Concatenate()([x, skip]), channels)
    return from_keras(keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x)), SEED)


def ssd_backbone(anchors: int, classes: int) -> bytes:
    """What an SSD has before its post-processing: encoded boxes [1, boxes, 4], and scores [1, boxes, classes], float32.

    64 boxes of 8x8 positions for each of ``anchors``.
    """
    _seed()
    layers = keras.layers
    image = x = keras.Input((32, 32, 3), batch_size=1)
    for channels, stride in ((8, 2), (16, 2), (24, 1)):
        x = layers.SeparableConv2D(channels, 3, stride, padding="same")(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    boxes = layers.Reshape((64 * anchors, 4))(layers.Conv2D(4 * anchors, 1)(x))
    scores = layers.Conv2D(classes * anchors, 1, activation="sigmoid")(x)
    scores = layers.Reshape((64 * anchors, classes))(scores)
    return from_keras(_lively(keras.Model(image, [boxes, scores])), SEED, floats=True)


def mobilenet_v2() -> bytes:
    """Inverted residuals with linear bottlenecks (Sandler et al. 2018), 48x48 pixels."""
    _seed()
    layers = keras.layers

    def normalized(x: Any, channels: int, stride: int = 1, kernel: int = 1) -> Any:
        x = layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    image = keras.Input((48, 48, 3), batch_size=1)
    x = layers.ReLU(6.0)(normalized(image, 8, stride=2, kernel=3))
    for channels, stride in ((8, 1), (12, 2), (12, 1), (16, 2), (16, 1), (24, 2)):
        y = layers.ReLU(6.0)(normalized(x, 6 * x.shape[-1]))
        y = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)(y)
        y = normalized(layers.ReLU(6.0)(layers.BatchNormalization()(y)), channels)
        x = layers.Add()([x, y]) if stride == 1 and channels == x.shape[-1] else y
    x = layers.GlobalAveragePooling2D()(layers.ReLU(6.0)(normalized(x, 96)))
    return from_keras(_lively(keras.Model(image, layers.Dense(10, activation="softmax")(x))), SEED)


def mobilenet_v3() -> bytes:
    """The same with squeeze and excitation and HARD_SWISH (Howard et al. 2019)."""
    _seed()
    layers = keras.layers

    def hard_sigmoid(x: Any) -> Any:
        return layers.ReLU(6.0)(x + 3.0) * (1 / 6)

    def hard_swish(x: Any) -> Any:
        return x * layers.ReLU(6.0)(x + 3.0) * (1 / 6)

    def normalized(x: Any, channels: int, stride: int = 1, kernel: int = 1) -> Any:
        x = layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    image = keras.Input((48, 48, 3), batch_size=1)
    x = hard_swish(normalized(image, 8, stride=2, kernel=3))
    for kernel, channels, stride, curve in (
        (3, 8, 2, layers.ReLU()),
        (3, 12, 2, layers.ReLU()),
        (5, 16, 2, hard_swish),
        (5, 16, 1, hard_swish),
    ):
        y = curve(normalized(x, 4 * x.shape[-1]))
        y = layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False)(y)
        y = curve(layers.BatchNormalization()(y))
        squeezed = layers.GlobalAveragePooling2D(keepdims=True)(y)
        squeezed = layers.Conv2D(8, 1, activation="relu")(squeezed)
        y = y * hard_sigmoid(layers.Conv2D(y.shape[-1], 1)(squeezed))
        y = normalized(y, channels)
        x = layers.Add()([x, y]) if stride == 1 and channels == x.shape[-1] else y
    x = layers.GlobalAveragePooling2D(keepdims=True)(hard_swish(normalized(x, 48)))
    x = layers.Flatten()(layers.Conv2D(10, 1)(hard_swish(layers.Conv2D(64, 1)(x))))
    return from_keras(_lively(keras.Model(image, layers.Softmax()(x))), SEED)


def transformer() -> bytes:
    """One encoder block of two heads, 16 steps of 16 values, and a classifier."""
    _seed()
    layers = keras.layers
    steps, width = 16, 16
    sequence = keras.Input((steps, 8), batch_size=1)
    x = layers.Dense(width)(sequence)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 8)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(width)(layers.Dense(2 * width, activation="relu")(x)))
    x = layers.GlobalAveragePooling1D()(x)
    return from_keras(keras.Model(sequence, layers.Dense(5, activation="softmax")(x)), SEED)


def autoencoder() -> bytes:
    """Dense layers, activations of int16."""
    _seed()
    layers = keras.layers
    x = spectrum = keras.Input((64,), batch_size=1)
    for width in (32, 32, 8, 32, 32):
        x = layers.Dense(width, activation="relu")(x)
    return from_keras(keras.Model(spectrum, layers.Dense(64)(x)), SEED, int16=True)
