"""The command that makes a line to a device worse: hil proxy."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinykit.cli.options import number
from tinykit.cli.output import print_json

if TYPE_CHECKING:
    from tinykit.link import ByteStream


def proxy(
    project: Annotated[Path | None, typer.Argument(help="Start the firmware of this project as the device.")] = None,
    port: Annotated[
        str | None, typer.Option("--port", "-p", help="Serial port of the device: /dev/ttyUSB0, usb:SERIAL, a URL.")
    ] = None,
    baud: Annotated[int, typer.Option(min=1, help="Bits per second of the serial port.")] = 115200,
    listen: Annotated[
        str | None, typer.Option(help="Offer HOST:PORT (TCP; port 0: a free one), not a pseudo-terminal.")
    ] = None,
    drop: Annotated[str, typer.Option(help="Share of bytes that are lost: 1% or 0.01.")] = "0%",
    duplicate: Annotated[str, typer.Option(help="Share of bytes that come twice.")] = "0%",
    flip: Annotated[str, typer.Option(help="Share of bytes of which one bit is changed.")] = "0%",
    delay: Annotated[str, typer.Option(help="Share of bytes that, with all behind them, come later.")] = "0%",
    split: Annotated[str, typer.Option(help="Share of bytes before which a transfer is cut in two.")] = "0%",
    merge: Annotated[str, typer.Option(help="Share of bytes that wait for the next transfer.")] = "0%",
    cut: Annotated[str, typer.Option(help="Share of bytes before which the line is cut.")] = "0%",
    pause: Annotated[
        float,
        typer.Option(help="Seconds that delay and merge take at most.", metavar="NUMBER", parser=number(0)),
    ] = 0.02,
    seed: Annotated[int, typer.Option(help="The same seed makes the same faults.")] = 0,
    seconds: Annotated[
        float | None,
        typer.Option(help="Stop after this time; else Ctrl-C.", metavar="NUMBER", parser=number(0)),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was done to the bytes as JSON at the end.")] = False,
) -> None:
    """Stand between a device and a program, and drop, change or delay bytes."""
    from tinykit.errors import InputError
    from tinykit.link.faults.serve import Tally, serve_socket, serve_terminal
    from tinykit.link.faults.spec import Faults, parse_rate

    if (port is None) == (project is None):
        raise InputError("which device?", hint="give either a project folder or --port")
    rates = {
        "drop": drop, "duplicate": duplicate, "flip": flip, "delay": delay, "split": split, "merge": merge, "cut": cut,
    }  # fmt: skip
    faults = Faults(**{kind: parse_rate(rate) for kind, rate in rates.items()}, pause=pause, seed=seed)
    done = Tally()

    def ready(name: str) -> None:
        print(f"the device with faults ({faults}) is at {name}", file=sys.stderr, flush=True)

    try:
        with _device(project, port, baud) as device:
            if listen is None:
                serve_terminal(device, faults, ready, done, seconds)
            else:
                serve_socket(device, listen, faults, ready, done, seconds)
    finally:
        if json:
            print_json(done.to_json())
        else:
            print("\n".join(done.lines()))


@contextlib.contextmanager
def _device(project: Path | None, port: str | None, baud: int) -> Iterator[ByteStream]:
    if project is None:
        from tinykit.link import SerialStream

        assert port is not None
        with contextlib.closing(SerialStream(port, baud)) as stream:
            yield stream
        return
    from tinykit.emulate import open_board
    from tinykit.firmware import load_image

    image = load_image(project)
    with open_board(image.board, image) as stream_of_board:
        yield stream_of_board
