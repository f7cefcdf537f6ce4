"""QEMU's log, read."""

from __future__ import annotations

import pytest

from tinykit.cycles.trace import inference_of
from tinykit.errors import DeviceError, ToolMissing

from .logs import executed, trace_of, translation

LOOP = translation("loop", "100: 3801  subs r0, #1", "102: d1fd  bne #0x100")


def test_blocks_are_counted_as_often_as_they_run() -> None:
    trace = trace_of(LOOP, *[executed(1, 0x100)] * 3)
    assert [i.mnemonic for i in trace.blocks[0].code] == ["subs", "bne"]
    assert trace.blocks[0].end == 0x104
    assert trace.instructions == 6


def test_instructions_of_four_bytes() -> None:
    (block,) = trace_of(translation("f", "200: f3bf 8f6f  isb sy"), executed(1, 0x200)).blocks
    assert (block.code[0].size, block.code[0].operands) == (4, "sy")


def test_a_block_that_was_stopped_did_not_run() -> None:
    stopped = "Stopped execution of TB chain before 0x7f0000000001 [00000100] loop"
    assert trace_of(LOOP, executed(1, 0x100), executed(1, 0x100), stopped).instructions == 2


def test_a_block_that_is_rewound_ran_in_part() -> None:
    rewound = "cpu_io_recompile: rewound execution of TB to 00000102"
    trace = trace_of(LOOP, executed(1, 0x100), rewound, executed(1, 0x100), rewound)
    assert trace.instructions == 2
    assert trace_of(LOOP, executed(1, 0x100), rewound.replace("102", "100")).instructions == 0


def test_an_address_in_qemu_that_is_used_again_is_another_block() -> None:
    other = translation("g", "300: 4770  bx lr")
    trace = trace_of(LOOP, executed(1, 0x100), other, executed(1, 0x300, "g"))
    assert [trace.blocks[i].symbol for i in trace.sequence] == ["loop", "g"]


def test_a_qemu_without_a_disassembler_is_named() -> None:
    with pytest.raises(ToolMissing, match="no instructions in words"):
        trace_of("IN: f", "0x00000100:  3801d1fd", executed(1, 0x100))


TICKS = translation("tk_port_ticks", "400: 4770  bx lr")


def test_the_inference_is_what_ran_between_two_readings_of_the_counter() -> None:
    lines = [TICKS, executed(2, 0x400), LOOP, *[executed(1, 0x100)] * 300, executed(2, 0x400), executed(1, 0x100)]
    assert inference_of(trace_of(*lines), 610).instructions == 600


@pytest.mark.parametrize(("runs", "words"), [(300, "not of the inference"), (0, "has no inference")])
def test_a_trace_of_something_else_is_refused(runs: int, words: str) -> None:
    marks = [executed(2, 0x400)] * (2 if runs else 1)
    with pytest.raises(DeviceError, match=words):
        inference_of(trace_of(TICKS, marks[0], LOOP, *[executed(1, 0x100)] * runs, *marks[1:]), 1000)
