"""Boards one can talk to: emulated, native, or on a serial port. All give the same thing, a ByteStream."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.emulate.base import Loadable, OpenBoard
from tinykit.emulate.ssh_port import SSH_SCHEME, SshTarget
from tinykit.errors import BoardError, InputError

__all__ = ["Loadable", "OpenBoard", "check_port", "open_board"]


def check_port(port: str) -> None:
    """See that a port, as ``open_board`` takes it, can be opened; of ``ssh://`` only that it is an address.

    Raises:
        InputError: it is no ssh address.
        DeviceMissing: the port is not there, or cannot be opened.
    """
    if port.startswith(SSH_SCHEME):
        SshTarget.parse(port)
        return
    from tinykit.link.stream import open_serial

    open_serial(port).close()


def open_board(board: Board, image: Loadable | None, port: str | None = None) -> OpenBoard:
    """The board, ready to be entered with ``with``; inside, its serial stream.

        with open_board(board, image) as stream:
            Client(stream).connect()

    Args:
        image: the firmware to start; not needed where it was flashed before (``port``).
        port: a serial port, a URL that pyserial knows, "usb:" and what ``resolve_port`` looks up, or
            ``ssh://[user@]host[:port]``. Takes precedence over the board's emulator. Without it a board that has none
            is looked for by its USB ids. Over ssh, a firmware is started, and a runner's port is tunnelled.

    Raises:
        BoardError: the board has no emulator, and no port is given.
        InputError: an emulated board without an image.
        DeviceMissing: the board's port is not found.
        ToolMissing, DeviceMissing: on entry, when emulator or port are not there.
    """
    served_at = None if image is None else image.served_at
    if port is None and served_at is None and board.emulator is None and board.usb:
        from tinykit.link.ports import find_port

        port = find_port(board.usb, board.name)
    if port is None and served_at is not None:
        raise InputError(
            f"a runner on {board.name} is not started from here",
            hint="say where it is with --port: ssh://user@host, or socket://host:port",
        )
    if port is not None and port.startswith(SSH_SCHEME):
        from tinykit.emulate.ssh_port import RunnerPort, SshPort

        return SshPort(board, port) if served_at is None else RunnerPort(board, port, *served_at)
    if port is not None:
        from tinykit.emulate.serial_port import SerialPort

        return SerialPort(board, port)
    if board.emulator is None:
        raise BoardError(
            f"{board.name} has no emulator", hint="say where it is with --port: a serial port, or ssh://user@host"
        )
    if image is None:
        raise InputError(f"{board.name} needs a firmware to start", hint="build one with `tinykit build`")
    # Imported where used: a machine without pseudo-terminals can still run QEMU.
    if board.emulator.kind == "native":
        from tinykit.emulate.native import Native

        return Native(board, image.elf)
    if board.emulator.kind == "qemu-user":
        from tinykit.emulate.native import Native

        return Native(board, image.elf, board.emulator.command)
    if board.emulator.kind == "rp2040js":
        from tinykit.emulate.rp2040js import Rp2040js

        return Rp2040js(board, image.elf)
    if board.emulator.kind == "renode":
        from tinykit.emulate.renode import Renode

        return Renode(board, image.elf)
    if board.emulator.kind == "qemu-esp":
        from tinykit.emulate.qemu_esp import QemuEsp

        return QemuEsp(board, image.elf)
    from tinykit.emulate.qemu import Qemu

    return Qemu(board, image.elf)
