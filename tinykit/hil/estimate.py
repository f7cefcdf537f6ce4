"""Estimated cycles of a firmware: it runs once more in QEMU, whose trace goes through a core's cost model."""

from __future__ import annotations

import bisect
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tinykit.board import Board, list_boards, load_board
from tinykit.board.timing import Timing
from tinykit.cycles.cores import CORES, Core
from tinykit.cycles.estimate import UNIT, CoreCycles, core_cycles
from tinykit.cycles.fetch import Flash, code_stalls, data_stalls
from tinykit.cycles.trace import Trace, inference_of, read_trace
from tinykit.emulate.qemu_trace import TracingQemu
from tinykit.errors import BoardError, InputError
from tinykit.firmware import Image
from tinykit.hil.report.estimated import Estimate, EstimatedPoint, EstimatedShare
from tinykit.hil.session import Session

MOST_INSTRUCTIONS = 200_000_000
"""What is traced at most: QEMU's log takes about 6 bytes of disk for each instruction."""

_FUNCTIONS = 12
_SAME_CODE = ({"cortex-m0", "cortex-m0plus"},)
"""Cores whose firmware is the same."""


def check_estimate(board: Board, target_name: str | None) -> Board | None:
    """The board that cycles are to be estimated of, before anything is built.

    Args:
        board: that runs the firmware.
        target_name: name or file of a board with ``[[timing]]``; None: no estimate is wanted.

    Raises:
        InputError: ``board`` is not in QEMU, or runs other code than the other.
        BoardError: the other has no [[timing]], or one of a core without a cost model.
    """
    if target_name is None:
        return None
    if board.emulator is None or board.emulator.kind != "qemu":
        raise InputError(
            "cycles are estimated from QEMU's trace",
            where=board.name,
            why="this board is hardware, which counts cycles itself"
            if board.emulator is None
            else f"this board's emulator is {board.emulator.kind}",
            hint="leave --estimate out, or take a board of QEMU with the same core",
        )
    target = load_board(target_name)
    if not target.timing:
        with_timing = ", ".join(other.name for other in list_boards() if other.timing)
        raise BoardError("the board file has no [[timing]]", where=target.name, hint=f"these have: {with_timing}")
    unknown = [timing.core for timing in target.timing if timing.core not in CORES]
    if unknown:
        raise BoardError(
            f"there is no cost model {unknown[0]!r}", where=target.name, hint=f"there are: {', '.join(CORES)}"
        )
    if board.core != target.core and not any({board.core, target.core} <= same for same in _SAME_CODE):
        raise InputError(
            f"code for {board.core} says nothing about {target.core}",
            where=target.name,
            hint=f"--estimate takes a board with the core of {board.name}",
        )
    return target


def estimate_cycles(
    image: Image, target: Board, sample: Sequence[np.ndarray], instructions: int, timeout: float = 120.0
) -> Estimate:
    """Estimate one inference of a sample.

    Args:
        image: for a board in QEMU.
        target: as ``check_estimate`` gives it.
        sample: one array for each input of the model.
        instructions: about as many as an inference takes, to refuse what is too much for a trace.

    Raises:
        InputError: an inference is too long to be traced.
        DeviceError, ToolMissing: of the session, or because QEMU's log is not what is needed.
    """
    if instructions > MOST_INSTRUCTIONS:
        raise InputError(
            f"an inference of {instructions:,} instructions is not traced",
            where=image.board.name,
            why=f"QEMU's log would be too large; the limit is {MOST_INSTRUCTIONS:,}",
            hint="leave --estimate out",
        )
    trace = _trace(image, sample, timeout)
    name_of = _function_names(image.elf)
    constants = image.sizes.weights + image.sizes.tables
    first = CORES[target.timing[0].core]
    cycles = {name: core_cycles(trace, CORES[name], name_of) for name in {timing.core for timing in target.timing}}
    return Estimate(
        unit=UNIT,
        board=target.name,
        core=first.title,
        sources=first.sources,
        basis=first.band.basis,
        compared=first.band.compared,
        instructions=trace.instructions,
        points=tuple(_point(timing, cycles[timing.core], trace, constants) for timing in target.timing),
        kinds=_shares(cycles[first.name], "kinds"),
        functions=_shares(cycles[first.name], "functions")[:_FUNCTIONS],
    )


def _trace(image: Image, sample: Sequence[np.ndarray], timeout: float) -> Trace:
    with tempfile.TemporaryDirectory(prefix="tinykit-trace-") as folder:
        log = Path(folder) / "qemu.log"
        device = TracingQemu(image.board, image.elf, log)
        with Session(image.board, image, line=device, timeout=10 * timeout) as session:
            session.write(sample)
            device.begin()
            (ticks,) = session.time(1)
            device.end()
        with log.open("rb") as lines:
            return inference_of(read_trace(lines), image.board.counter.value(ticks))


def _point(timing: Timing, cycles: CoreCycles, trace: Trace, constants: int) -> EstimatedPoint:
    flash = Flash(timing.wait_states, timing.flash_width, timing.cache_lines, timing.cache_line_bytes)
    stalls = code_stalls(trace, flash) + data_stalls(constants, flash)
    core: Core = CORES[timing.core]
    total = cycles.cycles + stalls
    low, high = total * core.band.low, total * core.band.high

    def ms(value: float) -> float | None:
        return None if timing.hz is None else 1000 * value / timing.hz

    return EstimatedPoint(timing.hz, timing.wait_states, stalls, total, low, high, ms(total), ms(low), ms(high))


def _shares(cycles: CoreCycles, which: str) -> tuple[EstimatedShare, ...]:
    return tuple(EstimatedShare(**asdict(share)) for share in getattr(cycles, which))


def _function_names(elf: Path) -> Callable[[int], str]:
    """Which function an address is in: the last one that begins at or before it."""
    found: dict[int, str] = {}
    with elf.open("rb") as file:
        for section in ELFFile(file).iter_sections():
            if isinstance(section, SymbolTableSection):
                for symbol in section.iter_symbols():
                    if symbol["st_info"]["type"] == "STT_FUNC":
                        found[symbol["st_value"] & ~1] = symbol.name
    addresses = sorted(found)

    def name_of(address: int) -> str:
        at = bisect.bisect_right(addresses, address) - 1
        return found[addresses[at]] if at >= 0 else f"0x{address:08x}"

    return name_of
