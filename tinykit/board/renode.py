"""A board as Renode sees it: a platform description (.repl), a script (.resc), and the suite that tests both.

Sources: Renode's documentation, https://renode.readthedocs.io: "Describing platforms", "Monitor syntax",
"Testing with Renode".
"""

from __future__ import annotations

from tinykit.board.emulators import RenodeEmulator
from tinykit.board.model import Board

OLDEST = (1, 15, 2)
"""The first version whose time has a resolution of a nanosecond (its changelog); before, a microsecond was the least,
which is a hundred instructions at the usual 100 MIPS."""

_WRITTEN_BY = "Written by tinykit from"


def renode_of(board: Board) -> RenodeEmulator:
    """The board's [emulator] table.

    The caller knows that its kind is "renode".
    """
    assert isinstance(board.emulator, RenodeEmulator)
    return board.emulator


def platform_text(board: Board) -> str:
    """The platform description, to be saved as ``<board>.repl``."""
    settings = renode_of(board)
    lines = [f"// {_WRITTEN_BY} {board.name}.toml: {board.title}."]
    if settings.platform is not None:
        lines += ["", f'using "{settings.platform}"']
    if settings.description.strip():
        lines += ["", settings.description.strip("\n")]
    return "\n".join(lines) + "\n"


def script_text(board: Board, firmware: str) -> str:
    """The script that loads board and firmware but does not start them, to be saved beside the platform.

    Args:
        firmware: the ELF file as seen from the script's folder, in characters that a script takes as they are:
            letters, digits, ".", "_", "-", "/". Other folders are $ORIGIN's affair, which Renode sets itself.
    """
    settings = renode_of(board)
    reset = ["sysbus LoadELF $bin"]
    if board.core.startswith("cortex-m"):
        # Where the vectors are, said and not guessed: after a reset Renode would look at address 0.
        vectors = next((m.origin for m in board.memory if m.name == "vectors"), None)
        origin = vectors if vectors is not None else next(m.origin for m in board.memory if m.name == "flash")
        reset.append(f"{settings.cpu} VectorTableOffset 0x{origin:08x}")
    lines = [
        f":name: {board.name}",
        f":description: {_WRITTEN_BY} {board.name}.toml. `start` starts the firmware.",
        "",
        f"$bin?=$ORIGIN/{firmware}",
        "",
        "using sysbus",
        f'mach create "{board.name}"',
        f"machine LoadPlatformDescription $ORIGIN/{board.name}.repl",
        f"{settings.cpu} PerformanceInMips {settings.mips}",
        *settings.commands,
        "",
        "# Renode runs this again whenever the firmware resets the chip.",
        "macro reset",
        '"""',
        *(f"    {line}" for line in reset),
        '"""',
        "runMacro $reset",
    ]
    return "\n".join(lines) + "\n"


def line_text(board: Board, link: str) -> str:
    """What a script has to say besides so that the serial port is a pseudo-terminal.

    Not one of Renode's sockets: those are open to the whole network, and drop what is sent before somebody connects.

    Args:
        link: path of the symbolic link that Renode makes to the terminal, without quotes and backslashes.
    """
    settings = renode_of(board)
    return "\n".join(
        [
            f'emulation CreateUartPtyTerminal "line" "{link}"',
            f"connector Connect sysbus.{settings.uart} line",
            "",
        ]
    )


def banner_bytes(build_id: str) -> bytes:
    """The longest part of a build's id that its boot banner contains as it is.

    The frame is COBS-encoded (docs/protocol.md), which changes zeros and nothing else in a frame this short.

    Args:
        build_id: 32 hexadecimal digits.
    """
    return max(bytes.fromhex(build_id).split(b"\0"), key=len)
