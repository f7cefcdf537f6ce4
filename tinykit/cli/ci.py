"""Commands that set up continuous integration: ci init."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.output import console

app = typer.Typer(help="Continuous integration.", no_args_is_help=True, rich_markup_mode=None)


class Service(str, Enum):
    github = "github"
    gitlab = "gitlab"


@app.callback()
def _ci() -> None:
    """Continuous integration for your own repository."""


@app.command()
def init(
    model: Annotated[Path, typer.Argument(help="A .tflite file in your repository.")],
    board: Annotated[list[str], typer.Option("--board", "-b", help="An emulated board (repeatable).")],
    data: Annotated[Path | None, typer.Option("--data", "-d", help=".npz file: x (samples), y (labels).")] = None,
    service: Annotated[Service, typer.Option(help="Whose workflow to write.")] = Service.github,
    max_regress: Annotated[str, typer.Option(help="By how much figures may be worse than the baseline.")] = "5%",
    install: Annotated[str | None, typer.Option(help="Command that installs tinykit in the job.")] = None,
    show: Annotated[bool, typer.Option("--print", help="Print the workflow instead of writing it.")] = False,
) -> None:
    """Write a workflow that builds, emulates and gates on a baseline."""
    from tinykit.board import load_board
    from tinykit.ci import Gate, baseline_commands, write_workflow
    from tinykit.ci.install import install_command
    from tinykit.ci.workflow import workflow_text
    from tinykit.graph.reader import read_model
    from tinykit.hil.baseline import parse_percent

    read_model(model)  # a workflow for a file that is no model would only fail later
    parse_percent(max_regress)
    boards = tuple(load_board(name) for name in board)
    gate = Gate(model, data, boards, max_regress, install or install_command())
    root = Path.cwd()
    if show:
        print(workflow_text(gate, service.value, root), end="")
        return
    path = write_workflow(gate, service.value, root)
    out = console()
    out.print(
        f"wrote {path.relative_to(root)}. Record the baselines it compares with, and commit them:", soft_wrap=True
    )
    for command in baseline_commands(gate, root):
        out.print(f"  {command}", markup=False, soft_wrap=True)
