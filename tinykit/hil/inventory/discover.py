"""What is connected, as a proposal for a bench.toml."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.board import Board, boards_on_usb
from tinykit.link.ports import SerialPortInfo


@dataclass(frozen=True)
class Proposal:
    """A place as it may be.

    Attributes:
        key, value: how it is found: "serial_number", "location" or "port"; None for an emulator.
        boards: what it may be; only a single one goes without saying.
        about: what the system says of it.
    """

    name: str
    key: str | None
    value: str | None
    boards: tuple[str, ...]
    about: str


def propose(ports: Sequence[SerialPortInfo]) -> list[Proposal]:
    """A place for each port. By serial number where that is the only one such, else by location, else by name."""
    serials = [port.serial_number for port in ports]
    names: dict[str, int] = {}
    found = []
    for port in ports:
        boards = tuple(boards_on_usb(port.usb)) if port.usb else ()
        stem = boards[0] if len(boards) == 1 and not port.bridge else "board"
        names[stem] = names.get(stem, 0) + 1
        if port.serial_number and serials.count(port.serial_number) == 1:
            key, value = "serial_number", port.serial_number
        elif port.location:
            key, value = "location", port.location
        else:
            key, value = "port", port.device
        about = ", ".join(filter(None, (port.device, port.bridge or port.description, port.usb, port.location)))
        found.append(Proposal(f"{stem}-{names[stem]}", key, value, () if port.bridge else boards, about))
    return found


def propose_emulators(boards: Sequence[Board]) -> list[Proposal]:
    """A place for each board that is an emulator."""
    return [Proposal(b.name, None, None, (b.name,), b.title) for b in boards if b.emulator is not None]


def inventory_text(proposals: Sequence[Proposal]) -> str:
    """The bench.toml. Where the board is not certain its line is a comment: the file is refused until it is decided."""
    return "\n".join(_place(proposal) for proposal in proposals)


def _place(proposal: Proposal) -> str:
    lines = [f"# {_quoted(proposal.about)[1:-1]}", "[[place]]", f"name = {_quoted(proposal.name)}"]
    if len(proposal.boards) == 1:
        lines.append(f"board = {_quoted(proposal.boards[0])}")
    elif proposal.boards:
        lines.append(f"# board = {' or '.join(map(_quoted, proposal.boards))}")
    else:
        lines.append('# board = "..."  (its USB chip does not tell: `tinykit boards` lists them)')
    if proposal.key is not None:
        lines.append(f"{proposal.key} = {_quoted(proposal.value or '')}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, but for U+007F and half surrogate pairs."""
    plain = text.encode("utf-8", "replace").decode().replace("\x7f", "?")
    return json.dumps(plain, ensure_ascii=False)
