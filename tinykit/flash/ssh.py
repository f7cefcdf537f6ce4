"""Copies a firmware to a Linux board over ssh, and only if another one is there."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import PurePosixPath

from tinykit.board import Board
from tinykit.emulate.ssh_port import SSH_SCHEME, SshPort, SshTarget, remote_program
from tinykit.errors import DeviceError, InputError
from tinykit.firmware import Image
from tinykit.link import Client, DeviceInfo


def flash_ssh(board: Board, image: Image, port: str | None) -> DeviceInfo:
    """Copy, verify by sha256, start, and wait until this build answers.

    The file gets its name only when it is whole: a line that breaks midway leaves what was there before.

    Raises:
        InputError: ``port`` is not an ssh address.
        ToolMissing, DeviceMissing: no ssh, or no way to the board.
        DeviceError: the copy is not what was sent, or something else answers.
    """
    if port is None or not port.startswith(SSH_SCHEME):
        raise InputError(f"{board.name} is flashed over ssh", hint="say where it is with --port ssh://user@host")
    target = SshTarget.parse(port)
    content = image.elf.read_bytes()
    wanted = hashlib.sha256(content).hexdigest()
    program = remote_program(board)
    if _digest(target, program) != wanted:
        _copy(target, content, program, wanted)
    with SshPort(board, port) as stream:
        return Client(stream, expected_build=image.build_id).connect()


def _digest(target: SshTarget, path: str) -> str:
    """The sha256 of a file on the board; empty when it is not there."""
    run = target.run(f"sha256sum {shlex.quote(path)} 2>/dev/null")
    return run.stdout.decode(errors="replace").split(" ")[0].strip()


def _copy(target: SshTarget, content: bytes, program: str, wanted: str) -> None:
    temporary = f"{program}.new"
    folder = PurePosixPath(program).parent
    run = target.run(
        f"mkdir -p {shlex.quote(str(folder))} && cat > {shlex.quote(temporary)} && chmod 755 {shlex.quote(temporary)}",
        stdin=content,
    )
    if run.returncode == 0 and _digest(target, temporary) == wanted:
        run = target.run(f"mv {shlex.quote(temporary)} {shlex.quote(program)}")
        if run.returncode == 0:
            return
    said = run.stderr.decode(errors="replace").strip()
    target.run(f"rm -f {shlex.quote(temporary)}")
    raise DeviceError(
        "the firmware was not stored on the board",
        where=f"{target.host}:{program}",
        why=said or "what arrived is not what was sent",
        hint="check the free space there (`df -h`)",
    )
