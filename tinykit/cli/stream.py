"""Command that makes a model one that is fed a stream: stream."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.output import check_writable, console, print_json


def stream(
    model: Annotated[Path, typer.Argument(help="A .tflite with one int8 input.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .tflite to write.")],
    features: Annotated[
        Path | None, typer.Option("--features", "-f", help="A .tflite that makes a row of features of each frame.")
    ] = None,
    every: Annotated[int, typer.Option("--every", help="Frames from one decision to the next.")] = 1,
    row: Annotated[int | None, typer.Option("--row", help="Numbers in a frame, where there are no features.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put features, a buffer of the last ones, and a model together: frames in, decisions out."""
    from tinykit.convert.stream import make_stream
    from tinykit.errors import InputError
    from tinykit.files import write_file
    from tinykit.graph.reader import read_bytes

    for source in (model, features):
        if source is not None and out.exists() and source.exists() and out.samefile(source):
            raise InputError(f"{out} would replace what the stream is made of", hint="give --out another name")
    check_writable(str(out))
    made = make_stream(
        read_bytes(model),
        None if features is None else read_bytes(features),
        every=every,
        row=row,
        where=(str(model), str(features)),
    )
    write_file(out, made.tflite)
    if json:
        print_json(
            {
                "out": str(out),
                "bytes": len(made.tflite),
                "frame": list(made.frame),
                "row": made.row,
                "rows": made.rows,
                "every": made.every,
            }
        )
        return
    shape = "x".join(map(str, made.frame))
    out_console = console()
    out_console.print(f"wrote {out}: {len(made.tflite):,} bytes", soft_wrap=True)
    out_console.print(
        f"a frame is {shape}; the model sees the last {made.rows} rows of {made.row}, once in {made.every} frames",
        soft_wrap=True,
    )
