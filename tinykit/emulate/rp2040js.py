"""The RP2040 in the npm package rp2040js: the real UF2 file, started by a boot ROM of our own."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path
from types import TracebackType

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.emulate.base import ProcessStream
from tinykit.emulate.rp2040.boot_rom import boot_rom
from tinykit.errors import DeviceMissing, InputError, ToolMissing
from tinykit.files import cache_dir
from tinykit.link.stream import ByteStream, SocketStream
from tinykit.process import ChildProcess

VERSION = "1.4.1"
"""Of rp2040js, that the runner was written for. It reaches into the model, so other minor versions will not do."""

_RUNNER = Path(__file__).parent / "rp2040" / "runner.mjs"


class Rp2040js:
    """rp2040js under node with a firmware's UF2 file; its UART0 is one end of a socket pair.

    Args:
        elf: the firmware; what is loaded is the UF2 file beside it.

    Raises:
        ToolMissing: node, the package, or the compiler for the boot ROM is not installed (on entry).
        InputError: there is no UF2 file (on entry).
        DeviceMissing: node cannot be started (on entry).
    """

    def __init__(self, board: Board, elf: Path) -> None:
        self._board = board
        self._uf2 = elf.with_suffix(".uf2")
        self._resources = contextlib.ExitStack()
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        """node's process id, from entry on."""
        return self._process.pid if self._process else None

    def __enter__(self) -> ByteStream:
        node = require_tool("node")
        package = find_package()
        rom = boot_rom()
        if not self._uf2.is_file():
            raise InputError(
                "no such UF2 file", where=str(self._uf2), why="the emulator loads it", hint="build the firmware again"
            )
        with contextlib.ExitStack() as resources:
            ours, theirs = socket.socketpair()
            resources.callback(ours.close)
            with theirs:
                fd = theirs.fileno()
                command = [node, str(_RUNNER), str(package), str(rom), str(self._uf2.resolve()), str(fd)]
                try:
                    process = ChildProcess(command, pass_fds=[fd])
                except OSError as error:
                    raise DeviceMissing("cannot start the emulator", where=node, why=str(error)) from error
            self._process = process
            resources.callback(process.stop)
            description = f"{self._board.name} in rp2040js"
            hint = f"check that {self._uf2} is what you built, and is for an RP2040"
            stream = ProcessStream(SocketStream(ours, description), process, description, hint=hint)
            self._resources = resources.pop_all()
        return stream

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()


def find_package() -> Path:
    """The folder of the npm package.

    $TINYKIT_RP2040JS (the package, or a folder with node_modules) is final where it is set. Else node_modules of this
    folder or one above it, of the checkout, or of the user's cache.

    Raises:
        ToolMissing: it is nowhere, or a version that the runner does not know; the hint installs the right one.
    """
    given = os.environ.get("TINYKIT_RP2040JS")
    here = Path.cwd()
    bases = [Path(given)] if given else [here, *here.parents, Path(__file__).resolve().parents[2], cache_dir()]
    folders = [base / "node_modules" / "rp2040js" for base in bases]
    why = "TINYKIT_RP2040JS does not lead to it" if given else "no node_modules here or in the cache has it"
    for folder in [*bases[:1], *folders] if given else folders:
        version = _version_in(folder)
        if version is None:
            continue
        if version.split(".")[:2] == VERSION.split(".")[:2]:
            return folder.resolve()
        why = f"{folder} has version {version}, {VERSION} is needed"
        break
    raise ToolMissing(
        "rp2040js not found",
        where=given,
        why=f"needed to emulate the RP2040; {why}",
        hint=f"npm install --prefix {given or cache_dir()} rp2040js@{VERSION}",
    )


def _version_in(folder: Path) -> str | None:
    """The version of the package in the folder; None if it is not there."""
    try:
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        return str(package["version"]) if package["name"] == "rp2040js" else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
