"""What became of a model."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.convert.analysis import LayerError
from tinykit.convert.auto import Trial
from tinykit.convert.evaluation import Score
from tinykit.convert.identity import Identity
from tinykit.convert.options import Target
from tinykit.convert.quantize import Scheme
from tinykit.edgetpu.check import CheckResult


@dataclass(frozen=True)
class Conversion:
    """What became of a model.

    Attributes:
        source: what was converted; ``framework`` and version it came from.
        target: what it has to run on.
        scheme: how it was quantized.
        tflite: the result's bytes.
        float_bytes: size of the float .tflite; ``bytes`` of the result.
        before, after: accuracy of the float model and of the result; None without labels.
        data, calibration: where samples came from, and how many.
        layers: error of each layer; empty for a float result.
        identity: the engines side by side; None if it was not asked for.
        trials: of ``--auto``, in the order in which they were made; ``culprits`` the layers at which the plain
            quantization loses most, where it does not hold the floor.
        edgetpu: what the Edge TPU would run of the result; None for other targets.
        notes: warnings and what else is to be known.
    """

    source: str
    framework: str
    target: Target
    scheme: Scheme
    tflite: bytes
    float_bytes: int
    before: Score | None
    after: Score | None
    data: str | None
    data_size: int
    calibration: str | None
    calibration_size: int
    layers: tuple[LayerError, ...]
    identity: Identity | None
    trials: tuple[Trial, ...] = ()
    culprits: tuple[LayerError, ...] = ()
    edgetpu: CheckResult | None = None
    notes: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        return len(self.tflite)

    @property
    def drop(self) -> float | None:
        """Points of percent lost against the float model; negative when it got better."""
        if self.before is None or self.after is None:
            return None
        return round(100 * (self.before.value - self.after.value), 9) + 0.0  # no -0.0
