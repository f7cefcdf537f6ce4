"""What an engine is: it has a model, takes bytes, computes, gives bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tinykit.link.info import TensorInfo

COUNTER_HZ = 1_000_000_000
"""Ticks are nanoseconds of ``time.perf_counter_ns``: CLOCK_MONOTONIC on Linux."""

LayerHook = Callable[[int], None]
"""Called with a layer's number right after it."""


class Engine(Protocol):
    """A model, ready to run.

    Attributes:
        name: as the link and reports say it.
        inputs, outputs: in the model's order.
        n_layers: layers that a hook is called for; 0 where the engine cannot.
        arena_bytes: the model's working memory, bytes; 0 where that is not known.
        has_arena: whether ``arena`` can be looked at.
        notes: what a user should know of how it runs, such as that it is not on the accelerator.
    """

    name: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    n_layers: int
    arena_bytes: int
    has_arena: bool
    notes: tuple[str, ...]

    def run(self, inputs: Sequence[bytes], hook: LayerHook | None = None) -> int:
        """One inference; the inputs are as large as they should be.

        Returns:
            Its ticks, the copying of its inputs not among them.

        Raises:
            TinykitError: the engine or the accelerator fails.
        """
        ...

    def forget(self) -> None:
        """Put what the model keeps from run to run into its first state."""
        ...

    def output(self, index: int) -> bytes:
        """An output of the last inference; zeros before the first."""
        ...

    def arena(self, offset: int, size: int) -> bytes:
        """A piece of the working memory, where ``has_arena``."""
        ...
