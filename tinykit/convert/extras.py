"""Frameworks that are optional: imported when needed, and named by what installs them when they are missing."""

from __future__ import annotations

import importlib
import importlib.util
import shlex
from types import ModuleType
from typing import Literal

from tinykit.errors import ToolMissing

Extra = Literal["convert", "keras", "torch", "onnx", "sklearn", "tune", "carbon"]

# Versions that were checked with each other; pyproject.toml has the same ones.
PACKAGES: dict[Extra, tuple[str, ...]] = {
    "convert": ("ai-edge-litert==2.3.0", "ai-edge-quantizer==0.10.0", "pillow>=10", "soundfile>=0.12"),
    "keras": ("tensorflow-cpu==2.21.0", "keras==3.15.1"),
    "torch": ("torch==2.13.0", "litert-torch==0.10.0", "torchao==0.18.0", "torch-pruning==1.6.1"),
    "onnx": ("onnx==1.23.2", "onnxruntime==1.31.1"),
    "sklearn": ("scikit-learn==1.9.1",),
    "tune": ("optuna==5.0.0",),
    "carbon": ("codecarbon==3.3.2",),
}


_FRAMEWORKS: dict[str, Extra] = {
    "tensorflow": "keras",
    "keras": "keras",
    "torch": "torch",
    "onnx": "onnx",
    "sklearn": "sklearn",
    "PIL": "convert",
    "soundfile": "convert",
}
"""Modules that functions of users import, and what brings them."""


def require(module: str, extra: Extra, what: str) -> ModuleType:
    """Import an optional module.

    Args:
        what: what it is needed for, as in "Keras models".

    Raises:
        ToolMissing: it is not installed, or cannot be imported; names the extra and its packages.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise missing(module, extra, what, error) from None


def installed(module: str) -> bool:
    """Whether a module could be imported, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def missing_in(error: BaseException) -> ToolMissing | None:
    """The error for a framework that code of the user's wanted to import; None for anything else."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return None
    extra = _FRAMEWORKS.get(error.name.split(".")[0])
    return None if extra is None else missing(error.name, extra, "such models", error)


def missing(module: str, extra: Extra, what: str, error: ImportError | None = None) -> ToolMissing:
    """The error for a framework that is not there."""
    absent = error is None or (isinstance(error, ModuleNotFoundError) and error.name == module.split(".")[0])
    wanted = PACKAGES[extra]
    if extra not in ("convert", "carbon") and not installed("ai_edge_quantizer"):
        wanted = (*wanted, *PACKAGES["convert"])  # every other extra contains it
    packages = " ".join(shlex.quote(package) for package in wanted)  # ">" is the shell's
    return ToolMissing(
        f"{what} need the extra [{extra}], which is not installed",
        why=f"there is no module {module.split('.')[0]!r}" if absent else f"{module} cannot be imported: {error}",
        # not "tinykit[...]": on PyPI that name belongs to another project
        hint=f"pip install {packages}\n       (or, in a checkout: pip install -e '.[{extra}]')",
    )
