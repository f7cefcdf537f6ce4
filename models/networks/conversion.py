"""From Keras, or a TensorFlow function, to .tflite."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

SAMPLES = 16
"""Random samples for calibration."""


def quantized(
    converter: Any, shapes: list[tuple[int, ...]], seed: int, *, int16: bool = False, floats: bool = False
) -> bytes:
    """The model in int8 throughout, or with int16 activations; inputs are calibrated as standard normal.

    ``floats`` leaves outputs float32.
    """
    rng = np.random.default_rng(seed)

    def representative() -> Iterator[list[np.ndarray]]:
        for _ in range(SAMPLES):
            yield [rng.standard_normal(shape).astype(np.float32) for shape in shapes]

    sets = tf.lite.OpsSet
    wide = sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [wide if int16 else sets.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int16 if int16 else tf.int8
    converter.inference_output_type = tf.float32 if floats else converter.inference_input_type
    return bytes(converter.convert())


def from_keras(model: Any, seed: int, *, int16: bool = False, floats: bool = False) -> bytes:
    """A Keras model whose inputs have a batch of 1."""
    shapes = [tuple(int(d) for d in x.shape) for x in model.inputs]
    return quantized(tf.lite.TFLiteConverter.from_keras_model(model), shapes, seed, int16=int16, floats=floats)


def from_function(function: Any, constants: list[Any], shape: tuple[int, ...], seed: int) -> bytes:
    """A function of one float32 input, through a SavedModel: only there the converter finds composite functions."""
    module = tf.Module()
    module.function = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32)])
    module.constants = constants
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=module.function.get_concrete_function())
        return quantized(tf.lite.TFLiteConverter.from_saved_model(folder), [shape], seed)
