"""Kernels made for kinds of cores: other ways to do what a portable kernel does, with the same results.

A variant is a function registered with ``@variant_of("CONV_2D")`` in a module of the folder of its kind of core
(``dsp``, ``mve``, ...). It looks at the target and at the layer, and gives its kernel's call, or None where it has none
for them. The lowering lists what is offered; ``compiler/choice.py`` chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinykit.compiler.kernels.base import KernelCall, LowerContext, Lowered, Target
from tinykit.compiler.kernels.sums import SumLayer
from tinykit.compiler.kernels.window import Axis

Variant = Callable[..., "KernelCall | None"]
_VARIANTS: dict[str, list[Variant]] = {}


@dataclass(frozen=True)
class SumTask:
    """What variants of CONV_2D, DEPTHWISE_CONV_2D (of depth multiplier 1) and FULLY_CONNECTED, int8, are asked for.

    Attributes:
        layer: its tensors, shape (images, height, width, channels), and filters; of a FULLY_CONNECTED (units, depth).
        axes: height and width. A FULLY_CONNECTED is a 1x1 window over a row of as many pixels as there are batches.
        bias: int32, shape (channels,), the input's zero point folded in.
        pairs: (multiplier, shift) of requantization per channel, or one for all.
        room: bytes by which this layer's input and output are smaller than the largest of the graph: so much scratch
            memory hardly makes the arena larger.
    """

    target: Target
    layer: SumLayer
    axes: tuple[Axis, Axis]
    bias: np.ndarray
    pairs: list[tuple[int, int]]
    room: int = 0


def room_beside(ctx: LowerContext, layer: SumLayer) -> int:
    """``SumTask.room``: what some operator needs at least, less what this one needs at most; nothing in a patch."""
    if layer.target.id in ctx.patches:
        return 0
    graph, largest = ctx.graph, ctx.largest

    def moved(tensors: Sequence[int]) -> int:
        values = (graph.tensor(i) for i in set(tensors) if i >= 0)
        return sum(value.nbytes for value in values if not value.is_constant and value.dtype.numpy is not None)

    if largest is None:
        largest = max(max(moved(op.inputs), moved(op.outputs)) for op in graph.ops)
    return max(0, largest - layer.source.nbytes - layer.target.nbytes)


@dataclass(frozen=True)
class CallTask:
    """What variants of a portable kernel are asked for that differ from it in nothing but their code.

    Attributes:
        call: of the portable kernel.
    """

    target: Target
    call: KernelCall


def variant_of(*kinds: str) -> Callable[[Variant], Variant]:
    """Register a function that offers kernels for operator kinds, or by its name in place of a portable kernel."""

    def register(function: Variant) -> Variant:
        for kind in kinds:
            _VARIANTS.setdefault(kind, []).append(function)
        return function

    return register


def alternatives(kind: str, task: Any) -> tuple[tuple[KernelCall, ...], ...]:
    """What the variants of an operator kind offer for a task, for ``Lowered.alternatives``."""
    offered = (variant(task) for variant in _VARIANTS.get(kind, []))
    return tuple((call,) for call in offered if call is not None)


def with_variants(target: Target, call: KernelCall) -> Lowered:
    """A portable kernel's call, and what is offered in place of this kernel."""
    return Lowered((call,), alternatives=alternatives(call.kernel, CallTask(target, call)))
