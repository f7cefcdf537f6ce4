"""Flashing through gdb's ``load``, over any server of gdb's remote protocol: Black Magic Probe, J-Link, QEMU."""

from __future__ import annotations

import re

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.errors import DeviceMissing, FlashFailed, InputError
from tinykit.firmware import Image
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import last_lines, run_tool

_SECTION = re.compile(r"^Loading section (\S+), size 0x([0-9a-f]+) lma 0x([0-9a-f]+)")
_MISMATCH = re.compile(r"^Section (\S+), range .*: MIS-MATCHED!", re.MULTILINE)
_NO_SERVER = re.compile(
    r"Connection (?:refused|timed out)|could not connect|No such file or directory|Name or service not known"
    r"|Remote communication error|not responding|Connection reset",
    re.IGNORECASE,
)
_CONNECT_TIMEOUT = 5
"""Seconds until gdb gives up a server that is not there."""

_PACKET_TIMEOUT = 2
_ERASE_TIMEOUT = 30
"""Seconds that a server may take to answer: at first, and while it writes."""


def gdb_command(gdb: str, board: Board, image: Image, remote: str) -> list[str]:
    """gdb's command line: connect, write, compare, reset, leave the firmware running.

    Each step is a command of its own: gdb goes on after one that fails, so its output decides, not its exit status.
    """
    steps = [
        "set confirm off",
        "set pagination off",
        f"set tcp connect-timeout {_CONNECT_TIMEOUT}",
        f"set remotetimeout {_PACKET_TIMEOUT}",
        f"target remote {remote}",
        # Erasing a large sector of a flash takes seconds.
        f"set remotetimeout {_ERASE_TIMEOUT}",
        *board.flasher.gdb.commands,
        "load",
        "compare-sections -r",
        *(f"monitor {words}" for words in _reset(board)),
        # Not "disconnect": that would leave the core stopped.
        "detach",
    ]
    return [gdb, "-nx", "-q", "-batch", *(word for step in steps for word in ("-ex", step)), str(image.elf)]


def program_gdb(board: Board, image: Image, probe: str | None, progress: Progress | None) -> None:
    """Write ``image`` and compare it.

    Args:
        probe: what gdb connects to: ``localhost:2331``, ``/dev/ttyBmpGdb``, the path of a Unix socket; the board's by
            default.

    Raises:
        ToolMissing: gdb is not installed.
        DeviceMissing: no server answers there.
        FlashFailed: the image was not written, or differs when read back.
    """
    remote = probe or board.flasher.gdb.remote
    if remote is None:
        raise InputError(
            "nothing for gdb to connect to",
            where=board.name,
            hint="give --probe: localhost:2331 (J-Link), /dev/ttyBmpGdb (Black Magic Probe), localhost:1234 (QEMU)",
        )
    show = progress or no_progress
    total = image.sizes.flash
    done = 0

    def watch(line: str) -> None:
        nonlocal done
        if "Ignoring packet error" in line:
            # gdb would try again, for minutes.
            raise DeviceMissing(
                "what is there does not answer as a gdb server",
                where=remote,
                why="it accepts the connection and stays silent, or says something else",
                hint="see that the address is that of the server, and that no other gdb is connected to it",
            )
        section = _SECTION.match(line)
        if section is not None:
            show("writing", done, total)
            done += int(section[2], 16)

    _, output = run_tool(gdb_command(require_tool("gdb-multiarch"), board, image, remote), watch)
    if "Loading section" not in output and _NO_SERVER.search(output):
        raise DeviceMissing(
            "no gdb server answers",
            where=remote,
            why=last_lines(output, 2),
            hint="start the probe's server, or QEMU with -gdb tcp::1234, and give its address with --probe",
        )
    wrong = _MISMATCH.findall(output)
    if wrong:
        raise FlashFailed(
            "the flash does not hold what was written",
            where=remote,
            why=f"read back, {', '.join(wrong)} differ",
            hint="is the flash write-protected, or is it another chip than the board file says?",
        )
    # "Transfer rate" ends a load; each read-only section is then said to have matched.
    if "Transfer rate:" not in output or ": matched." not in output:
        raise FlashFailed("gdb could not write the firmware", where=remote, why=last_lines(output))
    show("writing", total, total)


def _reset(board: Board) -> tuple[str, ...]:
    """What to tell the server to restart the chip: QEMU has its own word, probes agree on "reset"."""
    return ("system_reset",) if board.emulator is not None else ("reset",)
