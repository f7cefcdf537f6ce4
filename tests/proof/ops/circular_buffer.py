"""Random models of CIRCULAR_BUFFER."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from proof.ops.signal import custom, samples
from support.tflite_builder import ModelBuilder


@proves("CIRCULAR_BUFFER", "int8")
def circular_buffer(rng: np.random.Generator, label: str) -> Case:
    """What TFLite-Micro's buffer begins with is not defined unless it is a variable; what comes of it is taken times 0.

    The product is all that follows, as TFLite-Micro may put other values in the place of a buffer that was read.
    """
    model, runs = ModelBuilder(), 10
    width, depth, slots = (int(v) for v in rng.integers(1, 7, 3))
    quantized = {"scale": 0.5, "zero_point": int(rng.integers(-128, 128))}
    two = bool(rng.integers(2))
    period = int(rng.integers(1, 4)) if two else 1
    rows = 1 if rng.random() > 0.05 else 2
    x = model.input((1, rows, width, depth), "int8", **quantized)
    filled = model.input((1,), "int8", scale=1.0, zero_point=0)
    variable = bool(rng.integers(2))
    buffer = model.tensor((1, slots, width, depth), "int8", variable=variable, **quantized)
    outputs = [buffer, model.output((1,) * int(rng.integers(0, 2)), "bool")] if two else [buffer]
    custom(model, "CIRCULAR_BUFFER", [x], outputs, cycles_max=period)
    model.op("MUL", [buffer, filled], [model.output((1, slots, width, depth), "int8", **quantized)])
    fills = (np.arange(1, runs + 1) >= (1 if variable else slots)).astype(np.int8).reshape(runs, 1)
    return Case(model, [samples(rng, runs, (1, rows, width, depth), "int8"), fills])
