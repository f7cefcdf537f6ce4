"""TensorFlow SavedModel folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinykit.convert.converter_errors import unsupported_operators
from tinykit.convert.keras import load_tensorflow
from tinykit.convert.model import FloatModel
from tinykit.convert.normalize import numbered
from tinykit.convert.quiet import quiet
from tinykit.convert.writer import pack, unpack
from tinykit.errors import InputError
from tinykit.text import first_line

_SIGNATURE = "serving_default"


def convert_savedmodel(folder: Path) -> FloatModel:
    """A SavedModel's signature "serving_default" (or its only one) as float .tflite.

    Variables are made constants first: the converter would keep them as resources otherwise, which nothing small runs.

    Raises:
        InputError: the folder is no SavedModel, is damaged, or has no signature.
        UnsupportedModel: operators that .tflite does not have; names them.
    """
    where = str(folder)
    if not (folder / "saved_model.pb").is_file():
        raise InputError(
            "the folder is no SavedModel",
            where=where,
            why="there is no saved_model.pb in it",
            hint="write it with model.export(folder) or tf.saved_model.save(model, folder)",
        )
    tensorflow, _ = load_tensorflow("SavedModel folders")
    try:
        with quiet():
            loaded: Any = tensorflow.saved_model.load(where)
            signatures = dict(loaded.signatures)
    except Exception as error:  # protobuf, OSError, TensorFlow's own: no list is complete
        raise InputError(
            "the SavedModel cannot be read",
            where=where,
            why=first_line(error),
            hint="export it again, and copy the whole folder",
        ) from None
    if not signatures or (_SIGNATURE not in signatures and len(signatures) > 1):
        raise InputError(
            f"the SavedModel has no signature {_SIGNATURE!r}",
            where=where,
            why=f"it has {', '.join(sorted(signatures)) or 'none'}",
            hint="write it with model.export(folder), which makes one",
        )
    function = signatures.get(_SIGNATURE) or next(iter(signatures.values()))
    try:
        with quiet():
            from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

            frozen = convert_variables_to_constants_v2(function)
            data = tensorflow.lite.TFLiteConverter.from_concrete_functions([frozen]).convert()
    except Exception as error:  # converter errors are bare Exceptions
        raise unsupported_operators(error, where) from None
    names = sorted(function.structured_outputs) if isinstance(function.structured_outputs, dict) else []
    ordered = _ordered(bytes(data), [t.name.split(":")[0] for t in frozen.inputs], names)
    return FloatModel(ordered, f"tensorflow {tensorflow.__version__}")


def _ordered(tflite: bytes, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    """Inputs and outputs in the order of their numbers: a signature has them by the alphabet, output_10 after output_1.

    Args:
        inputs, outputs: their names in the signature's order, which the .tflite has.
    """
    model = unpack(tflite)
    main = model.subgraphs[0]
    for kind, names in (("inputs", inputs), ("outputs", outputs)):
        have, order = [int(i) for i in getattr(main, kind)], numbered(names)
        if order is not None and len(order) == len(have):
            setattr(main, kind, [have[i] for i in order])
    model.signatureDefs = None  # its names are of the converter's own
    return pack(model)
