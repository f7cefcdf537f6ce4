"""Flashing through gdb's ``load``, over any server of gdb's remote protocol: Black Magic Probe, J-Link, QEMU."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.errors import DeviceMissing, FlashFailed, InputError
from tinykit.firmware import Image
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import last_lines, run_tool
from tinykit.link.ports import list_ports

_SECTION = re.compile(r"^Loading section (\S+), size 0x([0-9a-f]+) lma 0x([0-9a-f]+)")
_MISMATCH = re.compile(r"^Section (\S+), range .*: MIS-MATCHED!", re.MULTILINE)
_NO_SERVER = re.compile(
    # Not a line of the program's source that gdb wants to show: its number, a tab, the file that it does not find.
    r"^(?!\d+\t).*(?:Connection (?:refused|timed out|reset)|could not connect|No such file or directory|No such device"
    r"|Permission denied|Device or resource busy|Name or service not known|Temporary failure in name resolution"
    r"|No address associated|No route to host|Network is unreachable|Remote communication error|not responding).*$",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_RUNNING = "target is not running"
"""gdb's words where a server has no program yet ("W00"): it wants `target extended-remote` and `attach`."""

_UNKNOWN_WORD = re.compile(
    r"unknown|unsupported|not supported|invalid|unrecogni[sz]ed|not recognized|not found|^Protocol error", re.I | re.M
)
"""How servers say that they do not know a word. Who knows it says nothing, or what it does."""

_NO_CHIP = re.compile(r"^.*(?:scan failed|no usable targets|Attaching to .* failed).*$", re.IGNORECASE | re.MULTILINE)
_CONNECT_TIMEOUT = 5
"""Seconds until gdb gives up a server that is not there."""

_PACKET_TIMEOUT = 2
_ERASE_TIMEOUT = 30
"""Seconds that a server may take to answer: at first, and while it writes."""

_STEP = "tinykit-step:"
"""gdb says it before each command whose answer matters: gdb goes on after one that fails."""

_RESET_WORDS = ("reset", "system_reset")
"""What probes' servers call it, and QEMU. Who does not know one says so and does nothing."""

_REGISTERS = "registers"

_BLACK_MAGIC_USB = "1d50:6018"
"""The Black Magic Probe (https://github.com/openmoko/openmoko-usb-oui, usb_product_ids.psv)."""

_THUMB = 0x0100_0000
"""xPSR after a reset: T, "Thumb state" (Armv7-M Architecture Reference Manual, B1.4.2)."""


def gdb_command(gdb: str, board: Board, image: Image, remote: str, *, attach: bool = False) -> list[str]:
    """gdb's command line: connect, write, compare, reset, leave the firmware running.

    Each step is a command of its own: gdb goes on after one that fails, so its output decides, not its exit status.

    Args:
        attach: the server has no chip until it is told to look for one: a Black Magic Probe.
    """
    # https://black-magic.org/usage/gdb-commands.html: the firmware of all years knows swdp_scan. A "kill" resets the
    # chip and lets it run; "monitor reset" would drop the connection.
    enter = ["target extended-remote", "monitor swdp_scan", "attach 1"] if attach else ["target remote"]
    # Not "disconnect": that would leave the core stopped.
    leave = ["kill"] if attach else [*_start(board), *_resets(), "detach"]
    steps = [
        "set confirm off",
        "set pagination off",
        f"set tcp connect-timeout {_CONNECT_TIMEOUT}",
        # A refused connection is an answer.
        "set tcp auto-retry off",
        f"set remotetimeout {_PACKET_TIMEOUT}",
        f"{enter[0]} {remote}",
        # Erasing a large sector of a flash takes seconds.
        f"set remotetimeout {_ERASE_TIMEOUT}",
        *enter[1:],
        *board.flasher.gdb.commands,
        "load",
        "compare-sections -r",
        *leave,
    ]
    return [gdb, "-nx", "-q", "-batch", *(word for step in steps for word in ("-ex", step)), str(image.elf)]


