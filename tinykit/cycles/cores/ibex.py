"""Ibex, the RV32IMC core that QEMU's ``lowrisc-ibex`` stands for, as it is configured by default.

Source: Ibex User Manual, https://ibex-core.readthedocs.io, "Pipeline Details", table "Instruction types and stalls",
and "Instruction Decode and Execute", "Multiplier/Divider Block". Two stages, no branch target ALU, no prediction, the
fast multi-cycle multiplier (``RV32MFast``), memories that answer in the next cycle.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinykit.cycles.cores.base import Band, Core
from tinykit.cycles.decode import Decoded
from tinykit.cycles.riscv import decode_riscv


def _straight(code: Sequence[Decoded]) -> list[float]:
    return [_price(one) for one in code]


def _price(one: Decoded) -> float:
    if one.kind in ("load", "store"):
        return 2
    if one.kind == "multiply":
        return 3 if one.name == "mul" else 4
    if one.kind == "divide":
        return 38
    return 1


def _taken(branch: Decoded, target: Decoded) -> float:
    """2 stalls of a branch, 1 of a jump; and 1 for the second half of a target that is not aligned."""
    across = target.size == 4 and target.address % 4 != 0
    return (2 if branch.kind == "branch" else 1) + across


IBEX = Core(
    name="ibex",
    title="lowRISC Ibex",
    sources=("Ibex User Manual, Pipeline Details; Multiplier/Divider Block",),
    decode=decode_riscv,
    straight=_straight,
    taken=_taken,
    band=Band(
        0.60,
        1.10,
        "not compared with hardware; from the fastest configuration in the manual (one-cycle multiplier, branch target "
        "ALU, writeback stage) to 10 % more than the default one",
        False,
    ),
)
