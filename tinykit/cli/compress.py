"""Command that makes trained models smaller: compress."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.output import check_writable, console, print_json, progress_bar


def compress(
    recipe: Annotated[Path, typer.Argument(help="A recipe: a .toml file that lists the steps.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .tflite to write.")],
    board: Annotated[
        str | None, typer.Option("--board", "-b", help="Count instructions on this emulated board (or the recipe's).")
    ] = None,
    work: Annotated[
        Path | None, typer.Option("--work", help="Folder of the checkpoints (OUT's name with .steps).")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, whatever checkpoints there are.")] = False,
    trust: Annotated[bool, typer.Option("--trust", help="Run code in the source: Lambda layers.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Also write the report as an HTML page.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a trained model smaller: prune, distil, cluster, train for int8."""
    from tinykit.compress import compress as compress_model
    from tinykit.compress.html import write_html
    from tinykit.compress.report import to_json
    from tinykit.compress.run import CompressOptions
    from tinykit.compress.terminal import render_terminal

    # asked before minutes of training
    for path in filter(None, (out, html)):
        check_writable(str(path))
    folder = work or out.with_name(f"{out.stem}.steps")
    with progress_bar() as progress:
        result = compress_model(recipe, out, CompressOptions(folder, board, trust, fresh), progress)
    if html is not None:
        write_html(result, html)
    if json:
        print_json(to_json(result, str(out)))
        return
    print_console = console()
    print_console.print(render_terminal(result))
    if result.resumed:
        print_console.print(f"{result.resumed} finished steps were taken from {folder}", soft_wrap=True)
    print_console.print(f"wrote {out}", soft_wrap=True)
