"""Commands for the benchmark MLPerf Tiny."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.options import Optimize, Optimized, number
from tinykit.cli.output import console, print_json, progress_bar
from tinykit.cli.produce import Builder

app = typer.Typer(help="Run models by the rules of the benchmark MLPerf Tiny.", no_args_is_help=True)


class Mode(str, Enum):
    performance = "performance"
    accuracy = "accuracy"
    both = "both"


@app.callback()
def _group() -> None:
    pass


@app.command()
def run(
    source: Annotated[Path, typer.Argument(help="A .tflite file, or a folder that `tinykit build --mlperf` made.")],
    board: Annotated[
        str | None, typer.Option("--board", "-b", help="What to build for, or what a project must be for.")
    ] = None,
    mode: Annotated[Mode, typer.Option(help="What to measure.")] = Mode.performance,
    data: Annotated[Path | None, typer.Option("--data", "-d", help=".npz file: x (samples), y (labels).")] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", help="Use the first N samples only.")] = None,
    model_id: Annotated[str, typer.Option("--id", help="Which model it is: auto, ad01, ic01, kws01, ...")] = "auto",
    port: Annotated[
        str | None, typer.Option("--port", "-p", help="Serial port, instead of the board's emulator.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for log, results and firmware.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    timeout: Annotated[
        float,
        typer.Option(help="Seconds one inference may take on the device.", metavar="NUMBER", parser=number(0.1)),
    ] = 120.0,
    optimize: Optimized = Optimize.balanced,
    builder: Builder = None,
) -> None:
    """Measure a model in performance or accuracy mode, by the benchmark's rules."""
    from tinykit.errors import CheckFailed
    from tinykit.firmware.from_model import BuildOptions
    from tinykit.mlperf import MlperfOptions, run_mlperf
    from tinykit.mlperf.report import render_text

    options = MlperfOptions(
        mode=mode.value,
        board=board,
        port=port,
        data=data,
        limit=limit,
        timeout=timeout,
        build=BuildOptions(optimize=optimize.value, builder=builder, mlperf=model_id),
    )
    with progress_bar() as progress:
        result = run_mlperf(source, options, out_dir=out, progress=progress)
    if json:
        print_json(result.to_json())
    else:
        console().print(render_text(result), soft_wrap=True, markup=False)
        if out is not None:
            console().print(f"results: {out / 'results.txt'}", soft_wrap=True, markup=False)
    if result.failures:
        raise CheckFailed("the rules are not met", why="\n       ".join(result.failures))
