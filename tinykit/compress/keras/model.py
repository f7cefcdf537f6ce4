"""A Keras model on its way through a recipe."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinykit.compress.keras.fake_quant import fake_quant_class
from tinykit.convert.keras import load_tensorflow
from tinykit.convert.quiet import quiet


@dataclass(frozen=True)
class KerasModel:
    """Attributes:
    model: a flat functional model.
    sparse: layers whose zero weights stay zero in later steps.
    shared: layers whose equal weights stay equal in later steps.
    quantized: it holds FakeQuant layers, and no BatchNormalization.
    """

    model: Any
    sparse: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    quantized: bool = False


def dump(model: KerasModel) -> bytes:
    """As bytes: a zip of a .keras file and of what else is to be known."""
    buffer = io.BytesIO()
    facts = {"sparse": model.sparse, "shared": model.shared, "quantized": model.quantized}
    with tempfile.TemporaryDirectory(prefix="tinykit-keras-") as folder:
        path = Path(folder) / "model.keras"
        with quiet():
            model.model.save(path)
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.write(path, "model.keras")
            archive.writestr("facts.json", json.dumps(facts))
    return buffer.getvalue()


def restore(data: bytes, *, trust: bool) -> KerasModel:
    """What ``dump`` wrote.

    Args:
        trust: Lambda layers, which are Python code in the file, may be run.

    Raises:
        ValueError: the bytes are damaged.
    """
    _, keras = load_tensorflow("Keras models")
    with tempfile.TemporaryDirectory(prefix="tinykit-keras-") as folder:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                facts = json.loads(archive.read("facts.json"))
                path = Path(folder) / "model.keras"
                path.write_bytes(archive.read("model.keras"))
            with quiet():
                custom = {"FakeQuant": fake_quant_class()}
                loaded = keras.models.load_model(path, custom_objects=custom, compile=False, safe_mode=not trust)
        except Exception as error:  # zipfile, h5py, json and Keras itself: no list is complete
            raise ValueError(str(error)) from None
    return KerasModel(loaded, tuple(facts["sparse"]), tuple(facts["shared"]), bool(facts["quantized"]))