def program_gdb(board: Board, image: Image, probe: str | None, progress: Progress | None) -> None:
    """Write ``image``, compare it, and start it.

    Args:
        probe: what gdb connects to: ``localhost:2331``, ``/dev/ttyBmpGdb``, the path of a Unix socket; the board's by
            default.

    Raises:
        ToolMissing: gdb is not installed.
        DeviceMissing: no server answers there, or it finds no chip.
        FlashFailed: the image was not written, differs when read back, or cannot be started.
    """
    remote = probe or board.flasher.gdb.remote
    if remote is None:
        raise InputError(
            "nothing for gdb to connect to",
            where=board.name,
            hint="give --probe: /dev/ttyBmpGdb (Black Magic Probe), localhost:2331 (J-Link), localhost:1234 (QEMU)",
        )
    show = progress or no_progress
    gdb, total = require_tool("gdb-multiarch"), image.sizes.flash
    attach = is_black_magic(remote)
    output = _run(gdb_command(gdb, board, image, remote, attach=attach), remote, total, show)
    if not attach and _NOT_RUNNING in output:
        attach = True
        output = _run(gdb_command(gdb, board, image, remote, attach=True), remote, total, show)
    _check(output, board, remote, attach)
    show("writing", total, total)


def is_black_magic(remote: str) -> bool:
    """Whether ``remote`` is a Black Magic Probe's serial port, by its USB ids or the name that its udev rules give."""
    if Path(remote).name.startswith("ttyBmpGdb"):
        return True
    device = os.path.realpath(remote)
    return any(port.usb == _BLACK_MAGIC_USB and os.path.realpath(port.device) == device for port in list_ports())


def _run(command: list[str], remote: str, total: int, show: Progress) -> str:
    """What gdb said; ends it where it would go on for minutes, or in vain."""
    done, loading = 0, False

    def watch(line: str) -> None:
        nonlocal done, loading
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
            loading = True
            show("writing", done, total)
            done += int(section[2], 16)
        if not loading and _NO_SERVER.search(line):
            raise DeviceMissing(
                "no gdb server answers",
                where=remote,
                why=line.strip(),
                hint="start the probe's server, or QEMU with -gdb tcp::1234, and give its address with --probe",
            )

    return run_tool(command, watch)[1]


def _check(output: str, board: Board, remote: str, attach: bool) -> None:
    no_chip = _NO_CHIP.search(output) if attach and "Transfer rate:" not in output else None
    if no_chip is not None:
        raise DeviceMissing(
            "the debug probe finds no chip",
            where=remote,
            why=no_chip[0].strip(),
            hint="see that the board has power and that the probe's wires (SWDIO, SWCLK, GND, VREF) are right",
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
        crashed = attach and "internal-error" in output
        raise FlashFailed(
            "gdb could not write the firmware",
            where=remote,
            why="gdb failed while it attached" if crashed else last_lines(output),
            hint="update the probe's firmware: gdb 11 and later need one that names its thread" if crashed else None,
        )
    if attach:
        return
    answers = {step: said for step, _, said in (part.partition("\n") for part in output.split(_STEP)[1:])}
    reset = any(not _UNKNOWN_WORD.search(answers.get(word, "unknown")) for word in _RESET_WORDS)
    # gdb says nothing of an assignment that succeeds.
    started = answers.get(_REGISTERS, "not set").strip() == ""
    if not reset and not started:
        raise FlashFailed(
            "the firmware is written, but cannot be started",
            where=remote,
            why="the server knows none of the words " + ", ".join(f"`monitor {word}`" for word in _RESET_WORDS),
            hint="reset the board by hand; or put the server's own word into the board file's [flasher.gdb] commands",
        )


def _start(board: Board) -> list[str]:
    """What a reset does to a Cortex-M's registers, for a server that knows no reset: detaching starts the core there.

    Elsewhere `load` sets the program counter, and the start-up code the rest.
    """
    if not board.core.startswith("cortex-m"):
        return []
    origins = {memory.name: memory.origin for memory in board.memory}
    table = origins.get("vectors", origins["flash"])
    return [
        f"echo {_STEP}{_REGISTERS}\\n",
        f"set $sp = {{unsigned int}}{table:#x}",
        f"set $pc = {{unsigned int}}{table + 4:#x} & ~1",
        f"set $xpsr = {_THUMB:#x}",
    ]


def _resets() -> list[str]:
    """Both words: a file for a real chip may meet QEMU's server, and the other way round."""
    return [command for word in _RESET_WORDS for command in (f"echo {_STEP}{word}\\n", f"monitor {word}")]
