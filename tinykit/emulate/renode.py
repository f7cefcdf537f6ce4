"""Boards in Renode, headless, the serial port a pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import termios
import time
import tty
from pathlib import Path
from types import TracebackType

from tinykit.board import Board
from tinykit.board.renode import OLDEST, line_text, platform_text, script_text
from tinykit.board.tools import program_version, require_tool
from tinykit.emulate.base import ProcessStream
from tinykit.errors import DeviceMissing, InputError, ToolMissing
from tinykit.link.stream import ByteStream, FdStream
from tinykit.process import ChildProcess

_START_UP = 90.0
"""Seconds. Renode takes three to ten; a busy machine that compiles it anew takes longer."""

_SCRIPT_FAILED = "rror executing command"
"""As Renode's Monitor reports a command of a script that it refuses; it then waits for better ones."""

_FIRMWARE = "firmware.elf"
_SCRIPT = "board.resc"
_LINK = "uart"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


class Renode:
    """Renode with a firmware. Everything it needs is put into a folder of its own: no name of the user's gets into a
    script.

    Raises:
        ToolMissing: Renode is not installed, or too old (on entry).
        InputError: there is no firmware (on entry).
        DeviceMissing: it cannot be started, or refuses the board (on entry).
    """

    def __init__(self, board: Board, elf: Path) -> None:
        self._board = board
        self._elf = elf
        self._resources = contextlib.ExitStack()
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        """Renode's process id, from entry on."""
        return self._process.pid if self._process else None

    def __enter__(self) -> ByteStream:
        program = require_renode()
        with contextlib.ExitStack() as resources:
            folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="tinykit-renode-", dir=_base())))
            write_machine(self._board, self._elf, folder)
            # Renode reads commands from its standard input; at the input's end it leaves, which it must not yet.
            commands_end, our_end = os.pipe()
            resources.callback(os.close, our_end)
            try:
                process = ChildProcess(
                    [program, "--disable-xwt", "--console", "--plain", "--config", "config", str(folder / _SCRIPT)],
                    stdin=commands_end,
                    keep_output=True,
                    cwd=folder,
                )
            except OSError as error:
                raise DeviceMissing("cannot start Renode", where=program, why=str(error)) from error
            finally:
                os.close(commands_end)
            self._process = process
            resources.callback(process.stop)
            line = self._wait_for_line(process, folder / _LINK)
            description = f"{self._board.name} in Renode"
            stream = FdStream(line, description)
            resources.callback(stream.close)
            # Only now, so that nothing the firmware says first goes by unheard.
            os.write(our_end, b"start\n")
            self._resources = resources.pop_all()
        return ProcessStream(stream, process, description)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def _wait_for_line(self, process: ChildProcess, link: Path) -> int:
        """The terminal, opened: what Renode makes last, after all that may fail."""
        deadline = time.monotonic() + _START_UP
        while True:
            if link.exists():
                line = os.open(link, os.O_RDWR | os.O_NOCTTY)
                tty.setraw(line, termios.TCSANOW)
                return line
            if process.exit_status() is not None:
                why = process.obituary()
            elif _SCRIPT_FAILED in process.last_words():
                why = process.last_words()
            elif time.monotonic() > deadline:
                why = f"it was not ready after {_START_UP:.0f} s\n{process.last_words()}"
            else:
                time.sleep(0.05)
                continue
            raise DeviceMissing(
                "Renode did not start the board",
                where=self._board.name,
                why=why,
                hint="compare [emulator] in the board file with the platforms of this version of Renode",
            )


def write_machine(board: Board, elf: Path, folder: Path) -> None:
    """Script, platform and firmware into an empty folder, with names that need no quoting.

    Raises:
        InputError: there is no firmware.
    """
    try:
        shutil.copyfile(elf, folder / _FIRMWARE)
    except OSError as error:
        raise InputError(
            "cannot read the firmware", where=str(elf), why=error.strerror, hint="build the firmware again"
        ) from None
    (folder / f"{board.name}.repl").write_text(platform_text(board), encoding="utf-8")
    script = script_text(board, _FIRMWARE) + line_text(board, str(folder / _LINK))
    (folder / _SCRIPT).write_text(script, encoding="utf-8")


def require_renode() -> str:
    """Path of a Renode that is new enough.

    Raises:
        ToolMissing: there is none.
    """
    program = require_tool("renode")
    said = program_version([program]) or ""
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    if found is None or tuple(int(number) for number in found.groups()) < OLDEST:
        oldest = ".".join(str(number) for number in OLDEST)
        raise ToolMissing(
            "this Renode is too old" if found else "Renode does not say its version",
            where=program,
            why=f"it says {said!r}; {oldest} or later is needed, whose clock is fine enough to count instructions",
            hint="install a later one from https://github.com/renode/renode/releases",
        )
    return program


def _base() -> str | None:
    """A folder for temporary folders whose path a script takes as it is."""
    if _PLAIN_PATH.fullmatch(tempfile.gettempdir()):
        return None
    if Path("/tmp").is_dir():
        return "/tmp"
    raise InputError(
        "the folder for temporary files has a name that Renode's scripts do not take",
        where=tempfile.gettempdir(),
        hint="set TMPDIR to a folder of letters, digits, dots and dashes",
    )
