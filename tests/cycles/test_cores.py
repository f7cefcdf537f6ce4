"""What instructions cost, against the tables of the manuals that the models name."""

from __future__ import annotations

import pytest

from tinykit.board import list_boards
from tinykit.cycles.cores import CORES
from tinykit.cycles.estimate import core_cycles

from .logs import executed, trace_of, translation


def straight(core: str, *code: str) -> list[float]:
    """Cycles of instructions that follow each other, all of two bytes."""
    lines = [f"{0x100 + 2 * i:x}: 0000  {text}" for i, text in enumerate(code)]
    (block,) = trace_of(translation("f", *lines), executed(1, 0x100)).blocks
    model = CORES[core]
    return model.straight([model.decode(one) for one in block.code])


def jumping(core: str, instruction: str, target: int, raw: str = "0000") -> float:
    """Cycles of an instruction that jumps to a one-cycle instruction, less that cycle."""
    first = translation("f", f"100: 0000  {instruction}")
    second = translation("g", f"{target:x}: {raw}  mov r0, r1" if core != "ibex" else f"{target:x}: {raw}  mv a0,a1")
    return core_cycles(trace_of(first, executed(1, 0x100), second, executed(2, target)), CORES[core]).cycles - 1


@pytest.mark.parametrize(
    ("code", "cycles"),
    [
        (["adds r0, r1, r2"], [1]),
        (["muls r0, r1, r0"], [1]),
        (["ldr r0, [r1]", "ldr r2, [r1, #4]"], [2, 2]),
        (["strb r0, [r1, r2]"], [2]),
        (["ldm r0!, {r1, r2, r3}"], [4]),
        (["push {r4, r5, lr}"], [4]),
        (["pop {r4, r5}"], [3]),
        (["bne #0x200"], [1]),
    ],
)
@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m0plus"])
def test_cortex_m0(core: str, code: list[str], cycles: list[float]) -> None:
    assert straight(core, *code) == cycles


@pytest.mark.parametrize(
    ("instruction", "m0plus", "m0"),
    [("bne #0x200", 2, 3), ("b #0x200", 2, 3), ("bl #0x200", 3, 4), ("bx lr", 2, 3), ("blx r3", 2, 3),
     ("pop {r4, pc}", 5, 6)],
)  # fmt: skip
def test_jumps_of_cortex_m0(instruction: str, m0plus: float, m0: float) -> None:
    assert jumping("cortex-m0plus", instruction, 0x200) == m0plus
    assert jumping("cortex-m0", instruction, 0x200) == m0


@pytest.mark.parametrize(
    ("code", "cycles"),
    [
        (["smlad r0, r1, r2, r0", "smull r0, r1, r2, r3"], [1, 1]),
        (["ldr r0, [r1]", "ldr.w r2, [r3]", "ldrsb r4, [r5, #1]"], [2, 1, 1]),
        (["ldr r0, [r1]", "ldr r2, [r0]"], [2, 2]),
        (["ldr r0, [r1]", "str r0, [r3, #20]", "ldr r5, [r3]"], [2, 1, 2]),
        (["ldr r0, [r1]", "str r1, [r3, r2]"], [2, 1]),
        (["mov r4, r5", "str r1, [r3, r2]"], [1, 2]),
        (["add r1, r2, r3", "ldr r0, [r1]"], [1, 3]),
        (["ldrd r0, r1, [r2]"], [3]),
        (["ldm.w r0!, {r1-r4}"], [5]),
        (["udiv r0, r1, r2"], [6]),
        (["vmla.f32 s0, s1, s2", "vdiv.f32 s0, s1, s2", "vadd.f32 s0, s1, s2"], [3, 14, 1]),
    ],
)
def test_cortex_m4(code: list[str], cycles: list[float]) -> None:
    assert straight("cortex-m4", *code) == cycles


@pytest.mark.parametrize(
    ("instruction", "target", "raw", "cycles"),
    [
        ("bne #0x200", 0x200, "0000", 2),
        ("bne.w #0x202", 0x202, "0000 0000", 3),
        ("bx lr", 0x200, "0000", 3),
        ("pop {r4, pc}", 0x200, "0000", 5),
        ("tbb [pc, r0]", 0x200, "0000", 4),
    ],
)
def test_jumps_of_cortex_m4(instruction: str, target: int, raw: str, cycles: float) -> None:
    assert jumping("cortex-m4", instruction, target, raw) == cycles


@pytest.mark.parametrize(
    ("code", "cycles"),
    [
        (["add r0, r1, r2", "add r3, r4, r5"], 1),
        (["add r0, r1, r2", "add r3, r0, r5"], 2),
        (["ldr r0, [r1]", "add r3, r4, r5"], 1),
        (["ldr r0, [r1]", "add r3, r0, r5"], 3),
        (["smlad r0, r1, r2, r0", "smlad r3, r1, r2, r3"], 2),
        (["smlad r0, r1, r2, r0", "smlad r0, r4, r5, r0"], 2),
        (["add r0, r1, r2, lsl #2", "add r3, r4, r5, lsl #2"], 2),
        (["add r3, r4, r5", "sxtb16 r0, r1"], 2),
        (["sxtb16 r0, r1", "add r3, r4, r5"], 1),
        (["ldm.w r0!, {r1-r4}"], 2),
    ],
)
def test_cortex_m7_issues_two_where_it_can(code: list[str], cycles: float) -> None:
    assert sum(straight("cortex-m7", *code)) == cycles


@pytest.mark.parametrize(
    ("code", "cycles"),
    [(["lw a0,4(a1)"], 2), (["sw a0,4(a1)"], 2), (["mul a0,a1,a2"], 3), (["mulh a0,a1,a2"], 4),
     (["div a0,a1,a2"], 38), (["addi a0,a0,1"], 1), (["bne a0,a1,8"], 1)],
)  # fmt: skip
def test_ibex(code: list[str], cycles: float) -> None:
    assert sum(straight("ibex", *code)) == cycles


@pytest.mark.parametrize(("instruction", "cycles"), [("bne a0,a1,256", 3), ("j 256", 2), ("ret ", 2)])
def test_jumps_of_ibex(instruction: str, cycles: float) -> None:
    assert jumping("ibex", instruction, 0x200) == cycles


def test_boards_name_cores_that_have_a_model() -> None:
    assert {timing.core for board in list_boards() for timing in board.timing} <= set(CORES)


def test_every_core_says_what_its_band_rests_on() -> None:
    for core in CORES.values():
        assert core.band.low < 1 < core.band.high
        assert core.band.basis
        assert core.sources
