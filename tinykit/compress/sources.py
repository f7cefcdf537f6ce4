"""Models that can be trained on: files of Keras, or what a function of the user's returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinykit.compress.network import Framework
from tinykit.convert.callables import call
from tinykit.errors import InputError

_KINDS = "a .keras or .h5 file, or module:callable that returns a Keras model or (torch.nn.Module, example_input)"


def load_trainable(source: str, *, trust: bool) -> tuple[Framework, Any]:
    """A model with the framework that can change it.

    Args:
        source: a path, or "module:callable".
        trust: Lambda layers may be run.

    Raises:
        InputError: it cannot be read, or cannot be trained on.
        ToolMissing: its framework is not installed; names the extra.
    """
    path = Path(source)
    if path.suffix.lower() in (".keras", ".h5", ".hdf5") and (path.exists() or ":" not in source):
        if not path.is_file():
            raise InputError("no such model file", where=source, hint="check the path")
        from tinykit.compress.keras.framework import KerasFramework
        from tinykit.convert.keras import load_keras

        framework = KerasFramework(source, trust=trust)
        return framework, framework.take(load_keras(path, trust=trust), source)
    if path.exists() or ":" not in source:
        known = path.suffix.lower() in (".tflite", ".onnx", ".pt2", ".pt", ".pth", ".joblib", ".pkl") or path.is_dir()
        raise InputError(
            "this model cannot be trained on" if known else "no such model",
            where=source,
            why="only Keras models and PyTorch modules can be changed and trained" if known else None,
            hint=f"give {_KINDS}",
        )
    return _returned(call(source, "a model"), source, trust)


def same_framework(framework: Framework, source: str, *, trust: bool) -> Any:
    """Another model, of the same framework: a teacher, or a student.

    Raises:
        InputError: it is of another one; and as ``load_trainable``.
    """
    other, model = load_trainable(source, trust=trust)
    if type(other) is not type(framework):
        raise InputError(f"is a model of {other.name}, not of {framework.name}", where=source, hint="give one of it")
    return model


def _returned(value: Any, source: str, trust: bool) -> tuple[Framework, Any]:
    """Told apart by where the class is from, without importing frameworks."""
    if "keras" in _families(value):
        from tinykit.compress.keras.framework import KerasFramework

        keras = KerasFramework(source, trust=trust)
        return keras, keras.take(value, source)
    first = value[0] if isinstance(value, tuple) and len(value) == 2 else value
    if "torch" in _families(first):
        if first is value:
            raise InputError(
                "a PyTorch model alone does not say what it takes",
                where=source,
                hint="return (model, example_input), the input with its batch of 1",
            )
        from tinykit.compress.torch.framework import TorchFramework

        torch = TorchFramework(source)
        return torch, torch.take(first, value[1], source)
    raise InputError(
        f"the function returned a {type(value).__name__}, which cannot be trained on",
        where=source,
        hint=f"give {_KINDS}",
    )


def _families(value: Any) -> set[str]:
    return {base.__module__.split(".")[0] for base in type(value).__mro__}
