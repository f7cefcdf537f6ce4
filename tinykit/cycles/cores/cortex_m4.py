"""Cortex-M4: three stages, one instruction at a time; loads that follow each other overlap.

Sources: Arm 100166_0001, Cortex-M4 Technical Reference Manual, Table 3-1 "Processor instruction set summary" (cycles
at zero wait states; P, the refill of the pipeline, is 1 to 3), section 3.3.2 "Load/store timings" and Table 7-1
"FPU instruction set". Where the manual gives a range:

- P: 1 for a branch whose target is in the instruction, as it is fetched early, and 1 more where the target is a
  32-bit instruction that is not aligned; 2 and 1 more for a target from a register or from memory.
- SDIV and UDIV take 2 to 12 cycles, ending early: 6 here.
- IT may be folded into the instruction before it: 1 here.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinykit.cycles.arm import decode_arm
from tinykit.cycles.cores.base import Band, Core
from tinykit.cycles.decode import Decoded

_DIVIDE = 6
_FLOAT = {"vdiv": 14, "vsqrt": 14, "vmla": 3, "vmls": 3, "vnmla": 3, "vnmls": 3, "vfma": 3, "vfms": 3, "vfnma": 3}


def _straight(code: Sequence[Decoded]) -> list[float]:
    cycles: list[float] = []
    before: Decoded | None = None
    for one in code:
        cycles.append(_price(one, before))
        before = one
    return cycles


def _price(one: Decoded, before: Decoded | None) -> float:
    if one.kind in ("load", "store"):
        after_load = before is not None and before.kind == "load" and not before.writes & one.address_reads
        # a store with an immediate offset leaves the pipeline after one cycle whatever comes before
        long = not after_load and (one.kind == "load" or one.indexed)
        return (2 if long else 1) + _address_late(one, before)
    if one.kind in ("load multiple", "store multiple"):
        return 1 + one.count + _address_late(one, before)
    if one.kind == "divide":
        return _DIVIDE
    if one.kind == "float":
        return _FLOAT.get(one.name.split(".")[0], 1)
    if one.name in ("tbb", "tbh") or (one.kind == "indirect jump" and one.name.startswith("ldr")):
        return 2
    if one.name in ("mrs", "msr"):
        return 2
    return 1


def _address_late(one: Decoded, before: Decoded | None) -> int:
    """A result of the instruction right before has no way to the address of this one but the register."""
    computed = before is not None and before.kind in ("alu", "multiply") and before.writes & one.address_reads
    return 1 if computed else 0


def _taken(branch: Decoded, target: Decoded) -> float:
    across = target.size == 4 and target.address % 4 != 0
    direct = branch.kind in ("branch", "jump") or branch.name == "bl"
    return (1 if direct else 2) + across


CORTEX_M4 = Core(
    name="cortex-m4",
    title="Arm Cortex-M4",
    sources=("Arm 100166_0001, Tables 3-1 and 7-1, section 3.3.2",),
    decode=decode_arm,
    straight=_straight,
    taken=_taken,
    band=Band(
        0.95,
        1.16,
        "published times of CMSIS-NN on an STM32L4R5 at 120 MHz were 1.00 to 1.11 of the estimates for four models; "
        "5 % more at both ends",
        True,
    ),
)
