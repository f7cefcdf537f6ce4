"""SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM: several runs of each model, since they keep state."""

from __future__ import annotations

from typing import Any

import numpy as np

from proof.case import Case, proves
from support.tflite_builder import ModelBuilder

_ACTIVATIONS = ("NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT")


def _size(rng: np.random.Generator, most: int) -> int:
    """Often 1."""
    return 1 if rng.random() < 0.2 else int(rng.integers(1, most + 1))


def _scale(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.float32(2.0 ** rng.uniform(low, high)))


def _zero_point(rng: np.random.Generator) -> int:
    return int(rng.choice([-128, 127, 0, int(rng.integers(-128, 128))]))


def _int8(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Weights, sometimes all extreme ones."""
    if rng.random() < 0.1:
        return rng.choice(np.array([-128, 127], np.int8), shape)
    return rng.integers(-128, 128, shape, np.int8)


@proves("SVDF", "int8", "int8, int16 state", "float32")
def svdf_case(rng: np.random.Generator, label: str) -> Case:
    model = ModelBuilder()
    batches, inputs, units = _size(rng, 4), _size(rng, 24), _size(rng, 9)
    rank, memory = _size(rng, 4), _size(rng, 10)
    filters = units * rank
    bad = rng.random()
    if bad < 0.03:
        rank += 1  # of which the filters are no multiple, mostly
    state_shape = (batches, filters * memory + (bad > 0.97))
    options: dict[str, Any] = {"rank": rank, "fused_activation_function": str(rng.choice(_ACTIVATIONS))}
    if label == "float32":
        x = model.input((batches, inputs), "float32")
        feature = model.const(rng.standard_normal((filters, inputs)).astype(np.float32))
        time = model.const(rng.standard_normal((filters, memory)).astype(np.float32))
        bias = model.const(rng.standard_normal(units).astype(np.float32))
        state = model.tensor(state_shape, "float32", variable=True)
        y = model.output((batches, units), "float32")
        model.op("SVDF", [x, feature, time, bias, state], [y], **options)
        return Case(model, runs=memory + 3, atol=1e-4)
    wide = label != "int8"
    scales = [_scale(rng, -9, 0) for _ in range(3)]
    # A state that mostly uses its range, and sometimes saturates.
    spread = scales[0] * scales[1] * 74 * 74 * np.sqrt(inputs)
    state_scale = float(np.float32(spread / (32767 if wide else 127) * 2.0 ** rng.uniform(-1, 3)))
    time_scale = scales[2] / (256 if wide else 1)
    sums = float(np.float32(state_scale) * np.float32(time_scale))
    # TFLite-Micro accepts any scale of the bias that differs by less than 1e-5.
    bias_scale = sums + (float(rng.uniform(-2e-5, 2e-5)) if rng.random() < 0.1 else 0.0)
    low, high = (-32768, 32767) if wide else (-128, 127)
    dtype = "int16" if wide else "int8"
    x = model.input((batches, inputs), "int8", scale=scales[0], zero_point=_zero_point(rng))
    feature = model.const(_int8(rng, (filters, inputs)), scale=scales[1], zero_point=0)
    weights = rng.integers(low, high + 1, (filters, memory)).astype(dtype)
    time = model.const(weights, scale=time_scale, zero_point=0)
    reach = (high * high) // 2 * memory * rank
    bias = model.const(
        rng.integers(-min(reach, 2**30), min(reach, 2**30), units).astype(np.int32), scale=abs(bias_scale), zero_point=0
    )
    zero_point = 0 if wide and rng.random() < 0.7 else _zero_point(rng)
    state = model.tensor(state_shape, dtype, scale=state_scale, zero_point=zero_point, variable=True)
    out_scale = float(np.float32(sums * high * high / 127 * np.sqrt(memory * rank) * 2.0 ** rng.uniform(-4, 1)))
    y = model.output((batches, units), "int8", scale=out_scale, zero_point=_zero_point(rng))
    model.op("SVDF", [x, feature, time, bias, state], [y], **options)
    return Case(model, runs=memory + 3)


@proves("UNIDIRECTIONAL_SEQUENCE_LSTM", "int8", "int16", "float32")
def lstm_case(rng: np.random.Generator, label: str) -> Case:
    model = ModelBuilder()
    batches, steps, inputs, units = _size(rng, 3), _size(rng, 6), _size(rng, 12), _size(rng, 9)
    time_major = bool(rng.random() < 0.5)
    outer = (steps, batches) if time_major else (batches, steps)
    bad = rng.random()
    floats, wide = label == "float32", label == "int16"
    clip = float(rng.choice([0.0, 0.0, rng.uniform(0.05, 2.0), 10.0]))
    options: dict[str, Any] = {
        "fused_activation_function": "TANH",
        "cell_clip": -1.0 if bad > 0.98 else clip,
        "proj_clip": float(rng.choice([0.0, 1.0])),
        "time_major": time_major,
    }
    in_scale = _scale(rng, -16, -11) if wide else _scale(rng, -8, -3)
    hidden_scale = _scale(rng, -16, -14) if wide else float(rng.choice([2.0**-7, 2.0**-8, _scale(rng, -9, -5)]))
    # The converter makes it a power of two, which TFLite-Micro does not check.
    cell_scale = 2.0 ** int(rng.integers(-15, -8)) if rng.random() < 0.8 else _scale(rng, -15, -8)
    hidden_zero = 0 if wide else _zero_point(rng)
    kind = "float32" if floats else label
    in_zero = 0 if wide else _zero_point(rng)

    def tensor(shape: tuple[int, ...], scale: float, zero_point: int, dtype: str = kind, **more: Any) -> int:
        quant: dict[str, Any] = {} if floats else {"scale": scale, "zero_point": zero_point}
        return model.tensor(shape, "float32" if floats else dtype, **quant, **more)

    x = tensor((*outer, inputs), in_scale, in_zero)
    model.inputs.append(x)

    def weights(columns: int, spread: float) -> list[int]:
        """Whose sums reach the gates' range, and sometimes far beyond it."""
        if floats:
            return [model.const(rng.standard_normal((units, columns)).astype(np.float32)) for _ in range(4)]
        reach = 2.0 ** rng.uniform(-2, 5) / (spread * 74 * np.sqrt(columns))
        shape = (units, columns)
        return [model.const(_int8(rng, shape), scale=reach * 2.0 ** rng.uniform(-1, 1), zero_point=0) for _ in range(4)]

    magnitude = 19000 if wide else 74
    w = weights(inputs, in_scale * magnitude)
    r = weights(units, hidden_scale * magnitude)
    biases: list[int] = []
    for _ in range(4):
        if floats:
            biases.append(model.const(rng.standard_normal(units).astype(np.float32)))
        else:
            values = rng.integers(-magnitude * 70, magnitude * 70, units)
            biases.append(model.const(values.astype(np.int64 if wide else np.int32), scale=in_scale, zero_point=0))
    # TFLite-Micro counts the state's elements; only the output state has to have two dimensions.
    hidden = tensor((batches, units), hidden_scale, hidden_zero, variable=True)
    cell_shape = (batches * units,) if rng.random() < 0.1 else (batches, units + (bad < 0.02))
    cell = tensor(cell_shape, cell_scale, 0, "int16", variable=True)
    y = tensor((*outer, units), hidden_scale, hidden_zero)
    model.outputs.append(y)
    inputs_of_op: list[int | None] = [x, *w, *r, None, None, None, *biases, None, None, hidden, cell, *[None] * 4]
    if 0.02 < bad < 0.05:
        inputs_of_op[int(rng.choice([9, 16, 20]))] = biases[0]
    model.op("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs_of_op, [y], **options)
    if not floats:
        return Case(model)
    return Case(model, inputs=[rng.standard_normal((3, *outer, inputs)).astype(np.float32)], rtol=1e-5, atol=2e-6)
