"""Commands that talk to a device without testing it: flash, monitor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.output import console, print_json, progress_bar

Port = Annotated[str | None, typer.Option("--port", "-p", help="Serial port, instead of the board's emulator.")]


def flash(
    project: Annotated[Path, typer.Argument(help="A folder that `tinykit build` made.")],
    board: Annotated[
        str | None, typer.Option("--board", "-b", help="Refuse the project unless it is for this board.")
    ] = None,
    port: Port = None,
    flasher: Annotated[str | None, typer.Option(help="gdb, pyocd, openocd, dfu: instead of the board's own.")] = None,
    probe: Annotated[
        str | None, typer.Option(help="Which debug probe: its serial number; for gdb, its server's address.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put a firmware onto its board and wait until it answers."""
    from tinykit.errors import InputError
    from tinykit.firmware import load_image
    from tinykit.flash import flash as flash_image

    image = load_image(project)
    if board is not None and board != image.board.name:
        raise InputError(
            f"the project is for {image.board.name}, not for {board}",
            where=str(project),
            hint=f"build it for {board} with `tinykit build`",
        )
    with progress_bar() as progress:
        info = flash_image(image.board, image, port, progress, flasher=flasher, probe=probe)
    if json:
        print_json(None if info is None else asdict(info))
        return
    out = console()
    if info is None:
        out.print(f"{image.board.name}: written (build {image.build_id[:12]}); --port would hear it answer")
        return
    out.print(f"{info.board} runs {info.model_name} (engine {info.engine}, build {info.build_id[:12]})")


def monitor(
    project: Annotated[Path | None, typer.Argument(help="Start the firmware of this project first.")] = None,
    port: Port = None,
    baud: Annotated[int, typer.Option(min=1, help="Bits per second of the serial port.")] = 115200,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after this time; else Ctrl-C.")] = None,
) -> None:
    """Show what a device sends: frames decoded, the rest as text."""
    from tinykit.errors import InputError
    from tinykit.link.watch import watch

    if port is None and project is None:
        raise InputError("nothing to listen to", hint="give a project folder, or --port")
    out = console()

    def show(line: str) -> None:
        out.print(line, markup=False, soft_wrap=True)

    if port is not None:
        from tinykit.link import SerialStream

        stream = SerialStream(port, baud)
        try:
            watch(stream, show, seconds)
        finally:
            stream.close()
        return
    from tinykit.emulate import open_board
    from tinykit.firmware import load_image

    assert project is not None
    image = load_image(project)
    with open_board(image.board, image) as stream_of_board:
        watch(stream_of_board, show, seconds)
