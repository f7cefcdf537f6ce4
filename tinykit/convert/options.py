"""What a conversion is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tinykit.convert.model import Shape
from tinykit.convert.samples import Preprocessing

Quantize = Literal["int8", "int16x8", "int8-float-io", "int4-weights", "float16", "dynamic", "none"]
Target = Literal["mcu", "edgetpu", "linux"]

MODES: tuple[Quantize, ...] = ("int8", "int16x8", "int8-float-io", "int4-weights", "float16", "dynamic", "none")
STATIC: frozenset[Quantize] = frozenset({"int8", "int16x8", "int8-float-io", "int4-weights"})
"""Modes that need calibration: ranges of activations are fixed when the model is converted."""


@dataclass(frozen=True)
class ConvertOptions:
    """How a model is converted.

    Attributes:
        quantize: the types of the result.
        target: what has to run it.
        calibration: .npz, .npy, a folder of images or WAVs, or "module:callable".
        preprocessing: how files of a calibration folder become numbers.
        data: .npz with ``x`` and labels ``y``, to measure accuracy with.
        input_shapes: for inputs whose shape is open.
        auto: look for the smallest that holds ``max_accuracy_drop``.
        max_accuracy_drop: in points of percent, against the float model; None holds nothing.
        trust: the source may be unpickled.
        limit: use the first samples of ``data`` only.
        identity: compare LiteRT, TFLite-Micro and the compiled model on the samples.
        layers: measure the error of each layer.
    """

    quantize: Quantize = "int8"
    target: Target = "mcu"
    calibration: str | None = None
    preprocessing: Preprocessing | None = None
    data: Path | None = None
    input_shapes: tuple[Shape, ...] = ()
    auto: bool = False
    max_accuracy_drop: float | None = None
    trust: bool = False
    limit: int | None = None
    identity: bool = True
    layers: bool = True
