"""Cortex-M7: six stages, up to two instructions in a cycle, in order, branches predicted.

Arm publishes no cycle counts for it. What the rules below rest on:

- Arm DDI 0489F, Cortex-M7 Technical Reference Manual, section 2.1: dual issue, in order; two loads of 32 bits or one
  of 64 in a cycle, two ALUs, one multiplier, prediction of branches by a target address cache.
- Measurements by the author of https://mastodawn.com/explore/tag/CortexM7: one shifted or extended operand in a cycle;
  SIMD instructions are the first of a pair only.
- Assumed: results of loads and multiplications can be used two cycles later, but an accumulator by the next
  multiplication at once; a division takes 6; caches hit, predictions are right.

The band has to cover what is wrong with that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tinykit.cycles.arm import decode_arm
from tinykit.cycles.cores.base import Band, Core
from tinykit.cycles.decode import Decoded

_LATENCY = {"load": 2, "load multiple": 2, "multiply": 2, "divide": 6, "float": 3}
"""Cycles until a result can be used; 1 for others."""

_SIMD = re.compile(r"[su]h?(?:add|sub|asx|sax)(?:8|16)|[su]xta?b16|[us]sat|sel|rev|pkh|usad")
"""They issue as the first of two only."""

_ACCUMULATORS = ("smla", "smml", "mla", "umla", "smlal")


def _straight(code: Sequence[Decoded]) -> list[float]:
    ready: dict[str, float] = {}
    cycles: list[float] = []
    now, slot = 0.0, 0  # cycle of the last issue, instructions issued in it
    first: Decoded | None = None
    for one in code:
        earliest = max((ready.get(register, 0.0) - _late(one, register) for register in one.reads), default=0.0)
        paired = slot == 1 and first is not None and earliest <= now and _pairs(first, one)
        start = now if paired else max(now + (1 if slot else 0), earliest)
        busy = _occupies(one)
        end = start + busy - 1
        cycles.append(end - now + (0 if slot else 1))
        slot, first = (2, None) if paired or busy > 1 else (1, one)
        now = end
        for register in one.writes:
            ready[register] = start + max(busy, _LATENCY.get(one.kind, 1))
    return cycles


def _late(one: Decoded, register: str) -> int:
    """An accumulator is needed a cycle after the factors, so that sums follow each other without a pause."""
    return 1 if one.kind == "multiply" and one.name.startswith(_ACCUMULATORS) and register not in _factors(one) else 0


def _factors(one: Decoded) -> frozenset[str]:
    return one.reads - one.writes


def _occupies(one: Decoded) -> int:
    """Cycles in which nothing else issues: two registers move in each."""
    if one.kind in ("load multiple", "store multiple"):
        return (one.count + 1) // 2
    return {"divide": 3, "other": 3}.get(one.kind, 1)


def _pairs(first: Decoded, second: Decoded) -> bool:
    """Whether two instructions can issue in one cycle, their operands being there."""
    if first.writes & (second.reads | second.writes):
        return False
    pair = (first.kind, second.kind)
    if "store" in pair and pair.count("store") + pair.count("load") > 1:
        return False
    if pair.count("multiply") > 1 or pair.count("float") > 1 or _SIMD.match(second.name):
        return False
    if first.shifted and second.shifted:
        return False
    return not any(kind in ("load multiple", "store multiple", "divide", "other") for kind in pair)


def _taken(branch: Decoded, target: Decoded) -> float:
    return 0 if branch.kind == "branch" else 1


CORTEX_M7 = Core(
    name="cortex-m7",
    title="Arm Cortex-M7",
    sources=("Arm DDI 0489F, section 2.1", "https://mastodawn.com/explore/tag/CortexM7", "assumptions"),
    decode=decode_arm,
    straight=_straight,
    taken=_taken,
    band=Band(
        0.70,
        1.10,
        "what a published engine gains from an STM32L4R5 to an STM32H7A3 is 0.75 to 0.86 of the estimated gain for "
        "four models; widened by what Cortex-M4's estimates were off",
        True,
    ),
)
