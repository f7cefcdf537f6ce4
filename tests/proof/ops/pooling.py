"""AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D."""

from __future__ import annotations

import functools

import numpy as np

from proof import draw
from proof.case import Case, proves
from support.tflite_builder import ModelBuilder


def _pool(kind: str, rng: np.random.Generator, label: str) -> Case:
    batch, channels = int(rng.choice([1, 1, 2, 3])), int(rng.integers(1, 9))
    size = [int(v) for v in rng.integers(1, 12, 2)]
    window = [int(v) for v in rng.integers(1, 6, 2)]
    stride = [int(v) for v in rng.integers(1, 4, 2)]
    same = bool(rng.random() < 0.5)
    if not same:
        window = [min(w, s) for w, s in zip(window, size, strict=True)]
    out = [-(-s // t) if same else (s - w) // t + 1 for s, w, t in zip(size, window, stride, strict=True)]
    quantization = draw.quantization(rng, label)
    other = quantization if rng.random() < 0.95 else draw.quantization(rng, label)
    model = ModelBuilder()
    x = model.input((batch, *size, channels), label, **quantization)
    y = model.output((batch, *out, channels), label, **other)
    model.op(
        kind,
        [x],
        [y],
        padding="SAME" if same else "VALID",
        filter_height=window[0],
        filter_width=window[1],
        stride_h=stride[0],
        stride_w=stride[1],
        fused_activation_function=str(rng.choice(["NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1"])),
    )
    return Case(model)


for _kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
    proves(_kind, "int8", "int16", "float32")(functools.partial(_pool, _kind))
proves("L2_POOL_2D", "float32")(functools.partial(_pool, "L2_POOL_2D"))
