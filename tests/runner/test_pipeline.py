"""Segments of a model, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tinykit.errors import InputError
from tinykit.link.info import TensorInfo
from tinykit.runner.engines.base import LayerHook
from tinykit.runner.engines.pipeline import PipelineEngine


class Segment:
    """Stand-in for a segment: adds ``step`` to the sum of its inputs, byte by byte, for each of its outputs."""

    name = "edgetpu"
    n_layers = 0
    has_arena = False
    notes = ()

    def __init__(self, takes: str, gives: str, step: int, size: int = 4) -> None:
        self.arena_bytes = 10 * step
        self.inputs = tuple(TensorInfo(name, 9, (size,), 1.0, 0, size) for name in takes.split())
        self.outputs = tuple(TensorInfo(name, 9, (size,), 1.0, 0, size) for name in gives.split())
        self._step = step
        self._results = [bytes(size)] * len(self.outputs)

    def run(self, inputs: Sequence[bytes], hook: LayerHook | None = None) -> int:
        sums = bytes(sum(column) + self._step for column in zip(*inputs, strict=True))
        self._results = [sums] * len(self.outputs)
        return self._step

    def output(self, index: int) -> bytes:
        return self._results[index]

    def arena(self, offset: int, size: int) -> bytes:
        raise NotImplementedError


def test_each_takes_what_the_one_before_it_gave() -> None:
    engine = PipelineEngine([Segment("x", "a", 1), Segment("a", "b", 2), Segment("b", "y", 4)])
    assert engine.run([bytes([1, 2, 3, 4])]) == 7
    assert engine.output(0) == bytes([8, 9, 10, 11])
    assert (engine.inputs[0].name, engine.outputs[0].name, engine.arena_bytes) == ("x", "y", 70)
    assert "3 segments" in engine.notes[0]


def test_a_tensor_may_skip_a_segment() -> None:
    engine = PipelineEngine([Segment("x", "a skip", 1), Segment("a", "b", 2), Segment("skip b", "y", 0)])
    engine.run([bytes(4)])
    assert engine.output(0) == bytes([1 + 3] * 4)


def test_other_names_go_in_order() -> None:
    engine = PipelineEngine([Segment("x", "a", 1), Segment("serving_default_a:0", "y", 2)])
    engine.run([bytes(4)])
    assert engine.output(0) == bytes([3] * 4)


def test_segments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="segment 1 cannot follow segment 0"):
        PipelineEngine([Segment("x", "a", 1), Segment("b", "y", 2, size=8)])
