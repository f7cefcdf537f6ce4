"""What a flash that is slower than the core costs: an instruction cache run through a trace, and data read once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from tinykit.cycles.trace import Block, Trace


@dataclass(frozen=True)
class Flash:
    """A flash behind a cache.

    Attributes:
        wait_states: cycles that a read takes beyond one.
        width: bytes that one read gives.
        lines, line_bytes: of the cache for instructions; 0 lines: none, only the last read is kept.
    """

    wait_states: int
    width: int
    lines: int = 0
    line_bytes: int = 0


def code_stalls(trace: Trace, flash: Flash) -> int:
    """Cycles that the core waits for instructions.

    The cache is fully associative and forgets what was not used for longest. A line that is missing is fetched whole,
    read after read, and the core waits for the first of these.
    """
    if not flash.wait_states:
        return 0
    size = flash.line_bytes if flash.lines else flash.width
    room = flash.lines or 1
    spans = [_lines(block, size) for block in trace.blocks]
    kept: OrderedDict[int, None] = OrderedDict()
    misses = 0
    for number in trace.sequence.tolist():
        for line in spans[number]:
            if line in kept:
                kept.move_to_end(line)
                continue
            misses += 1
            kept[line] = None
            if len(kept) > room:
                kept.popitem(last=False)
    return misses * flash.wait_states


def data_stalls(constants: int, flash: Flash) -> int:
    """Cycles that the core waits for constants (bytes), each read once: what layers read again is taken as cached."""
    return -(-constants // flash.width) * flash.wait_states


def _lines(block: Block, size: int) -> range:
    return range(block.code[0].address // size, (block.end - 1) // size + 1)
