"""What became of a model, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.convert.evaluation import Score


@dataclass(frozen=True)
class OnBoard:
    """One inference on a board.

    Attributes:
        board: its name; ``unit`` and ``source`` what was counted, and by what ("instructions", "QEMU ...").
        value: median over a few samples.
        flash: bytes of the whole firmware; ``weights`` those of the model in it.
        ram: bytes of static RAM, ``arena`` those of the model in it.
    """

    board: str
    unit: str
    source: str
    value: float
    flash: int
    weights: int
    ram: int
    arena: int


@dataclass(frozen=True)
class Stage:
    """The model after one step, as it would be on the chip if the recipe ended here.

    Attributes:
        number: of the step, from 1; 0 is the source.
        kind: of the step; "source" for number 0.
        what: what the step did, in a few words.
        parameters: weights, biases and BatchNormalization's numbers; ``zeros`` of those that are exactly zero.
        macs: multiply-accumulates of one inference.
        float_bytes, int8_bytes: of the .tflite in float32 and in int8.
        packed_bytes: of the int8 .tflite after zlib: what an update over the air has to send.
        float_score, int8_score: on the test data.
        on_board: None where no board was asked for.
        seconds: that the step took; epochs of an earlier, interrupted run are not in it.
        loss: of the last epoch; None where nothing was trained.
    """

    number: int
    kind: str
    what: str
    parameters: int
    zeros: int
    macs: int
    float_bytes: int
    int8_bytes: int
    packed_bytes: int
    float_score: Score
    int8_score: Score
    on_board: OnBoard | None
    seconds: float
    loss: float | None


@dataclass(frozen=True)
class Compression:
    """All stages; the first is the source, the last what was written.

    Attributes:
        recipe, source: files; ``framework`` and version.
        train, test: data, and how many samples each has.
        tflite: the result's bytes; None where the recipe ends without ``int8``.
        resumed: steps that an earlier run had finished.
        notes: warnings.
    """

    recipe: str
    source: str
    framework: str
    train: str
    train_size: int
    test: str
    test_size: int
    stages: tuple[Stage, ...]
    tflite: bytes | None
    resumed: int
    notes: tuple[str, ...]

    @property
    def drop(self) -> float:
        """Points of percent that the result in int8 loses against the source in float; negative if it got better."""
        first, last = self.stages[0], self.stages[-1]
        return round(100 * (first.float_score.value - last.int8_score.value), 9) + 0.0  # no -0.0


def saved(before: float, after: float) -> float:
    """By how many percent something got smaller."""
    return 100 * (1 - after / before) if before else 0.0
