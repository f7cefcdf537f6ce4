"""RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR."""

from __future__ import annotations

import functools

import numpy as np

from proof import draw
from proof.case import Case, proves
from support.tflite_builder import ModelBuilder


def _resize(kind: str, rng: np.random.Generator, label: str) -> Case:
    batch, channels = int(rng.choice([1, 1, 2])), int(rng.integers(1, 6))
    size = [int(v) for v in rng.integers(1, 10, 2)]
    if rng.random() < 0.5:
        out = [s * int(rng.integers(1, 5)) for s in size]
    else:
        out = [int(v) for v in rng.integers(1, 31, 2)]
    if rng.random() < 0.05:
        out[int(rng.integers(0, 2))] = int(rng.integers(100, 700))
    align, half = [(False, False), (True, False), (False, True)][int(rng.integers(0, 3))]
    if rng.random() < 0.07:  # bilinear: refused
        align = half = True
    model = ModelBuilder()
    quantization = draw.quantization(rng, label)
    x = model.input((batch, *size, channels), label, **quantization)
    y = model.output((batch, *out, channels), label, **quantization)
    model.op(kind, [x, model.const(np.array(out, np.int32))], [y], align_corners=align, half_pixel_centers=half)
    return Case(model)


proves("RESIZE_BILINEAR", "int8", "float32")(functools.partial(_resize, "RESIZE_BILINEAR"))
proves("RESIZE_NEAREST_NEIGHBOR", "int8", "int16", "float32")(functools.partial(_resize, "RESIZE_NEAREST_NEIGHBOR"))
