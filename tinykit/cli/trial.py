"""Commands that test a model on a board: run, test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinykit.cli.options import Optimize, Optimized, Patched
from tinykit.cli.output import check_writable, console, progress_bar, write_text
from tinykit.cli.produce import Builder, Marker, Mlperf, TflmPath
from tinykit.cli.summary import add_to_summary

if TYPE_CHECKING:
    from tinykit.firmware.engine import Engine
    from tinykit.hil.history.recorder import Recorder, Subject
    from tinykit.hil.measure import Progress
    from tinykit.hil.report import Report
    from tinykit.hil.run import RunOptions

Data = Annotated[Path | None, typer.Option("--data", "-d", help=".npz file: x (samples), y (labels).")]
Limit = Annotated[int | None, typer.Option("--limit", "-n", help="Use the first N samples only.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for firmware and reports.")]
JsonFile = Annotated[str | None, typer.Option("--json", help="Also write the JSON report here (- is stdout).")]
Baseline = Annotated[Path | None, typer.Option(help="Fail when worse than this earlier report.json.")]
MaxRegress = Annotated[str, typer.Option(help="By how much figures may be worse than the baseline.")]
MinAccuracy = Annotated[float | None, typer.Option(min=0, max=1, help="Fail below this share of right answers.")]
Port = Annotated[str | None, typer.Option("--port", "-p", help="Serial port, instead of the board's emulator.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds one inference may take on the device.")]
NoReference = Annotated[bool, typer.Option("--no-reference", help="Do not compare with TFLite-Micro on the host.")]
Estimate = Annotated[str | None, typer.Option(help="Estimate cycles of this board from a trace of QEMU.")]
Meter = Annotated[str | None, typer.Option(help="Measure energy: ppk2,3.3  joulescope  ina:PORT  csv:FILE.")]
Battery = Annotated[str | None, typer.Option(help="How long it lasts: 220mAh@3V/10s, one inference each 10 s.")]
Engines = Annotated[str, typer.Option("--engine", help="aot, tflm, or both with a comma: compared side by side.")]
Kept = Annotated[
    str | None,
    typer.Option("--history", help="Keep the result here: SQLite file, or postgresql://user@host/database.",
                 envvar="TINYKIT_HISTORY"),
]  # fmt: skip


def run(
    model: Annotated[Path, typer.Argument(help="A .tflite file.")],
    board: Annotated[str, typer.Option("--board", "-b", help="A board's name, or its .toml file.")],
    data: Data = None,
    limit: Limit = None,
    out: Out = None,
    json: JsonFile = None,
    baseline: Baseline = None,
    max_regress: MaxRegress = "5%",
    min_accuracy: MinAccuracy = None,
    port: Port = None,
    timeout: Timeout = 120.0,
    no_reference: NoReference = False,
    estimate: Estimate = None,
    meter: Meter = None,
    battery: Battery = None,
    optimize: Optimized = Optimize.balanced,
    patches: Patched = "off",
    builder: Builder = None,
    engine: Engines = "aot",
    tflm_path: TflmPath = None,
    mlperf: Mlperf = None,
    marker: Marker = None,
    history: Kept = None,
) -> None:
    """Compile, build, start and test a model on a board."""
    from tinykit.compiler.patches import parse_patches
    from tinykit.firmware.engine import parse_engines
    from tinykit.hil.history.recorder import Subject, recorder
    from tinykit.hil.run import run_model

    engines = parse_engines(engine)
    options = _options(data, limit, baseline, max_regress, min_accuracy, port, timeout, no_reference)
    options = replace(
        options,
        optimize=optimize.value,
        builder=builder,
        engine=engines[0],
        tflm_path=tflm_path,
        mlperf=mlperf,
        marker=marker,
        estimate=estimate,
        meter=meter,
        battery=battery,
        patches=parse_patches(patches),
    )
    with recorder(history, model.parent) as record:
        if len(engines) > 1:
            _compare(model, board, engines, options, out, json, record)
            return
        _carry_out(
            lambda progress: run_model(model, board, options, out_dir=out, progress=progress),
            options, out, json, record, lambda: Subject(model.stem, Path(board).stem, engines[0]),
        )  # fmt: skip


def test(
    project: Annotated[Path, typer.Argument(help="A folder that `tinykit build` made.")],
    data: Data = None,
    limit: Limit = None,
    out: Out = None,
    json: JsonFile = None,
    baseline: Baseline = None,
    max_regress: MaxRegress = "5%",
    min_accuracy: MinAccuracy = None,
    port: Port = None,
    timeout: Timeout = 120.0,
    no_reference: NoReference = False,
    estimate: Estimate = None,
    meter: Meter = None,
    battery: Battery = None,
    history: Kept = None,
) -> None:
    """Test a firmware that was built before."""
    from tinykit.hil.history.recorder import recorder, tested_project
    from tinykit.hil.run import run_project

    options = _options(data, limit, baseline, max_regress, min_accuracy, port, timeout, no_reference)
    options = replace(options, estimate=estimate, meter=meter, battery=battery)
    with recorder(history, project) as record:
        _carry_out(
            lambda progress: run_project(project, options, out_dir=out, progress=progress),
            options, out, json, record, lambda: tested_project(project),
        )  # fmt: skip


def _options(
    data: Path | None,
    limit: int | None,
    baseline: Path | None,
    max_regress: str,
    min_accuracy: float | None,
    port: str | None,
    timeout: float,
    no_reference: bool,
) -> RunOptions:
    from tinykit.hil.baseline import parse_percent
    from tinykit.hil.run import RunOptions

    return RunOptions(
        data=data,
        limit=limit,
        port=port,
        timeout=timeout,
        reference=not no_reference,
        baseline=baseline,
        max_regress=parse_percent(max_regress),
        min_accuracy=min_accuracy,
    )


def _compare(
    model: Path,
    board: str,
    engines: tuple[Engine, ...],
    options: RunOptions,
    out: Path | None,
    json: str | None,
    record: Recorder,
) -> None:
    """Run a model with several engines, print their reports and the comparison, fail if one of them failed."""
    from tinykit.errors import CheckFailed, TinykitError
    from tinykit.hil.engines import run_engines
    from tinykit.hil.report.comparison import comparison_text, render_comparison
    from tinykit.hil.report.failure import failure_text
    from tinykit.hil.report.markdown import render_markdown
    from tinykit.hil.report.terminal import render_terminal

    try:
        with progress_bar() as progress:
            comparison = run_engines(model, board, engines, options, out_dir=out, progress=progress)
    except TinykitError as error:
        if json is not None:
            write_text(json, failure_text(error))
        raise
    if json is not None:
        write_text(json, comparison_text(comparison))
    target = console(stderr=json == "-")
    for report in comparison.reports:
        record.add(report)
        add_to_summary(render_markdown(report))
        target.print(render_terminal(report))
        target.print()
    target.print(render_comparison(comparison))
    if out is not None:
        target.print(f"comparison: {out / 'comparison.html'}", soft_wrap=True)
    if comparison.failures:
        raise CheckFailed("the test failed", why="\n       ".join(comparison.failures))


def _carry_out(
    work: Callable[[Progress], Report],
    options: RunOptions,
    out: Path | None,
    json: str | None,
    record: Recorder,
    tested: Callable[[], Subject],
) -> None:
    """Do the work, print the report, write the JSON, keep the result, fail if the report failed."""
    from tinykit.errors import CheckFailed, TinykitError
    from tinykit.hil.report.failure import failure_text
    from tinykit.hil.report.markdown import failure_markdown, render_markdown
    from tinykit.hil.report.terminal import render_terminal
    from tinykit.hil.report.write import to_json_text
    from tinykit.hil.run import spare_baseline

    if json is not None and json != "-":
        spare_baseline(options.baseline, Path(json))
        check_writable(json)
    try:
        with progress_bar() as progress:
            report = work(progress)
    except TinykitError as error:
        if json is not None:
            write_text(json, failure_text(error))
        add_to_summary(failure_markdown(error, "tinykit"))
        record.add_failure(error, tested)
        raise
    if json is not None:
        write_text(json, to_json_text(report))
    # stdout belongs to the JSON when that was asked for
    target = console(stderr=json == "-")
    target.print(render_terminal(report))
    if out is not None:
        target.print(f"report: {out / 'report.html'}", soft_wrap=True)
    add_to_summary(render_markdown(report))
    record.add(report)
    if report.failures:
        raise CheckFailed("the test failed", why="\n       ".join(report.failures))
