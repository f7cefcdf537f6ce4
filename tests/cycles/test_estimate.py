"""Cycles of a trace, by class and function, and what the flash adds."""

from __future__ import annotations

import pytest

from tinykit.cycles.cores import CORES
from tinykit.cycles.estimate import core_cycles
from tinykit.cycles.fetch import Flash, code_stalls, data_stalls

from .logs import executed, trace_of, translation

LOOP = translation("loop", "100: 3801  subs r0, #1", "102: d1fd  bne #0x100")
END = translation("done", "104: 4770  bx lr")
TRACE = trace_of(LOOP, *[executed(1, 0x100)] * 10, END, executed(2, 0x104, "done"))


def test_a_branch_costs_its_refill_only_when_it_is_taken() -> None:
    """Ten turns: 10 subtractions, 10 branches of which 9 are taken, and the last instruction."""
    found = core_cycles(TRACE, CORES["cortex-m0plus"])
    assert found.instructions == 21
    assert found.cycles == 10 + 10 + 9 + 1
    assert {kind.name: (kind.instructions, kind.cycles) for kind in found.kinds} == {
        "branch": (10, 19.0), "alu": (10, 10.0), "indirect jump": (1, 1.0),
    }  # fmt: skip
    assert [(f.name, f.instructions) for f in found.functions] == [("loop", 20), ("done", 1)]


def test_functions_may_be_named_from_outside() -> None:
    found = core_cycles(TRACE, CORES["cortex-m0plus"], lambda address: f"at {address:x}")
    assert {share.name for share in found.functions} == {"at 100", "at 104"}


def far(address: int) -> str:
    return translation("f", f"{address:x}: 4770  bx lr")


@pytest.mark.parametrize(
    ("flash", "stalls"),
    [
        (Flash(0, 8, 2, 16), 0),
        (Flash(5, 8, 3, 16), 3 * 5),
        (Flash(5, 8, 2, 16), 6 * 5),
        (Flash(5, 8), 6 * 5),
    ],
)
def test_lines_that_fit_the_cache_are_fetched_once(flash: Flash, stalls: int) -> None:
    """Three lines, one after the other, twice: a cache of two forgets each before it comes again."""
    once = [executed(1, 0x100), executed(2, 0x200), executed(3, 0x300)]
    trace = trace_of(far(0x100), once[0], far(0x200), once[1], far(0x300), once[2], *once)
    assert code_stalls(trace, flash) == stalls


def test_constants_are_read_once() -> None:
    assert data_stalls(17, Flash(5, 8)) == 3 * 5
