"""PyTorch: exported programs (.pt2), and modules that a function of the user's returns."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinykit.convert.archive import refuse_cut_off
from tinykit.convert.converter_errors import unsupported_operators
from tinykit.convert.extras import require
from tinykit.convert.finite import check_weights
from tinykit.convert.model import FloatModel
from tinykit.convert.quiet import quiet
from tinykit.errors import InputError
from tinykit.text import first_line

_WHAT = "PyTorch models"


def convert_exported(path: Path, *, trust: bool) -> FloatModel:
    """A .pt2 file of ``torch.export.save`` as float .tflite.

    Args:
        trust: the user vouches for the file. ``torch.export.load`` unpickles parts of it (torch 2.13:
            ``torch.load(..., weights_only=False)`` in ``pt2_archive``), which runs whatever code they name.

    Raises:
        InputError: the file is not trusted, damaged, or something else.
        ModelError: weights that are not finite; names them.
        UnsupportedModel: operators that .tflite does not have; names them.
        ToolMissing: torch or litert-torch is not installed.
    """
    try:
        refuse_cut_off(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError("cannot read the model file", where=str(path), why=error.strerror or str(error)) from None
    if not zipfile.is_zipfile(path):
        raise InputError(
            "not a PyTorch ExportedProgram",
            where=str(path),
            why="a .pt2 file is a zip archive, and this is none",
            hint="write it with torch.export.save(torch.export.export(model, (example,)), 'model.pt2')",
        )
    if not trust:
        raise InputError(
            "PyTorch unpickles parts of a .pt2 file, which can run code, so it is not read unless you trust it",
            where=str(path),
            hint="add --trust if you made the file yourself or trust who did",
        )
    torch = _load()
    try:
        with quiet():
            program = torch.export.load(path)
            module = program.module()
            examples = program.example_inputs
    except Exception as error:  # zipfile, json, torch's own: no list is complete
        raise InputError(
            "the ExportedProgram cannot be read",
            where=str(path),
            why=first_line(error),
            hint="export it again with the torch that is installed here",
        ) from None
    if not examples or not examples[0]:
        raise InputError(
            "the ExportedProgram does not say what it takes",
            where=str(path),
            hint="save it with the example inputs that torch.export.export was given",
        )
    return _convert(module, tuple(examples[0]), str(path))


def convert_module(module: Any, example: Any, where: str) -> FloatModel:
    """A module with its example input (a tensor, or a tuple of tensors, with a batch of 1) as float .tflite.

    Raises:
        InputError: the example is none.
        ModelError: weights that are not finite; names them.
        UnsupportedModel: operators that .tflite does not have; names them.
    """
    torch = _load()
    examples = tuple(example) if isinstance(example, (tuple, list)) else (example,)
    if not examples or not all(isinstance(value, torch.Tensor) for value in examples):
        raise InputError(
            "the example input is no tensor",
            where=where,
            why=f"it is {', '.join(type(value).__name__ for value in examples) or 'empty'}",
            hint="return (model, torch.zeros(1, 3, 96, 96)), or a tuple of tensors for several inputs",
        )
    return _convert(module.eval(), examples, where)


def _load() -> Any:
    with quiet():
        torch = require("torch", "torch", _WHAT)
        require("litert_torch", "torch", _WHAT)
    return torch


def _convert(module: Any, examples: Sequence[Any], where: str) -> FloatModel:
    """Inputs of four dimensions get their channels last: what microcontrollers' convolutions read."""
    import litert_torch
    import torch

    torch.set_num_threads(1)
    state = ((name, value) for name, value in module.state_dict().items() if isinstance(value, torch.Tensor))
    floats = ((name, value.detach().double().cpu().numpy()) for name, value in state if value.is_floating_point())
    check_weights(floats, where)
    examples = tuple(value[:1].contiguous() for value in examples)
    images = [i for i, value in enumerate(examples) if value.ndim == 4]
    try:
        with quiet():
            if images:
                module = litert_torch.to_channel_last_io(module, args=images)
                examples = tuple(v.permute(0, 2, 3, 1) if i in images else v for i, v in enumerate(examples))
            converted = litert_torch.convert(module, tuple(v.contiguous() for v in examples))
            with tempfile.TemporaryDirectory(prefix="tinykit-torch-") as folder:
                path = Path(folder) / "model.tflite"
                converted.export(str(path))
                data = path.read_bytes()
    except Exception as error:  # torch.export, MLIR and the module itself: no list is complete
        raise unsupported_operators(error, where) from None
    notes = ("inputs have their channels last (NHWC) now; the PyTorch model has them first",) if images else ()
    return FloatModel(data, f"torch {torch.__version__}", notes, tuple(images))
