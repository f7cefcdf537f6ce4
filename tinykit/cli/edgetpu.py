"""Commands for the Edge TPU."""

from __future__ import annotations

import typer

from tinykit.cli import edgetpu_compile, edgetpu_inspect

app = typer.Typer(help="Models for the Edge TPU.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


app.command()(edgetpu_inspect.inspect)
app.command("compile")(edgetpu_compile.compile_models)
