"""Which stage of a graph is computed in patches, and in how many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Union

from tinykit.compiler.kernels.base import Lowered
from tinykit.compiler.patches.estimate import macs_of, op_memory, stage_memory
from tinykit.compiler.patches.stage import Stage, stages
from tinykit.compiler.plan import MemoryPlan
from tinykit.errors import InputError
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph

Patches = Union[Literal["off", "auto"], int]
"""Whether, and in how many patches, a stage is computed."""

_COUNTS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48)


_WORDS = "--patches auto, a number from 1 up, or off"
_HINT = "fewer patches, --patches auto, or --patches off"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A stage in ``count`` patches.

    Attributes:
        memory: bytes of the arena, estimated.
        more_macs: multiply-accumulates that are done again.
    """

    stage: Stage
    count: int
    memory: int
    more_macs: int


def candidates(
    graph: Graph, lowered: Sequence[Lowered], plan: MemoryPlan, patches: Patches, where: str
) -> list[Candidate]:
    """Ways to split a graph, those that seem to need least memory first, of these those with the fewest MACs.

    Args:
        lowered: of each operator of the graph, in the way that was chosen without patches.
        plan: of these.
        patches: a number, or "auto": those that seem to need less memory than ``plan`` only.

    Raises:
        InputError: there is no stage that can be computed in so many patches.
    """
    found = stages(graph, {place for place, entry in enumerate(lowered) if not entry.calls})
    counts = _COUNTS if patches == "auto" else (int(patches),)
    if patches != "auto":
        _require(found, counts[0], where)
    outside = _Outside(lowered, plan)
    memory = {op.index: op_memory(graph, entry) for op, entry in zip(graph.ops, lowered, strict=True)}
    ways = []
    for stage in found:
        around = outside.most(stage)
        if patches == "auto" and around >= plan.arena_bytes:
            continue
        beside = outside.beside(stage)
        own = sum(op_macs(graph, one.op) for one in stage.ops)
        for count in counts:
            macs = macs_of(graph, stage, count) if count <= stage.height else None
            if macs is not None:
                needs = max(around, stage_memory(graph, stage, count, memory, beside))
                ways.append(Candidate(stage, count, needs, macs - own))
    if not ways and patches != "auto":
        raise InputError(
            f"no stage of the model can be computed in {counts[0]} patches",
            where=where,
            why="some patch would have a layer with nothing but border to work on",
            hint=_HINT,
        )
    if patches == "auto":
        ways = [way for way in ways if way.memory < plan.arena_bytes]
    return sorted(ways, key=lambda way: (way.memory, way.more_macs, way.stage.first, way.stage.last, way.count))


def check_patches(patches: Patches) -> None:
    """Refuse a number of patches that there cannot be.

    Raises:
        InputError: it is below 1.
    """
    if not isinstance(patches, str) and patches < 1:
        raise InputError(f"there cannot be {patches} patches", hint=_WORDS)


def parse_patches(text: str) -> Patches:
    """``--patches`` as it is on the command line.

    Raises:
        InputError: it is no number from 1 up, and not "auto" or "off".
    """
    if text == "auto":
        return "auto"
    if text == "off":
        return "off"
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise InputError(f"--patches {text!r} is no number", hint=_WORDS)
    check_patches(int(text))
    return int(text)


def _require(found: Sequence[Stage], count: int, where: str) -> None:
    if not found:
        raise InputError(
            "no part of the model can be computed in patches",
            where=where,
            why="there are no two layers in a row over images (convolution, pooling, elementwise) with one result",
            hint="--patches off",
        )
    rows = max(stage.height for stage in found)
    if count > rows:
        raise InputError(
            f"no stage of the model can be computed in {count} patches",
            where=where,
            why=f"a patch is at least a row of the stage's result, and the highest has {rows} rows",
            hint=_HINT,
        )


class _Outside:
    """What a graph needs outside of a stage: the least that it can, for a plan of the whole need not be tight there."""

    def __init__(self, lowered: Sequence[Lowered], plan: MemoryPlan) -> None:
        needs = iter(plan.bounds)
        self._needs = [next(needs) if entry.calls else 0 for entry in lowered]
        self._step = [sum(1 for entry in lowered[:place] if entry.calls) for place in range(len(lowered))]
        self._plan = plan

    def most(self, stage: Stage) -> int:
        """Bytes that the other operators need at most."""
        return max((*self._needs[: stage.first], *self._needs[stage.last + 1 :]), default=0)

    def beside(self, stage: Stage) -> int:
        """Bytes of values that are only kept while the stage is computed."""
        read = {i for one in stage.ops for i in one.inputs}
        first, last = self._step[stage.first], self._step[stage.last]
        return sum(
            buffer.size
            for buffer in self._plan.buffers
            if buffer.first < first and buffer.last > last and not read.intersection(buffer.tensors)
        )
