"""Which front end a source is for: by its ending, or by what a function of the user's returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tinykit.convert.callables import call
from tinykit.convert.model import FloatModel, Shape
from tinykit.convert.normalize import normalize
from tinykit.errors import InputError

_KINDS = (
    ".keras, .h5, a SavedModel folder, .tflite, .onnx, .pt2 (torch.export.save), .joblib or .pkl (scikit-learn), "
    "or module:callable that returns a model"
)


def check_source(source: str) -> None:
    """Refuse a file that is not there, before anything else is asked.

    Raises:
        InputError: it is neither a path nor module:callable.
    """
    if not Path(source).exists() and not _is_callable(source):
        raise InputError("no such model file", where=source, hint="check the path")


def load_source(source: str, *, input_shapes: Sequence[Shape] = (), trust: bool = False) -> FloatModel:
    """Any trained model as a normalized float .tflite.

    Args:
        source: a path, or "module:callable" that returns a Keras model, a fitted scikit-learn estimator, or a
            torch.nn.Module and its example input.
        input_shapes: for inputs whose shape is open; batch included or left out.
        trust: pickles may be read, and Lambda layers run.

    Raises:
        InputError, ModelError, UnsupportedModel: the source is wrong; says how.
        ToolMissing: the framework is not installed; names the extra.
    """
    model = _float_model(source, input_shapes, trust)
    if model.trees is not None:  # an operator of ours, written as it has to be
        return model
    # the other front ends have used the shapes, in their own order of dimensions
    left = input_shapes if Path(source).is_dir() or Path(source).suffix.lower() == ".tflite" else ()
    return replace(model, tflite=normalize(model.tflite, source, left))


def returned_model(value: Any, where: str) -> FloatModel:
    """What a function of the user's returned, as a normalized float .tflite.

    Args:
        value: a Keras model, a fitted scikit-learn estimator, or a torch.nn.Module and its example input.
        where: the function, for messages.

    Raises:
        as ``load_source``.
    """
    model = _returned(value, where, ())
    return model if model.trees is not None else replace(model, tflite=normalize(model.tflite, where))


def _float_model(source: str, shapes: Sequence[Shape], trust: bool) -> FloatModel:
    path = Path(source)
    suffix = path.suffix.lower()
    if path.is_dir():
        from tinykit.convert.savedmodel import convert_savedmodel

        return convert_savedmodel(path)
    check_source(source)
    if not path.exists():
        return _returned(call(source, "a model"), source, shapes)
    if suffix not in _FILES:
        raise InputError(f"cannot tell what a {suffix or 'nameless'} file is", where=source, hint=f"give {_KINDS}")
    return _FILES[suffix](path, shapes, trust)


def _is_callable(source: str) -> bool:
    return ":" in source and not Path(source).suffix.lower().startswith(tuple(_FILES))


def _keras(path: Path, shapes: Sequence[Shape], trust: bool) -> FloatModel:
    from tinykit.convert.keras import convert_keras, load_keras

    return convert_keras(load_keras(path, trust=trust), str(path), shapes)


def _tflite(path: Path, shapes: Sequence[Shape], trust: bool) -> FloatModel:
    from tinykit.convert.tflite import load_tflite

    return load_tflite(path)


def _onnx(path: Path, shapes: Sequence[Shape], trust: bool) -> FloatModel:
    from tinykit.convert.onnx import convert_onnx

    return convert_onnx(path, shapes)


def _exported(path: Path, shapes: Sequence[Shape], trust: bool) -> FloatModel:
    from tinykit.convert.torch import convert_exported

    return convert_exported(path, trust=trust)


def _checkpoint(path: Path, shapes: Sequence[Shape], trust: bool) -> FloatModel:
    raise InputError(
        "a PyTorch checkpoint holds weights, not the model",
        where=str(path),
        why="the network is Python code of yours, which is not in the file",
        hint="give module:callable that returns (model, example_input), or a .pt2 of torch.export.save",
    )


def _pickle(path: Path, shapes: Sequence[Shape], trust: bool) -> FloatModel:
    from tinykit.convert.sklearn import convert_sklearn, load_estimator

    return convert_sklearn(load_estimator(path, trust=trust), str(path))


_FILES: dict[str, Callable[[Path, Sequence[Shape], bool], FloatModel]] = {
    ".keras": _keras,
    ".h5": _keras,
    ".hdf5": _keras,
    ".tflite": _tflite,
    ".onnx": _onnx,
    ".pt2": _exported,
    ".pt": _checkpoint,
    ".pth": _checkpoint,
    ".joblib": _pickle,
    ".pkl": _pickle,
    ".pickle": _pickle,
}


def _returned(value: Any, source: str, shapes: Sequence[Shape]) -> FloatModel:
    """What a function of the user's returned: told apart by where its class is from, without importing frameworks."""
    families = {base.__module__.split(".")[0] for base in type(value).__mro__}
    if "keras" in families:
        from tinykit.convert.keras import convert_keras

        return convert_keras(value, source, shapes)
    if "sklearn" in families:
        from tinykit.convert.sklearn import convert_sklearn

        return convert_sklearn(value, source)
    first = value[0] if isinstance(value, tuple) and len(value) == 2 else value
    if "torch" in {base.__module__.split(".")[0] for base in type(first).__mro__}:
        if first is value:
            raise InputError(
                "a PyTorch model alone does not say what it takes",
                where=source,
                hint="return (model, example_input), the input with its batch of 1",
            )
        from tinykit.convert.torch import convert_module

        return convert_module(first, value[1], source)
    raise InputError(
        f"the function returned a {type(value).__name__}, which is no model",
        where=source,
        hint="return a Keras model, a fitted scikit-learn estimator, or (torch.nn.Module, example_input)",
    )
