"""The command group edgetpu."""

from __future__ import annotations

import typer

from tinykit.cli.edgetpu_check import check
from tinykit.cli.edgetpu_compile import compile_models
from tinykit.cli.edgetpu_inspect import inspect

app = typer.Typer(help="The Edge TPU: what of a model runs on it.", no_args_is_help=True, rich_markup_mode=None)

app.command()(check)
app.command("compile")(compile_models)
app.command()(inspect)
