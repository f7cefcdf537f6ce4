"""The command that shows what compiled models hold: edgetpu inspect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.output import console, print_json


def inspect(
    model: Annotated[list[Path], typer.Argument(help="Files that edgetpu_compiler made.")],
    runtime: Annotated[
        str | None, typer.Option(help="Version of the runtime to hold them against, instead of this computer's.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what models compiled for the Edge TPU hold and need."""
    from tinykit.edgetpu.package.inspect import inspect_files
    from tinykit.edgetpu.package.runtime import installed_runtime, parse_runtime
    from tinykit.edgetpu.package.terminal import render_inspection
    from tinykit.edgetpu.package.to_json import inspection_json

    given = parse_runtime(runtime) if runtime is not None else installed_runtime()
    found = inspect_files(model, given)
    if json:
        print_json(inspection_json(found))
    else:
        console().print(render_inspection(found))
