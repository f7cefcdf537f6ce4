"""A streaming classifier of SVDF layers, which Keras does not have: written as a file, with random weights."""

from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from trainer.tflite_writer import Value, Writer

SEED = 5
INPUTS, CLASSES, MEMORY, RANK = 20, 4, 8, 2
UNITS = (24, 16)
CALIBRATION = 400
"""Steps of noise from which ranges are taken."""


def svdf() -> bytes:
    """int8 with int16 states: each run takes one step, the layers remember the last ones."""
    rng = np.random.default_rng(SEED)
    writer = Writer("two SVDF layers and a classifier")
    steps = rng.standard_normal((CALIBRATION, INPUTS))
    value = writer.tensor("step", (1, INPUTS), "int8", *_range(steps))
    writer.inputs.append(value.index)
    for number, units in enumerate(UNITS):
        value, steps = _layer(writer, f"svdf{number}", value, steps, units, rng)
    weights = rng.standard_normal((CLASSES, steps.shape[1])) / 2
    scale = float(np.float32(np.abs(weights).max() / 127))
    logits = writer.tensor("logits", (1, CLASSES), "int8", *_range(steps @ weights.T))
    options = schema.FullyConnectedOptionsT()
    inputs = [
        value,
        writer.constant("weights", np.round(weights / scale).astype(np.int8), np.array([scale])),
        writer.constant("bias", np.zeros(CLASSES, np.int32), np.array([scale * value.scale])),
    ]
    writer.operator("FULLY_CONNECTED", inputs, logits, options)
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    output = writer.tensor("probabilities", (1, CLASSES), "int8", 1 / 256, -128)
    writer.operator("SOFTMAX", [logits], output, softmax)
    writer.outputs.append(output.index)
    return writer.finish()


def _range(values: np.ndarray) -> tuple[float, int]:
    """Scale and zero point of int8 for values, 0 among them."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    scale = float(np.float32((high - low) / 255))
    return scale, int(np.clip(round(-128 - low / scale), -128, 127))


def _layer(
    writer: Writer, name: str, source: Value, steps: np.ndarray, units: int, rng: np.random.Generator
) -> tuple[Value, np.ndarray]:
    """The layer, and what it makes of ``steps``."""
    filters = units * RANK
    feature = rng.standard_normal((filters, steps.shape[1])) / np.sqrt(steps.shape[1])
    time = rng.standard_normal((filters, MEMORY)) / np.sqrt(MEMORY * RANK)
    bias = rng.standard_normal(units) / 10
    features = steps @ feature.T
    # each filter's last MEMORY features, the oldest first
    padded = np.concatenate([np.zeros((MEMORY - 1, filters)), features])
    windows = np.stack([padded[i : i + len(steps)] for i in range(MEMORY)], axis=-1)
    results = np.einsum("sfm,fm->sf", windows, time).reshape(len(steps), units, RANK).sum(axis=-1) + bias
    scales = [float(np.float32(np.abs(v).max() / n)) for v, n in ((feature, 127), (time, 32767), (features, 32767))]
    sums = float(np.float32(scales[1]) * np.float32(scales[2]))
    inputs = [
        source,
        writer.constant(f"{name}/feature", np.round(feature / scales[0]).astype(np.int8), np.array(scales[:1])),
        writer.constant(f"{name}/time", np.round(time / scales[1]).astype(np.int16), np.array(scales[1:2])),
        writer.constant(f"{name}/bias", np.round(bias / sums).astype(np.int32), np.array([sums])),
        writer.tensor(f"{name}/state", (1, filters * MEMORY), "int16", scales[2], variable=True),
    ]
    output = writer.tensor(f"{name}/output", (1, units), "int8", *_range(results))
    options = schema.SVDFOptionsT()
    options.rank = RANK
    writer.operator("SVDF", inputs, output, options)
    return output, results
