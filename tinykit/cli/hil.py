"""Commands of a bench: hil run, and what cli/history.py, cli/soak.py and cli/proxy.py have."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinykit.cli import history
from tinykit.cli.options import Optimize, Optimized, Patched
from tinykit.cli.output import check_writable, console, write_text
from tinykit.cli.produce import Builder, TflmPath
from tinykit.cli.proxy import proxy
from tinykit.cli.soak import soak
from tinykit.cli.summary import add_to_summary
from tinykit.cli.trial import Kept, Limit, MaxRegress, MinAccuracy, NoReference

if TYPE_CHECKING:
    from tinykit.hil.history.recorder import Recorder
    from tinykit.hil.matrix import Cell, Matrix

app = typer.Typer(help="Models on the boards of a bench.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _hil() -> None:
    """Models on the boards of a bench, real or emulated."""


@app.command()
def run(
    models: Annotated[list[Path], typer.Option("--models", "-m", help="A .tflite file; repeatable.")],
    bench: Annotated[Path | None, typer.Option(help="The inventory of the bench [default: bench.toml].")] = None,
    labgrid: Annotated[str | None, typer.Option(help="The places of this labgrid coordinator, HOST:PORT.")] = None,
    labgrid_env: Annotated[Path | None, typer.Option(help="labgrid's environment file: its targets only.")] = None,
    tags: Annotated[list[str] | None, typer.Option(help="Places with this tag only; repeatable: with all.")] = None,
    data: Annotated[list[Path] | None, typer.Option("--data", "-d", help=".npz file, or one for each model.")] = None,
    limit: Limit = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for logs, firmware and reports.")] = None,
    json: Annotated[str | None, typer.Option("--json", help="Also write the matrix here (- is stdout).")] = None,
    junit: Annotated[str | None, typer.Option(help="Also write JUnit XML here.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Fail when worse than the run in this folder.")] = None,
    max_regress: MaxRegress = "5%",
    min_accuracy: MinAccuracy = None,
    no_reference: NoReference = False,
    optimize: Optimized = Optimize.balanced,
    patches: Patched = "off",
    builder: Builder = None,
    engine: Annotated[str, typer.Option(help="What runs the model: aot (C made by tinykit) or tflm.")] = "aot",
    tflm_path: TflmPath = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Emulated boards at a time.")] = None,
    kept: Kept = None,
) -> None:
    """Test models on all boards of a bench at once."""
    from tinykit.cli.live import bench_view
    from tinykit.compiler.patches import parse_patches
    from tinykit.errors import CheckFailed, InputError
    from tinykit.firmware.builders import builder_of
    from tinykit.firmware.engine import parse_engines
    from tinykit.hil.baseline import parse_percent
    from tinykit.hil.history.recorder import recorder
    from tinykit.hil.inventory import load_inventory, select
    from tinykit.hil.labgrid import labgrid_places
    from tinykit.hil.matrix import BenchRun, MatrixOptions, make_plan
    from tinykit.hil.place import BenchPlace, Place, engine_at
    from tinykit.hil.run import RunOptions

    if labgrid is not None and bench is not None:
        raise InputError("--bench and --labgrid both say which boards there are", hint="keep one of them")
    if labgrid is None and labgrid_env is not None:
        raise InputError("--labgrid-env needs --labgrid HOST:PORT", hint="say where labgrid's coordinator is")
    engines = parse_engines(engine)
    if len(engines) > 1:
        raise InputError(
            "a run of a bench has one engine",
            why=f"--engine {engine} names several",
            hint="run the bench once for each",
        )
    if builder is not None:
        builder_of(builder)
    options = MatrixOptions(
        run=RunOptions(
            limit=limit,
            reference=not no_reference,
            max_regress=parse_percent(max_regress),
            min_accuracy=min_accuracy,
            optimize=optimize.value,
            patches=parse_patches(patches),
            builder=builder,
            engine=engines[0],
            tflm_path=tflm_path,
        ),
        data=tuple(data or ()),
        baseline=baseline,
        jobs=jobs,
        out_dir=out,
    )
    for target in (json, junit):
        if target is not None:
            check_writable(target)
    with contextlib.ExitStack() as used:
        places: Sequence[Place]
        if labgrid is not None:
            source = f"labgrid {labgrid}"
            places = used.enter_context(labgrid_places(labgrid, labgrid_env, tags or ()))
        else:
            inventory = bench or Path("bench.toml")
            source = str(inventory)
            places = [BenchPlace(slot, inventory) for slot in select(load_inventory(inventory), tags or ())]
        used_engines = {place.name: engine_at(place, engines[0]) for place in places}
        running = BenchRun(make_plan(source, tags or (), places, models, options))
        record = used.enter_context(recorder(kept, Path.cwd()))
        try:
            with bench_view(places) as listener:
                matrix = running.run(listener)
        except (KeyboardInterrupt, SystemExit):
            _report(running.matrix, used_engines, out, json, junit, record)  # what was finished is kept
            raise
        _report(matrix, used_engines, out, json, junit, record)
    if matrix.exit_code == CheckFailed.exit_code:
        raise CheckFailed(f"{matrix.count('fail')} of {len(matrix.cells)} tests failed")
    raise typer.Exit(matrix.exit_code)


def _report(
    matrix: Matrix, engines: Mapping[str, str], out: Path | None, json: str | None, junit: str | None, record: Recorder
) -> None:
    """The matrix in all forms that were asked for."""
    from tinykit.hil.matrix.junit import render_junit
    from tinykit.hil.matrix.markdown import render_markdown
    from tinykit.hil.matrix.terminal import render_matrix
    from tinykit.hil.matrix.write import matrix_text, write_matrix

    if out is not None:
        write_matrix(matrix, out)
    if json is not None:
        write_text(json, matrix_text(matrix))
    if junit is not None:
        write_text(junit, render_junit(matrix))
    for cell in matrix.cells:
        _keep(cell, engines[cell.place], record)
    add_to_summary(render_markdown(matrix))
    target = console(stderr=json == "-")
    target.print(render_matrix(matrix))
    if out is not None:
        target.print(f"report: {out / 'matrix.html'}, logs: {out}/PLACE.log", soft_wrap=True)


def _keep(cell: Cell, engine: str, record: Recorder) -> None:
    """In the history, if there is one; cells without a result are none."""
    from tinykit.hil.history.recorder import Subject

    if cell.report is not None:
        record.add(cell.report, place=cell.place)
    elif cell.error is not None:
        record.add_failure(cell.error, lambda: Subject(cell.model, cell.board, engine), place=cell.place)


app.command()(history.history)
app.command()(history.dashboard)
app.command()(soak)
app.command()(proxy)
