"""A lab on this computer: labgrid's own coordinator and exporter, and boards in QEMU with their ports on TCP.

The boards are simulated; all that is labgrid's is real.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.empty_machine import empty_machine, free_port
from tinykit.board import load_board
from tinykit.board.emulators import QemuEmulator
from tinykit.process import ChildProcess

EXAMPLES = Path(__file__).resolve().parents[2] / "hil" / "labgrid"
PLACES = {"m4": "qemu-mps2-an386", "riscv": "qemu-riscv32"}
_PATIENCE = 60.0
_MODULES = {name: [sys.executable, "-m", f"labgrid.remote.{name}"] for name in ("coordinator", "exporter", "client")}


class Lab:
    """Both places of the examples in ``hil/labgrid``, exported.

    Attributes:
        address: the coordinator's.
        environment: the example's file, with the ports of this lab.
    """

    def __init__(self, folder: Path, resources: ExitStack) -> None:
        self.folder = folder
        self._resources = resources
        self.address = f"127.0.0.1:{free_port()}"
        self._logs = 0
        self.coordinator = self._start("coordinator", "-l", self.address)
        _until(lambda: _listens(self.address))
        exporter = (EXAMPLES / "exporter.yaml").read_text()
        environment = (EXAMPLES / "environment.yaml").read_text()
        for number, (place, board) in enumerate(PLACES.items(), 1):
            machine = folder / place
            machine.mkdir()
            gdb, serial = resources.enter_context(empty_machine(board, machine))
            exporter = exporter.replace(f"port: 400{number}", f"port: {serial.rpartition(':')[2]}")
            environment = environment.replace(f"127.0.0.1:300{number}", gdb)
        (folder / "exporter.yaml").write_text(exporter)
        self.environment = folder / "environment.yaml"
        self.environment.write_text(environment)
        self.exporter = self.export()
        for place in PLACES:
            self.add(place)
        _until(lambda: len(self.client("resources").split()) == len(PLACES))

    def export(self) -> ChildProcess:
        """Start the exporter."""
        return self._start("exporter", "-c", self.address, "-n", "desk", str(self.folder / "exporter.yaml"))

    def add(self, place: str) -> None:
        self.client("-p", place, "create")
        self.client("-p", place, "add-match", f"desk/{place}/*")

    def client(self, *arguments: str) -> str:
        """What labgrid-client prints."""
        command = [*_MODULES["client"], "-x", self.address, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE).stdout

    def acquired(self) -> list[str]:
        """The places that somebody has."""
        return self.client("places", "--acquired").split()

    def _start(self, name: str, *arguments: str) -> ChildProcess:
        self._logs += 1
        with (self.folder / f"{name}-{self._logs}.log").open("wb") as log:
            process = ChildProcess([*_MODULES[name], *arguments], output=log.fileno(), cwd=self.folder)
        self._resources.callback(process.stop)
        return process


@contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    """A lab in ``folder``, as long as the block lasts."""
    with ExitStack() as resources:
        yield Lab(folder, resources)


@contextmanager
def board_without_power(board_name: str, folder: Path, elf: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """A machine with a firmware that is "off": it does nothing. Its serial port, and commands for a power driver.

    Off is QEMU's `stop`; on is a reset and `cont`.
    """
    emulator = load_board(board_name).emulator
    assert isinstance(emulator, QemuEmulator)
    monitor, serial = folder / "monitor", free_port()
    process = ChildProcess(
        [*emulator.command, "-nodefaults", "-display", "none", "-S", "-kernel", str(elf),
         "-monitor", f"unix:{monitor},server=on,wait=off", "-serial", f"tcp:127.0.0.1:{serial},server=on,wait=off"]
    )  # fmt: skip
    script = folder / "switch.py"
    script.write_text(
        "import socket, sys, time\n"
        f"line = socket.socket(socket.AF_UNIX); line.settimeout(10); line.connect({json.dumps(str(monitor))})\n"
        "for word in sys.argv[1:]:\n"
        "    line.sendall(word.encode() + b'\\n'); time.sleep(0.2); line.recv(4096)\n"
    )
    try:
        _until(monitor.is_socket)
        command = [sys.executable, str(script)]
        yield str(serial), [*command, "system_reset", "cont"], [*command, "stop"]
    finally:
        process.stop()


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def _until(true: object) -> None:
    assert callable(true)
    deadline = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
