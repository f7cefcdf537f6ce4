"""Float .tflite files: what other converters wrote."""

from __future__ import annotations

from pathlib import Path

from tinykit.convert.model import FloatModel
from tinykit.graph.reader import read_model


def load_tflite(path: Path) -> FloatModel:
    """A .tflite file as it is.

    Raises:
        InputError: it cannot be read.
        ModelError: it is no .tflite file, or damaged.
    """
    read_model(path)
    return FloatModel(path.read_bytes(), "a .tflite file")
