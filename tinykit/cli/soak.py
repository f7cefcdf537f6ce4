"""The command that runs a model for hours: hil soak."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinykit.cli.options import Optimize, Optimized
from tinykit.cli.output import check_writable, console, progress_bar, write_text
from tinykit.cli.trial import Data, Limit, NoReference, Port, Timeout

if TYPE_CHECKING:
    from tinykit.hil.soak import Soak


def soak(
    source: Annotated[Path, typer.Argument(help="A .tflite file, or a folder that `tinykit build` made.")],
    hours: Annotated[float, typer.Option(help="How long; 0.1 is six minutes.")],
    board: Annotated[str | None, typer.Option("--board", "-b", help="The board, for a .tflite file.")] = None,
    data: Data = None,
    limit: Limit = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for firmware, results and picture.")] = None,
    json: Annotated[str | None, typer.Option("--json", help="Also write the result here (- is stdout).")] = None,
    max_drift: Annotated[str, typer.Option(help="By how much the latency may drift in all.")] = "5%",
    port: Port = None,
    timeout: Timeout = 120.0,
    no_reference: NoReference = False,
    optimize: Optimized = Optimize.balanced,
) -> None:
    """Run inferences for hours: compare every output, watch latency, memory and restarts."""
    from tinykit.errors import CheckFailed, DeviceDied, InputError
    from tinykit.hil.baseline import parse_percent
    from tinykit.hil.run import RunOptions
    from tinykit.hil.soak import SoakOptions, soak_model, soak_project

    run = RunOptions(
        data=data, limit=limit, port=port, timeout=timeout, reference=not no_reference, optimize=optimize.value
    )
    options = SoakOptions(hours, parse_percent(max_drift, "--max-drift") / 100, run)
    if json is not None:
        check_writable(json)
    if source.is_dir() != (board is None):
        raise InputError(
            "which board?" if board is None else "a project has its board already",
            where=str(source),
            hint="give --board with a .tflite file, and not with a project",
        )
    shown: list[Soak] = []
    try:
        with progress_bar() as progress:
            if board is None:
                found = soak_project(source, options, out_dir=out, progress=progress, begun=shown.append)
            else:
                found = soak_model(source, board, options, out_dir=out, progress=progress, begun=shown.append)
    finally:
        for begun in shown:  # after Ctrl-C as well
            _report(begun, out, json)
    if found.error is not None:
        raise DeviceDied("the device did not come back", where=found.board, why=found.error)
    if found.failures():
        raise CheckFailed("the soak test failed", why="\n       ".join(found.failures()))


def _report(soak: Soak, out: Path | None, json: str | None) -> None:
    from tinykit.hil.soak.terminal import soak_lines
    from tinykit.hil.soak.write import soak_text

    if json is not None:
        write_text(json, soak_text(soak))
    target = console(stderr=json == "-")
    for line in soak_lines(soak):
        target.print(line, markup=False, soft_wrap=True)
    if out is not None and (out / "soak.json").is_file():  # a full disk has none
        target.print(f"results: {out / 'soak.json'}, picture: {out / 'soak.svg'}", markup=False, soft_wrap=True)
