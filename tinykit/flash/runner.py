"""A release for a Linux board: deployed over ssh; reached otherwise, it has to be there already."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.deploy import deploy
from tinykit.emulate import open_board
from tinykit.emulate.ssh_port import SSH_SCHEME
from tinykit.errors import InputError
from tinykit.firmware import Image
from tinykit.link import Client, DeviceInfo


def flash_runner(board: Board, image: Image, port: str | None) -> DeviceInfo:
    """Put the release into service, and see that it is this build that answers.

    Raises:
        InputError: no port is given.
        WrongFirmware: over a socket or a serial port, and another release answers.
        TinykitError: as ``deploy`` and connecting raise them.
    """
    if port is None:
        raise InputError(f"{board.name} is deployed to over ssh", hint="say where it is with --port ssh://user@host")
    if port.startswith(SSH_SCHEME):
        deploy(image, port)
    with open_board(board, image, port) as stream:
        return Client(stream, expected_build=image.build_id).connect()
