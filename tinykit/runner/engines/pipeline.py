"""Segments of one model, one after the other: each on a device of its own."""

from __future__ import annotations

from collections.abc import Sequence

from tinykit.errors import InputError
from tinykit.runner.engines.base import Engine, LayerHook


class PipelineEngine:
    """Engines of which each takes what the ones before it gave, by the tensors' names or else in order.

    The link has one request under way at a time, so this shows a pipeline's latency and results; the throughput of
    segments that work at the same time it does not show.

    Raises:
        InputError: a segment wants what no earlier one gives.
    """

    n_layers = 0
    has_arena = False

    def __init__(self, segments: Sequence[Engine]) -> None:
        self._segments = tuple(segments)
        first, *rest = self._segments
        self.name = first.name
        self.inputs, self.outputs = first.inputs, self._segments[-1].outputs
        self.arena_bytes = sum(segment.arena_bytes for segment in self._segments)
        self.notes = (f"{len(self._segments)} segments, one after the other", *first.notes)
        self._sources: list[list[tuple[int, int]]] = []
        for number, segment in enumerate(rest, 1):
            self._sources.append([self._source(number, at) for at in range(len(segment.inputs))])

    def run(self, inputs: Sequence[bytes], hook: LayerHook | None = None) -> int:
        ticks = self._segments[0].run(inputs)
        for segment, sources in zip(self._segments[1:], self._sources, strict=True):
            ticks += segment.run([self._segments[number].output(at) for number, at in sources])
        return ticks

    def forget(self) -> None:
        for segment in self._segments:
            segment.forget()

    def output(self, index: int) -> bytes:
        return self._segments[-1].output(index)

    def arena(self, offset: int, size: int) -> bytes:
        raise NotImplementedError("has_arena is False")

    def _source(self, number: int, at: int) -> tuple[int, int]:
        """Which segment's which output is input ``at`` of segment ``number``."""
        wanted = self._segments[number].inputs[at]
        for earlier in range(number - 1, -1, -1):
            for index, given in enumerate(self._segments[earlier].outputs):
                if given.name == wanted.name and given.nbytes == wanted.nbytes:
                    return earlier, index
        before = self._segments[number - 1].outputs
        if len(before) == len(self._segments[number].inputs) and before[at].nbytes == wanted.nbytes:
            return number - 1, at
        raise InputError(
            f"segment {number} cannot follow segment {number - 1}",
            where=wanted.name,
            why="no earlier segment gives a tensor of that name and size",
            hint="give the segments of one model, in the order of their numbers",
        )
