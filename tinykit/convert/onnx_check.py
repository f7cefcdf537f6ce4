"""What onnx2tf wrote against onnxruntime: which inputs it turned to channels last, and whether it computes the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.convert.extras import require
from tinykit.convert.interpreter import Interpreter
from tinykit.convert.model import Shape
from tinykit.convert.quiet import quiet
from tinykit.errors import ModelError, UnsupportedModel
from tinykit.text import first_line

_TOLERANCE = 1e-2
"""Of an output's largest value: float32 in another order of summation stays far below, a wrong order far above."""


_IR_VERSION = 10
"""Of ONNX's file format. What later versions added are types and ways of distribution that onnx2tf does not take."""


def _readable(onnx: Path) -> bytes:
    """The model as an onnxruntime that is older than the package onnx takes it, too."""
    model = require("onnx", "onnx", "ONNX models").load(str(onnx))
    model.ir_version = min(model.ir_version, _IR_VERSION)
    return bytes(model.SerializeToString())


def compare(onnx: Path, tflite: bytes, where: str) -> tuple[int, ...]:
    """Positions of the inputs that have their channels last in the .tflite, and first in the ONNX model.

    A shape tells it where its sizes differ; where they are equal, the order is the one that gives the same outputs.

    Args:
        onnx: the model, with static shapes.
        tflite: the float model that onnx2tf made of it.

    Raises:
        UnsupportedModel: its outputs are others in every order, or its inputs do not fit.
        ModelError: onnxruntime cannot run the model.
        ToolMissing: onnxruntime is not installed.
    """
    runtime: Any = require("onnxruntime", "onnx", "ONNX models")
    try:
        with quiet():
            session = runtime.InferenceSession(_readable(onnx), providers=["CPUExecutionProvider"])
            samples = [_random(i.shape, i.type, position) for position, i in enumerate(session.get_inputs())]
            names = [i.name for i in session.get_inputs()]
            wanted = session.run(None, dict(zip(names, samples, strict=True)))
    except Exception as error:  # onnxruntime's errors have no common base
        raise ModelError(
            "onnxruntime cannot run this ONNX model",
            where=where,
            why=first_line(error),
            hint="export the model again, and check it with onnxruntime",
        ) from None
    interpreter = Interpreter(tflite, where)
    details = {int(d["index"]): tuple(int(n) for n in d["shape"]) for d in interpreter.details()}
    shapes = [details[i] for i in interpreter.inputs]
    if len(shapes) != len(samples):
        raise _wrong(where, f"the model has {len(samples)} inputs, what it wrote has {len(shapes)}")
    orders = [_orders(s.shape, shape) for s, shape in zip(samples, shapes, strict=True)]
    best: tuple[float, tuple[int, ...]] | None = None
    for turned in product(*orders):
        given = [_last(s) if t else s for s, t in zip(samples, turned, strict=True)]
        given = [s.reshape(shape) for s, shape in zip(given, shapes, strict=True)]
        distance = _error(interpreter.run(given), wanted)
        if best is None or distance < best[0]:
            best = distance, tuple(i for i, t in enumerate(turned) if t)
    if best is None:
        have = ", ".join(f"{list(s.shape)} became {list(shape)}" for s, shape in zip(samples, shapes, strict=True))
        raise _wrong(where, f"inputs have other shapes: {have}")
    if best[0] > _TOLERANCE:
        far = f"by {best[0]:.0%} of their largest value" if np.isfinite(best[0]) else "in their shape or by NaN"
        raise _wrong(where, f"on random numbers its outputs differ from onnxruntime's {far}")
    return best[1]


def _random(shape: Sequence[Any], kind: str, seed: int) -> np.ndarray:
    """Numbers around 0; for integers, which mostly are indices, 0 and 1."""
    rng = np.random.default_rng(seed)
    sizes = [int(n) for n in shape]
    if "float" in kind or "double" in kind:
        dtype = {"tensor(double)": np.float64, "tensor(float16)": np.float16}.get(kind, np.float32)
        return np.asarray(rng.standard_normal(sizes)).astype(dtype)
    name = kind.removeprefix("tensor(").removesuffix(")")
    return np.asarray(rng.integers(0, 2, sizes)).astype(name)


def _orders(have: Shape, want: Shape) -> list[bool]:
    """Whether the input may be turned, or not: what its shape leaves open. The usual one first."""
    if len(have) not in (4, 5):
        return [False] if have == want else []
    turned = (have[0], *have[2:], have[1])
    return [last for last, shape in ((True, turned), (False, have)) if shape == want]


def _last(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(values, 1, -1))


def _error(have: Sequence[np.ndarray], want: Sequence[np.ndarray]) -> float:
    """Largest difference by the output's largest value, over all outputs; infinite where they cannot be compared."""
    if len(have) != len(want):
        return float("inf")
    worst = 0.0
    for one, raw in zip(have, want, strict=True):
        other = np.asarray(raw)
        forms = [other] if other.ndim < 3 else [other, _last(other)]  # outputs may be turned as well
        errors = [_difference(one, form) for form in forms if form.size == one.size]
        worst = max([worst, min(errors, default=float("inf"))])
    return worst


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one.astype(np.float64).reshape(-1), other.astype(np.float64).reshape(-1)
    if not np.all(np.isfinite(b)):
        return float("inf")
    error = float(np.abs(a - b).max(initial=0.0)) / max(float(np.abs(b).max(initial=0.0)), 1e-6)
    return error if np.isfinite(error) else float("inf")


def _wrong(where: str, why: str) -> UnsupportedModel:
    return UnsupportedModel(
        "onnx2tf converts this model to another one",
        where=where,
        why=why,
        hint="simplify it with onnxsim, or convert it from the framework that it was made with",
    )
