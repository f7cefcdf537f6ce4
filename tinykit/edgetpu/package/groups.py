"""Which compiled models belong together: parameters on the chip at once, and the stages of a pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from tinykit.edgetpu.package.types import CompiledModel

_SEGMENT = re.compile(r"(.+)_segment_(\d{1,3})_of_(\d{1,3})_edgetpu\.tflite")


@dataclass(frozen=True)
class Group:
    """Models that were compiled together: with the same token, their parameters are on the chip at once.

    Attributes:
        models: paths, in the order they were given; one alone was compiled alone, or its companions were not given.
        cached_bytes: of all of them.
    """

    token: int
    models: tuple[str, ...]
    cached_bytes: int


@dataclass(frozen=True)
class Pipeline:
    """A model that was compiled in segments, one for each Edge TPU, told by the names that the compiler gives them.

    Attributes:
        name: of the model.
        segments: how many there are.
        models: paths of those that were given, first to last.
        missing: numbers of those that were not.
        gaps: where a segment reads what no earlier one writes, in words; tells nothing while some are missing.
    """

    name: str
    segments: int
    models: tuple[str, ...]
    missing: tuple[int, ...]
    gaps: tuple[str, ...]


def groups_of(models: Iterable[CompiledModel]) -> tuple[Group, ...]:
    """A group for each token, in the order of the files."""
    members: dict[int, list[CompiledModel]] = {}
    for model in models:
        for token in model.tokens:
            members.setdefault(token, []).append(model)
    return tuple(
        Group(token, tuple(m.path for m in found), sum(m.cached_bytes for m in found))
        for token, found in members.items()
    )


def pipelines_of(models: Sequence[CompiledModel]) -> tuple[Pipeline, ...]:
    """Pipelines that have at least one segment among the files."""
    found: dict[tuple[str, int], dict[int, CompiledModel]] = {}
    for model in models:
        name = _SEGMENT.fullmatch(PurePath(model.path).name)
        if name is not None and int(name[2]) < int(name[3]):
            found.setdefault((name[1], int(name[3])), {})[int(name[2])] = model
    return tuple(_pipeline(name, count, segments) for (name, count), segments in found.items())


def _pipeline(name: str, count: int, segments: dict[int, CompiledModel]) -> Pipeline:
    missing = tuple(i for i in range(count) if i not in segments)
    ordered = [segments[i] for i in sorted(segments)]
    gaps = []
    if not missing:
        written = set(ordered[0].inputs)
        for i, model in enumerate(ordered):
            gaps += [f"segment {i} reads {tensor!r}" for tensor in model.inputs if tensor not in written]
            written.update(model.outputs)
    return Pipeline(name, count, tuple(m.path for m in ordered), missing, tuple(gaps))
