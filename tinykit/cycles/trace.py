"""What ran in an emulator: QEMU's log of translation blocks (``-d in_asm,exec,nochain``) as typed values.

A translation block is a run of instructions that ends at a branch, at the end of a page, or at QEMU's limit. The log
has the instructions of each when it is translated, and a line whenever it is executed. Source of the lines' forms:
QEMU 7.2, accel/tcg/cpu-exec.c, accel/tcg/translate-all.c and disas.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tinykit.errors import DeviceError, ToolMissing

_CODE = re.compile(rb"0x([0-9a-f]+):\s+([0-9a-f]{2,8}(?: [0-9a-f]{2,8})*)(?:\s\s+(\S+)\s*(.*))?$")
_EXEC = re.compile(rb"Trace \d+: (0x[0-9a-f]+) \[[0-9a-f]+/([0-9a-f]+)/")
_STOPPED = b"Stopped execution of TB chain before"
_REWOUND = re.compile(rb"cpu_io_recompile: rewound execution of TB to ([0-9a-f]+)")


@dataclass(frozen=True)
class Instruction:
    """One instruction: where it is, its bytes, and its text as the disassembler gives it."""

    address: int
    size: int
    mnemonic: str
    operands: str


@dataclass(frozen=True)
class Block:
    """Instructions that are executed one after the other; ``symbol`` is the function's name."""

    symbol: str
    code: tuple[Instruction, ...]

    @property
    def end(self) -> int:
        """Address behind the last instruction."""
        return self.code[-1].address + self.code[-1].size


@dataclass(frozen=True)
class Trace:
    """``sequence``: indices into ``blocks`` in the order of execution, int32 of shape [executions]."""

    blocks: tuple[Block, ...]
    sequence: np.ndarray

    @property
    def instructions(self) -> int:
        """All that were executed."""
        lengths = np.array([len(block.code) for block in self.blocks], np.int64)
        return int(lengths[self.sequence].sum()) if len(self.sequence) else 0


def read_trace(lines: Iterable[bytes]) -> Trace:
    """The trace in the lines of QEMU's log. What is no line of a known form is passed over.

    Raises:
        ToolMissing: the log has no disassembly: this QEMU was built without it.
    """
    reader = _Reader()
    for line in lines:
        if line.startswith(b"Trace "):
            reader.executed(line)
        elif line.startswith(b"0x"):
            reader.instruction(line)
        elif line.startswith(b"IN:"):
            reader.translated(line)
        elif line.startswith(_STOPPED):
            reader.stopped()
        elif line.startswith(b"cpu_io_recompile"):
            reader.rewound(line)
    return Trace(tuple(reader.blocks), np.array(reader.sequence, np.int32))


class _Reader:
    """State while reading: blocks by QEMU's address of them, which may be used again for another block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.sequence: list[int] = []
        self._known: dict[bytes, int] = {}
        self._parts: dict[tuple[int, int], int] = {}
        self._symbol = ""
        self._code: list[Instruction] = []

    def translated(self, line: bytes) -> None:
        self._symbol = line[3:].decode(errors="replace").strip()
        self._code = []

    def instruction(self, line: bytes) -> None:
        match = _CODE.match(line.rstrip())
        if match is None:
            return
        address, raw, mnemonic, operands = match.groups()
        if mnemonic is None:
            raise ToolMissing(
                "QEMU's log has no instructions in words",
                why="this QEMU was built without a disassembler (Capstone)",
                hint="put another QEMU first on PATH; those of Debian and Ubuntu have one",
            )
        size = len(raw.replace(b" ", b"")) // 2
        text = operands.decode(errors="replace").split("#  ")[0].strip()
        self._code.append(Instruction(int(address, 16), size, mnemonic.decode(errors="replace"), text))

    def executed(self, line: bytes) -> None:
        match = _EXEC.match(line)
        if match is None:
            return
        key = match[1]
        if self._code and self._code[0].address == int(match[2], 16):
            self._known[key] = len(self.blocks)
            self.blocks.append(Block(self._symbol, tuple(self._code)))
            self._code = []
        number = self._known.get(key)
        if number is not None:
            self.sequence.append(number)

    def stopped(self) -> None:
        """The block that was named last did not begin: an interrupt or the instruction counter came first."""
        if self.sequence:
            self.sequence.pop()

    def rewound(self, line: bytes) -> None:
        """The last block met an access to a peripheral; it ends before that, and a block of its own follows."""
        match = _REWOUND.match(line)
        if match is None or not self.sequence:
            return
        whole, stop = self.sequence.pop(), int(match[1], 16)
        if (whole, stop) not in self._parts:
            code = tuple(one for one in self.blocks[whole].code if one.address < stop)
            self._parts[whole, stop] = len(self.blocks) if code else -1
            if code:
                self.blocks.append(Block(self.blocks[whole].symbol, code))
        part = self._parts[whole, stop]
        if part >= 0:
            self.sequence.append(part)


_TICKS = "tk_port_ticks"
_SLACK = 64
"""Instructions of reading the counter that it does or does not count."""


def inference_of(trace: Trace, instructions: int) -> Trace:
    """The part of a trace between two readings of the counter that is an inference of so many instructions.

    Raises:
        DeviceError: there is none, within 0.1 % and what reading the counter takes: the trace is not of that run.
    """
    ticks = {i for i, block in enumerate(trace.blocks) if block.symbol == _TICKS}
    marks = np.flatnonzero(np.isin(trace.sequence, list(ticks)))
    lengths = np.array([len(block.code) for block in trace.blocks], np.int64)
    counts = np.concatenate([[0], np.cumsum(lengths[trace.sequence])])
    between = counts[marks[1:]] - counts[marks[:-1] + 1] if len(marks) > 1 else np.zeros(0, np.int64)
    if not len(between):
        raise DeviceError("the emulator's trace has no inference in it", why="the counter was not read twice")
    best = int(np.argmin(np.abs(between - instructions)))
    if abs(int(between[best]) - instructions) > _SLACK + instructions // 1000:
        raise DeviceError(
            "the emulator's trace is not of the inference that was timed",
            why=f"{between[best]:,} instructions in the trace, {instructions:,} counted by the device",
        )
    return Trace(trace.blocks, trace.sequence[marks[best] + 1 : marks[best + 1]])
