"""Commands that talk to a device without testing it: flash, monitor."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinykit.cli.options import number
from tinykit.cli.output import console, print_json, progress_bar

if TYPE_CHECKING:
    from tinykit.firmware import Image
    from tinykit.link import DeviceInfo

Port = Annotated[str | None, typer.Option("--port", "-p", help="Serial port: /dev/ttyUSB0, usb:SERIAL, a URL.")]


def flash(
    context: typer.Context,
    source: Annotated[
        Path, typer.Argument(help="A folder that `tinykit build` made, or a .tflite file to build first.")
    ] = Path(),
    board: Annotated[
        str | None, typer.Option("--board", "-b", help="The board: what to build for, or what a project must be for.")
    ] = None,
    port: Port = None,
    drive: Annotated[
        Path | None,
        typer.Option(help="The boot loader's USB drive, where it is not found.", envvar="TINYKIT_DRIVE"),
    ] = None,
    flasher: Annotated[
        str | None,
        typer.Option(
            help="emulator, ssh, uf2, esptool, gdb, pyocd, openocd, dfu, stm32cube, platformio, coralmicro, none."
        ),
    ] = None,
    probe: Annotated[
        str | None, typer.Option(help="Which debug probe: its serial number; for gdb, its server's address.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put a firmware onto its board and wait until it answers."""
    from tinykit.flash import flash as flash_image

    with _image(source, board) as image, progress_bar() as progress:
        if (flasher or image.board.flasher.kind) != "uf2" and _is_from_environment(context, "drive"):
            drive = None  # said once for all boards, of which this one has no drive
        info = flash_image(image.board, image, port, drive=drive, flasher=flasher, probe=probe, progress=progress)
    if json:
        print_json(None if info is None else _info_json(info))
        return
    out = console()
    if info is None:
        out.print(f"wrote {image.elf} to {image.board.name}; give --port to see that it runs", soft_wrap=True)
        return
    out.print(f"{info.board} runs {info.model_name} (engine {info.engine}, build {info.build_id[:12]})")


def _is_from_environment(context: typer.Context, option: str) -> bool:
    source = context.get_parameter_source(option)
    return source is not None and source.name == "ENVIRONMENT"


@contextlib.contextmanager
def _image(source: Path, board: str | None) -> Iterator[Image]:
    """The firmware of a project, or of a model that is built in a folder which does not outlive the command."""
    from tinykit.board import load_board
    from tinykit.errors import InputError
    from tinykit.firmware import load_image
    from tinykit.firmware.from_model import build_model

    if source.is_file():
        if board is None:
            raise InputError("which board is this for?", where=str(source), hint="name it with --board")
        with tempfile.TemporaryDirectory(prefix="tinykit-flash-") as folder:
            with progress_bar() as progress:
                progress(f"building for {board}", 0, 1)
                image = build_model(source, load_board(board), Path(folder))
            yield image
        return
    image = load_image(source)
    if board is not None and board != image.board.name:
        raise InputError(
            f"the project is for {image.board.name}, not for {board}",
            where=str(source),
            hint=f"build it for {board} with `tinykit build`",
        )
    yield image


def _info_json(info: DeviceInfo) -> dict[str, Any]:
    from tinykit.graph.types import DType

    value = asdict(info)
    labels = {dtype.value: dtype.label for dtype in DType}
    for tensor in (*value["inputs"], *value["outputs"]):
        tensor["dtype"] = labels.get(tensor["dtype"], f"type {tensor['dtype']}")
    return value


def monitor(
    project: Annotated[Path | None, typer.Argument(help="Start the firmware of this project first.")] = None,
    port: Port = None,
    baud: Annotated[int, typer.Option(min=1, help="Bits per second of the serial port.")] = 115200,
    seconds: Annotated[
        float | None,
        typer.Option(help="Stop after this time; else Ctrl-C.", metavar="NUMBER", parser=number(0)),
    ] = None,
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
