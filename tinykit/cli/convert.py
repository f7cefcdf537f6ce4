"""Command that converts and quantizes: convert."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinykit.cli.output import check_writable, console, print_json, progress_bar

if TYPE_CHECKING:
    from tinykit.convert.options import ConvertOptions


class Quantize(str, Enum):
    int8 = "int8"
    int16x8 = "int16x8"
    int8_float_io = "int8-float-io"
    int4_weights = "int4-weights"
    float16 = "float16"
    dynamic = "dynamic"
    none = "none"


class Target(str, Enum):
    mcu = "mcu"
    edgetpu = "edgetpu"
    linux = "linux"


def convert(
    source: Annotated[str, typer.Argument(help="A model file, a SavedModel folder, or module:callable.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .tflite to write.")],
    quantize: Annotated[Quantize, typer.Option("--quantize", "-q", help="Types of the result.")] = Quantize.int8,
    target: Annotated[Target, typer.Option("--target", "-t", help="What has to run it.")] = Target.mcu,
    calibration: Annotated[
        str | None, typer.Option("--calibration", "-c", help=".npz, .npy, a folder, or module:callable.")
    ] = None,
    preprocess: Annotated[
        str | None, typer.Option(help="How files of a folder become numbers: range=0:1,mean=...,std=...,rate=...")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", "-d", help=".npz file: x (samples), y (labels).")] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", help="Use the first N samples of the data.")] = None,
    input_shape: Annotated[
        list[str] | None,
        typer.Option("--input-shape", help="1,96,96,3: for an input whose shape is open (repeatable)."),
    ] = None,
    auto: Annotated[bool, typer.Option("--auto", help="Look for the smallest that keeps the accuracy.")] = False,
    max_accuracy_drop: Annotated[
        str | None, typer.Option(help="Points of percent that may be lost (0.5% with --auto).")
    ] = None,
    trust: Annotated[bool, typer.Option("--trust", help="Run code in the source: pickles, Lambda layers.")] = False,
    no_identity: Annotated[
        bool, typer.Option("--no-identity", help="Do not compare LiteRT, TFLite-Micro and the compiled model.")
    ] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Also write the report as an HTML page.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Convert a trained model to .tflite, quantize it, and say what that cost."""
    from tinykit.convert import ConvertOptions
    from tinykit.convert import convert as convert_model
    from tinykit.convert.auto import DEFAULT_DROP
    from tinykit.convert.html import write_html
    from tinykit.convert.report import to_json
    from tinykit.convert.samples import parse_preprocessing
    from tinykit.convert.terminal import render_terminal
    from tinykit.hil.baseline import parse_percent

    floor = None if max_accuracy_drop is None else parse_percent(max_accuracy_drop, "--max-accuracy-drop")
    options: ConvertOptions = ConvertOptions(
        quantize=quantize.value,
        target=target.value,
        calibration=calibration,
        preprocessing=None if preprocess is None else parse_preprocessing(preprocess),
        data=data,
        input_shapes=tuple(_shape(text) for text in input_shape or ()),
        auto=auto,
        max_accuracy_drop=DEFAULT_DROP if auto and floor is None else floor,
        trust=trust,
        limit=limit,
        identity=not no_identity,
    )
    if html is not None:
        check_writable(str(html))
    with progress_bar() as progress:
        result = convert_model(source, out, options, progress)
    if html is not None:
        write_html(result, html)
    if json:
        print_json(to_json(result, str(out)))
        return
    print_console = console()
    print_console.print(render_terminal(result))
    print_console.print(f"wrote {out}", soft_wrap=True)


def _shape(text: str) -> tuple[int, ...]:
    from tinykit.errors import InputError

    try:
        shape = tuple(int(part) for part in text.replace("x", ",").split(","))
        if not shape or any(not 1 <= d < 1 << 20 for d in shape):
            raise ValueError
    except ValueError:
        raise InputError(
            f"--input-shape {text!r} is no shape", hint="write it as --input-shape 1,96,96,3, the batch first"
        ) from None
    return shape
