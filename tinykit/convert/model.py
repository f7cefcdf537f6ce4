"""What every front end gives."""

from __future__ import annotations

from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True)
class FloatModel:
    """A model as a float32 .tflite file in memory.

    Attributes:
        tflite: the file's bytes. After ``normalize``: static shapes, unique tensor names, one signature.
        source: framework and version that it came from ("keras 3.15.1").
        notes: what the user has to know of how it was converted.
        channels_moved: inputs, by position, whose channels the source had first (NCHW) and the .tflite has last.
        classes: labels of a classifier's outputs in their order, where the source knows them.
    """

    tflite: bytes
    source: str
    notes: tuple[str, ...] = ()
    channels_moved: tuple[int, ...] = ()
    classes: tuple[int | str, ...] | None = None
