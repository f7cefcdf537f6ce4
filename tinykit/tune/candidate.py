"""What the user's function returns for a trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.convert.model import FloatModel
from tinykit.convert.options import Quantize
from tinykit.convert.sources import load_source, returned_model
from tinykit.errors import InputError
from tinykit.graph.reader import parse_model
from tinykit.graph.types import DType

KINDS = (
    "a Keras model, a fitted scikit-learn estimator, (torch.nn.Module, example_input), the path of a model file, "
    "the bytes of a .tflite, or tinykit.tune.Candidate(model, ...)"
)

COMPILED: tuple[Quantize, ...] = ("int8", "int8-float-io", "none")
"""Kinds of quantization that tinykit's compiler takes."""


@dataclass(frozen=True)
class Candidate:
    """A trained model, and how it is to be deployed.

    Attributes:
        model: a Keras model, a fitted scikit-learn estimator, (torch.nn.Module, example_input), the path of a file that
            `tinykit convert` takes, or the bytes of a .tflite. A .tflite that is quantized already is taken as it is.
        prepare: makes the model's inputs of samples, (N, ...) to (N, *input shape), where they are not as in the
            files: at another resolution, for one.
        quantize: "int8", "int8-float-io" or "none", as `tinykit convert -q`; None leaves it to the search's setting.
    """

    model: Any
    prepare: Callable[[np.ndarray], np.ndarray] | None = None
    quantize: Quantize | None = None


def candidate_of(value: Any, default: Quantize, where: str) -> Candidate:
    """A function's result as a candidate.

    Raises:
        InputError: it returned nothing, or an unknown kind of quantization.
    """
    found = value if isinstance(value, Candidate) else Candidate(value)
    if found.model is None:
        raise InputError("the function returned no model", where=where, hint=f"return {KINDS}")
    if found.prepare is not None and not callable(found.prepare):
        raise InputError("prepare of the candidate is no function", where=where, hint="give a function of an array")
    mode = found.quantize or default
    check_compiled(mode, where)
    return replace(found, quantize=mode)


def check_compiled(mode: str, where: str | None = None) -> None:
    """Refuse a kind of quantization that is not known, or that no trial could be compiled with.

    Raises:
        InputError: it is one.
    """
    if mode not in COMPILED:
        raise InputError(
            f"quantize {mode!r} is not for searches",
            where=where,
            why="models are compiled by tinykit's own compiler, which does not take it",
            hint=f"use one of {', '.join(COMPILED)}",
        )


def as_float_model(value: Any, where: str, *, trust: bool) -> FloatModel | bytes:
    """The model as float .tflite, or the bytes of one that is quantized already.

    Raises:
        InputError, ModelError, UnsupportedModel: it is no model, or one that cannot be converted.
        ToolMissing: its framework is not installed; names the extra.
    """
    data: bytes | None = None
    if isinstance(value, (str, Path)):
        if Path(value).suffix.lower() != ".tflite" or not Path(value).is_file():
            return load_source(str(value), trust=trust)
        data = Path(value).read_bytes()
    elif isinstance(value, (bytes, bytearray)):
        data = bytes(value)
    if data is None:
        return _known(value, where)
    graph = parse_model(data, name="model", where=where)
    if any(tensor.dtype in (DType.INT8, DType.INT16) and tensor.quant is not None for tensor in graph.tensors.values()):
        return data
    from tinykit.convert.normalize import normalize

    return FloatModel(normalize(data, where), "a .tflite file")


def _known(value: Any, where: str) -> FloatModel:
    try:
        return returned_model(value, where)
    except InputError as error:
        if error.what.startswith("the function returned"):
            raise InputError(error.what, where=where, hint=f"return {KINDS}") from None
        raise
