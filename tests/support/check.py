"""One call that holds a model to the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from support.native import run_compiled
from support.oracle import run_oracle
from support.tflite_builder import ModelBuilder

_DTYPES = {
    schema.TensorType.FLOAT32: np.float32,
    schema.TensorType.INT8: np.int8,
    schema.TensorType.INT32: np.int32,
    schema.TensorType.UINT8: np.uint8,
    schema.TensorType.INT16: np.int16,
    schema.TensorType.INT64: np.int64,
    schema.TensorType.BOOL: np.bool_,
    schema.TensorType.UINT32: np.uint32,
    schema.TensorType.UINT64: np.uint64,
}


def random_inputs(tflite: bytes, samples: int, rng: np.random.Generator) -> list[np.ndarray]:
    """One array per model input: integers over their whole range, booleans, floats normal with deviations 0.1 to 10."""
    subgraph = schema.Model.GetRootAs(tflite, 0).Subgraphs(0)
    arrays = []
    for position in range(subgraph.InputsLength()):
        tensor = subgraph.Tensors(subgraph.Inputs(position))
        shape = (samples, *(int(d) for d in tensor.ShapeAsNumpy())) if tensor.ShapeLength() else (samples,)
        dtype = np.dtype(_DTYPES[tensor.Type()])
        if dtype.kind == "f":
            deviation = 10.0 ** rng.uniform(-1, 1, (samples,) + (1,) * (len(shape) - 1))
            arrays.append((rng.standard_normal(shape) * deviation).astype(dtype))
        elif dtype.kind == "b":
            arrays.append(rng.integers(0, 2, shape).astype(dtype))
        else:
            info = np.iinfo(dtype)
            arrays.append(rng.integers(info.min, info.max, shape, dtype, endpoint=True))
    return arrays


def check_op(
    model: ModelBuilder | bytes,
    n_samples: int,
    rng: np.random.Generator,
    *,
    inputs: Sequence[np.ndarray] | None = None,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    **native: Any,
) -> list[np.ndarray]:
    """Compare tinykit with TFLite-Micro on random samples (or on ``inputs``) and return the outputs.

    Integers must be identical; floats within ``rtol`` of the larger magnitude plus ``atol``. ``native`` goes to
    ``run_compiled``.

    Raises:
        AssertionError: on a difference; says which output, sample and element, and how many differ.
    """
    tflite = model.build() if isinstance(model, ModelBuilder) else model
    values = random_inputs(tflite, n_samples, rng) if inputs is None else list(inputs)
    expected = run_oracle(tflite, values).outputs
    got = run_compiled(tflite, values, **native)
    for number, (want, have) in enumerate(zip(expected, got, strict=True)):
        assert_same(want, have, f"output {number}", rtol=rtol, atol=atol)
    return got


def assert_same(want: np.ndarray, have: np.ndarray, what: str, *, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """``have`` is ``want``: bit for bit for integers, within the tolerance for floats (NaN equals NaN)."""
    assert want.dtype == have.dtype, f"{what}: {have.dtype}, TFLite-Micro gives {want.dtype}"
    assert want.shape == have.shape, f"{what}: shape {have.shape}, TFLite-Micro gives {want.shape}"
    floats = want.dtype.kind == "f"
    bad = ~np.isclose(have, want, rtol=rtol, atol=atol, equal_nan=True) if floats else have != want
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise AssertionError(
            f"{what}: {int(bad.sum())} of {bad.size} elements differ; first at {first}: "
            f"{have[first]!r}, TFLite-Micro gives {want[first]!r}"
        )
