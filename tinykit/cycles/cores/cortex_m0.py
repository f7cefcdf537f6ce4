"""Cortex-M0 and Cortex-M0+: a price list, as neither overlaps instructions.

Sources: Arm DDI 0484C, Cortex-M0+ Technical Reference Manual, Table 3-1 "Cortex-M0+ instruction summary";
Arm DDI 0432C, Cortex-M0 Technical Reference Manual, Table 3-1 "Cortex-M0 instruction summary". Both for memories
without wait states and, as in the chips that tinykit has, for the multiplier of one cycle (the other takes 32).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinykit.cycles.arm import decode_arm
from tinykit.cycles.cores.base import Core
from tinykit.cycles.cores.cortex_m4 import CORTEX_M4
from tinykit.cycles.decode import Decoded


def _straight(code: Sequence[Decoded]) -> list[float]:
    return [_price(one) for one in code]


def _price(one: Decoded) -> float:
    if one.kind in ("load", "store"):
        return 2
    if one.kind in ("load multiple", "store multiple"):
        return 1 + one.count
    if one.kind == "call":
        return 2  # and what a taken branch adds; BLX takes one cycle less than BL
    if one.name in ("mrs", "msr", "dmb", "dsb", "isb"):
        return 3
    return 1


def _taken_m0plus(branch: Decoded, target: Decoded) -> float:
    if branch.to_pc:
        return 2  # POP with PC: 3 + N
    return 0 if branch.name == "blx" else 1


def _taken_m0(branch: Decoded, target: Decoded) -> float:
    if branch.to_pc:
        return 3  # POP with PC: 4 + N
    return 1 if branch.name == "blx" else 2


_BAND = replace(
    CORTEX_M4.band,
    basis="not compared with hardware; that of Cortex-M4, whose costs come from the same kind of table",
    compared=False,
)

CORTEX_M0PLUS = Core(
    name="cortex-m0plus",
    title="Arm Cortex-M0+",
    sources=("Arm DDI 0484C, Table 3-1",),
    decode=decode_arm,
    straight=_straight,
    taken=_taken_m0plus,
    band=_BAND,
)
CORTEX_M0 = Core(
    name="cortex-m0",
    title="Arm Cortex-M0",
    sources=("Arm DDI 0432C, Table 3-1",),
    decode=decode_arm,
    straight=_straight,
    taken=_taken_m0,
    band=_BAND,
)
