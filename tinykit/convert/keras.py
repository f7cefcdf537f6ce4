"""Keras models: .keras and .h5 files, and models that a function of the user's returns."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.convert.archive import refuse_cut_off
from tinykit.convert.converter_errors import unsupported_operators
from tinykit.convert.extras import require
from tinykit.convert.finite import check_weights
from tinykit.convert.model import FloatModel, Shape
from tinykit.convert.quiet import quiet, settle_tensorflow
from tinykit.errors import InputError, TinykitError
from tinykit.text import first_line

_CUSTOM = re.compile(r"(?:Could not locate (?:class|function)|Unknown [\w ]+:) '([^']+)'")


def load_tensorflow(what: str) -> tuple[Any, Any]:
    """TensorFlow and Keras, without what they print.

    Raises:
        ToolMissing: one of them is not installed.
    """
    settle_tensorflow()
    # AutoGraph imports Python that it writes to the folder for temporary files, and would leave __pycache__ there.
    sys.dont_write_bytecode = True
    with quiet():
        return require("tensorflow", "keras", what), require("keras", "keras", what)


def load_keras(path: Path, *, trust: bool) -> Any:
    """The model in a .keras or .h5 file.

    Args:
        trust: Lambda layers, which are Python code in the file, may be run.

    Raises:
        InputError: the file is damaged, needs code that is not there, or holds code and is not trusted.
    """
    if not _is_keras(path):
        raise InputError(
            "not a Keras file",
            where=str(path),
            why="it is neither a zip archive (.keras) nor HDF5 (.h5)",
            hint="save the model with model.save('model.keras'), or check that the download is complete",
        )
    _, keras = load_tensorflow("Keras models")
    try:
        with quiet():
            return keras.models.load_model(path, compile=False, safe_mode=not trust)
    except Exception as error:  # zipfile, h5py, json and Keras itself: no list is complete
        text = str(error)
        if "safe_mode" in text or "enable_unsafe_deserialization" in text:
            raise InputError(
                "the file holds Python code (a Lambda layer), which is not run unless you say that you trust it",
                where=str(path),
                hint="add --trust if you made the file yourself or trust who did",
            ) from None
        custom = _CUSTOM.search(text)
        raise InputError(
            f"the model uses {custom[1]!r}, which is not here" if custom else "the Keras file cannot be read",
            where=str(path),
            why=first_line(error),
            hint="give module:callable instead, a function that returns the model with its weights loaded"
            if custom
            else "save the model again with model.save('model.keras'), or check that the download is complete",
        ) from None


def convert_keras(model: Any, where: str, input_shapes: Sequence[Shape] = ()) -> FloatModel:
    """A Keras model as float .tflite.

    Args:
        input_shapes: for each input, batch included or left out; none keeps those of the model.

    Raises:
        InputError: an input's shape is open and none is given.
        ModelError: weights that are not finite; names them.
        UnsupportedModel: operators that .tflite does not have; names them.
    """
    tensorflow, keras = load_tensorflow("Keras models")
    if not model.built or not getattr(model, "inputs", None):
        if not input_shapes:
            raise InputError(
                "the model is not built: its input's shape is not known",
                where=where,
                hint="add --input-shape 1,96,96,3 with your sizes, or call the model once before saving it",
            )
        inputs = [
            keras.Input(_without_batch(shape), batch_size=1, name=f"input_{position}")
            for position, shape in enumerate(input_shapes)
        ]
    else:
        # names of ours: the model's own can be what TensorFlow cannot name an argument ("in"), and give no order
        inputs = [
            keras.Input(
                _static(t, position, input_shapes, where), batch_size=1, dtype=t.dtype, name=f"input_{position}"
            )
            for position, t in enumerate(model.inputs)
        ]
    try:
        with quiet():
            # with the batch known, Flatten leaves no computation of shapes behind
            outputs = model(_arguments(keras, model, inputs))
            fixed = keras.Model(inputs, keras.tree.flatten(outputs))  # those of a dictionary in the model's order
            check_weights(((w.path, np.asarray(keras.ops.convert_to_numpy(w))) for w in fixed.weights), where)
            data = tensorflow.lite.TFLiteConverter.from_keras_model(fixed).convert()
    except TinykitError:
        raise
    except Exception as error:  # converter errors are bare Exceptions
        raise unsupported_operators(error, where) from None
    return FloatModel(bytes(data), f"keras {keras.__version__}")


def _arguments(keras: Any, model: Any, inputs: list[Any]) -> Any:
    """Inputs in the structure that the model takes: one, a list, a dictionary."""
    structure = getattr(model, "_inputs_struct", None)
    if isinstance(structure, dict):
        return keras.tree.pack_sequence_as(structure, inputs)
    return inputs[0] if len(inputs) == 1 else inputs


def _static(tensor: Any, position: int, given: Sequence[Shape], where: str) -> Shape:
    """An input's shape without its batch."""
    shape = tuple(tensor.shape)[1:]
    if given:
        if position >= len(given):
            raise InputError(
                f"{len(given)} input shapes given, the model has more", where=where, hint="repeat --input-shape"
            )
        wanted = given[position][1:] if len(given[position]) == len(shape) + 1 else given[position]
        if len(wanted) != len(shape) or any(h is not None and h != w for h, w in zip(shape, wanted, strict=True)):
            raise InputError(
                f"--input-shape {','.join(map(str, given[position]))} does not fit input {tensor.name!r}",
                where=where,
                why=f"its shape is {_shown(shape)}",
                hint="keep the sizes that are numbers, and replace each ? by one",
            )
        return wanted
    if None in shape:
        example = ",".join(["1", *("N" if d is None else str(d) for d in shape)])
        raise InputError(
            f"input {tensor.name!r} has an open shape {_shown(shape)}",
            where=where,
            why="a microcontroller needs every size when the model is compiled",
            hint=f"add --input-shape {example} with numbers for N",
        )
    return shape


def _shown(shape: Sequence[int | None]) -> str:
    return "[" + ", ".join(["?", *("?" if d is None else str(d) for d in shape)]) + "]"


def _without_batch(shape: Shape) -> Shape:
    return shape[1:] if len(shape) > 1 and shape[0] == 1 else shape


def _is_keras(path: Path) -> bool:
    """Whether the file is a zip archive or HDF5."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("cannot read the model file", where=str(path), why=error.strerror or str(error)) from None
    refuse_cut_off(data, str(path))
    return data.startswith(b"\x89HDF\r\n\x1a\n") or zipfile.is_zipfile(io.BytesIO(data))
