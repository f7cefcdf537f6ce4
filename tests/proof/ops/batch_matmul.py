"""BATCH_MATMUL."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from proof.pairs import quantization, random_scale, random_shapes, random_values, spread
from support.tflite_builder import ModelBuilder


@proves("BATCH_MATMUL", "int8", "int16", "float32")
def batch_matmul_case(rng: np.random.Generator, label: str) -> Case:
    model, inputs, operands = ModelBuilder(), [], []
    if rng.random() < 0.03:
        label = str(rng.choice(["int32", "uint8"]))
    batches = random_shapes(rng, ranks=3)
    rows, depth, columns = (int(rng.choice([1, 2, 3, 5, 8, 13])) for _ in range(3))
    if rng.random() < 0.1:
        depth = 100
    adj_x, adj_y = bool(rng.integers(2)), bool(rng.integers(2))
    inner = depth + (rng.random() < 0.03)
    first = (*batches[0], *((depth, rows) if adj_x else (rows, depth)))
    second = (*batches[1], *((columns, inner) if adj_y else (inner, columns)))
    scales = [random_scale(rng), random_scale(rng)]
    constant = int(rng.integers(0, 3))
    reached = 1.0
    for i, shape in enumerate((first, second)):
        quant = quantization(rng, label, scales[i])
        if label == "int16" and rng.random() < 0.95:
            quant["zero_point"] = 0
        values = random_values(rng, shape if i == constant else (3, *shape), label)
        reached *= float(np.max(np.abs(values)))
        if i == constant:
            operands.append(model.const(values, label, **quant))
        else:
            operands.append(model.input(shape, label, **quant))
            inputs.append(values)
    reach = 13 if label == "int16" else 6
    scale = scales[0] * scales[1] * depth**0.5 * 2.0**reach * spread(rng, [2, 6])
    out = quantization(rng, label, scale)
    if label == "int16" and rng.random() < 0.95:
        out["zero_point"] = 0
    target = model.output((*np.broadcast_shapes(*batches), rows, columns), label, **out)
    model.op("BATCH_MATMUL", operands, [target], adj_x=adj_x, adj_y=adj_y)
    # What rounding of the products, of which large ones may cancel, can amount to.
    return Case(model, inputs, atol=1e-7 * depth * reached)
