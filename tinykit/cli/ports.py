"""The command that lists serial ports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from tinykit.cli.output import console, print_json


def ports(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List serial ports, the boards that may be behind them, and what keeps you from using them."""
    from rich.markup import escape

    from tinykit.board import boards_on_usb
    from tinykit.link.ports import list_ports

    found = list_ports()
    guesses = {port.device: boards_on_usb(port.usb) for port in found}
    if json:
        print_json([{**asdict(port), "boards": guesses[port.device]} for port in found])
        return
    out = console()
    if not found:
        out.print("no serial ports: connect a board with a cable that carries data, not only power", soft_wrap=True)
        return
    for port in found:
        serial = f", serial number {port.serial_number}" if port.serial_number else ""
        out.print(f"[bold]{escape(port.device)}[/]  {escape((port.usb or 'not on USB') + serial)}", soft_wrap=True)
        if port.description:
            out.print(f"  {escape(port.description)}", soft_wrap=True)
        boards = guesses[port.device]
        if port.bridge:
            such = f", as on {', '.join(boards)} and many others" if boards else ""
            out.print(f"  {port.bridge}, a USB-to-serial chip{such}", soft_wrap=True)
        elif boards:
            out.print(f"  may be {' or '.join(boards)}", soft_wrap=True)
        if port.problem:
            out.print(f"  [yellow]cannot be opened[/]: {escape(port.problem)}", soft_wrap=True)
