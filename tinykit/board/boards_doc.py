"""Writes docs/boards.md from the board files: ``python -m tinykit.board.boards_doc``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tinykit.board.accelerator import list_accelerators
from tinykit.board.loader import list_boards
from tinykit.board.model import Board
from tinykit.board.proof import LEVELS, TITLES, Check
from tinykit.files import write_file

PATH = Path("docs") / "boards.md"
"""Where the document is, in a checkout."""

_INTRODUCTION = """\
# Boards

This page is made from `boards/*.toml` by `python -m tinykit.board.boards_doc`, run in a checkout; do not edit it.
`tinykit boards NAME` says the same of one board. [Porting](porting.md) tells how to add one.

How far a board was tried, the strongest first:

"""

_NO_HARDWARE = """
**No board has been tried on hardware yet**: none was at hand. What is proven of a board that exists as hardware was
proven on its twin, an emulated board with the same chip and the same sources.
"""

_CLOCKS = """
The clock is the core's while it is measured, where cycles are counted: times follow from it, and so does the report's
source of latency. The STM32 boards run at their reset clock, an internal oscillator at less than a tenth of what their
chips can do: supply range, wait states and PLL are not set up, which is left for when hardware is at hand. Flash caches
are on where a chip has them (STM32F4, STM32L4, nRF52), and the STM32F7's instruction cache; its data cache is off.
"""

_EMULATED = """
## Emulated boards

What an emulator of each kind cannot show is in [emulators](emulators.md).

"""

_CHECKS = """
## What was checked

Each check is a test, which anybody can repeat: `pytest -k` with its name, or with the name of a board. Where a tool is
missing a test is skipped, with the reason; [emulators](emulators.md) and [building](building.md) say which tools.

"""

_NEEDS = """
## What boards need

Beside the tools of their builder and flasher:

"""

_ACCELERATORS = """
## Accelerators

They are plugged into a board with Linux: `tinykit deploy --accelerator NAME`, [deploying](deploy.md).

"""

_CONSOLES = """
## Serial consoles

Through these pins tinykit speaks with the agent: 8 data bits, no parity, 1 stop bit. TX is where the board sends. With
Linux boards it speaks over SSH; their console is for people.

"""


def document(boards: Sequence[Board]) -> str:
    """The text of docs/boards.md.

    Args:
        boards: in the order of the tables; those without a [proof] are listed as not tried.
    """
    parts = [
        _INTRODUCTION,
        _table(("level", "meaning"), ((TITLES[level], meaning) for level, meaning in LEVELS.items())),
    ]
    if not any(board.proof is not None and board.proof.level == "hardware" for board in boards):
        parts.append(_NO_HARDWARE)
    real = [board for board in boards if board.emulator is None]
    parts += ["\n## Boards\n\n", _overview(real), _CLOCKS]
    emulated = [board for board in boards if board.emulator is not None]
    parts += [_EMULATED, _overview(emulated)]
    parts += [_CHECKS, _checks(boards)]
    parts += [_NEEDS, _needs(boards), _ACCELERATORS, _accelerators()]
    parts += [_CONSOLES, _consoles(boards)]
    return "".join(parts)


def _overview(boards: Iterable[Board]) -> str:
    head = ("board", "chip", "core", "clock", "builder", "flasher", "level", "proven on", "not proven")
    return _table(head, map(_overview_row, boards))


def _overview_row(board: Board) -> tuple[str, ...]:
    called = "".join(f", also `{alias}`" for alias in board.aliases)
    name = f"**{board.name}**{called}<br>{board.title}"
    what = (name, board.chip, board.core, board.clock or "", board.builder.kind, board.flasher.kind)
    proof = board.proof
    if proof is None:
        return (*what, "not tried", "", "everything")
    where = ""
    if proof.specimen is not None:
        where = proof.specimen
    elif proof.twin is not None:
        where = f"its twin {proof.twin}"
    elif proof.level in ("system-emulator", "isa-emulator") and board.emulator is not None:
        where = board.emulator.kind
    return (*what, TITLES[proof.level], where, proof.unproven)


def _checks(boards: Iterable[Board]) -> str:
    # One row for what several boards have in common: the same words, the same test but for its parameters.
    found: dict[tuple[str, str], list[str]] = {}
    for board in boards:
        for check in () if board.proof is None else board.proof.checks:
            found.setdefault((check.what, _function(check)), []).append(board.name)
    return _table(
        ("what", "test", "boards"),
        ((what, _link(test), ", ".join(names)) for (what, test), names in found.items()),
    )


def _needs(boards: Iterable[Board]) -> str:
    rows = ((board.name, "<br>".join(board.needs)) for board in boards if board.needs)
    return _table(("board", "needs"), rows)


def _accelerators() -> str:
    rows = (
        (
            f"**{one.name}**<br>{one.title}",
            "<br>".join(one.needs),
            TITLES[one.proof.level],
            "<br>".join(f"{check.what}: {_link(_function(check))}" for check in one.proof.checks),
            one.proof.unproven,
            "<br>".join(map(_source, one.sources)),
        )
        for one in list_accelerators()
    )
    return _table(("accelerator", "needs", "level", "checks", "not proven", "sources"), rows)


def _consoles(boards: Iterable[Board]) -> str:
    head = ("board", "port", "TX", "RX", "bit/s", "where", "sources")
    return _table(
        head,
        (
            (board.name, c.uart, c.tx, c.rx, str(board.link.baud), c.connector, "<br>".join(map(_source, c.sources)))
            for board in boards
            if (c := board.console) is not None
        ),
    )


def _function(check: Check) -> str:
    return check.test.partition("[")[0]


def _link(test: str) -> str:
    file, _, function = test.partition("::")
    return f"[`{function}`](../{file})"


def _source(source: str) -> str:
    """A link of the address, named by what follows it in brackets or else by its host."""
    address, _, name = source.partition(" ")
    host = re.sub(r"^https?://(www\.)?", "", address).partition("/")[0]
    return f"[{name.strip('()') or host}]({address})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    write_file(PATH, document(list_boards()))
