"""Commands that search for models: tune search, tune worker."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from tinykit.cli.convert import Quantize
from tinykit.cli.output import check_writable, console, print_json, progress_bar

if TYPE_CHECKING:
    from tinykit.hil.measure import Progress
    from tinykit.tune.worker import Done


class _SearchByDefault(TyperGroup):
    """`tinykit tune train.py:model ...` is `tinykit tune search train.py:model ...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["search", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_SearchByDefault, help="Search for models that are best on a board.", no_args_is_help=True,
                  rich_markup_mode=None)  # fmt: skip


class Sampler(str, Enum):
    tpe = "tpe"
    nsga2 = "nsga2"


class Objective(str, Enum):
    accuracy = "accuracy"
    flash = "flash"
    ram = "ram"
    latency = "latency"


class Latency(str, Enum):
    emulator = "emulator"
    macs = "macs"


StudyName = Annotated[str | None, typer.Option("--study", help="The study's name, where a storage has several.")]
StaleAfter = Annotated[int, typer.Option(help="Seconds of silence after which a worker's trial is given up.")]
Carbon = Annotated[str | None, typer.Option(metavar="COUNTRY", help="Estimate energy and CO2: CHE, DEU, USA, ...")]
Trust = Annotated[bool, typer.Option("--trust", help="Run code in model files: pickles, Lambda layers.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def _tune() -> None:
    """Search for models that are best on a board.

    `tinykit tune train.py:model ...` is `tinykit tune search train.py:model ...`.
    """


@app.command()
def search(
    function: Annotated[str, typer.Argument(help="module:callable that returns a model for a trial.")],
    board: Annotated[str, typer.Option("--board", "-b", help="A board's name, or its .toml file.")],
    data: Annotated[Path, typer.Option("--data", "-d", help=".npz file: x (samples), y (labels).")],
    calibration: Annotated[
        Path | None, typer.Option("--calibration", "-c", help=".npz or .npy, to quantize with.")
    ] = None,
    space: Annotated[Path | None, typer.Option(help="Search space; the function then takes values.")] = None,
    trials: Annotated[int, typer.Option("--trials", "-n", help="How many there are to be in all.")] = 30,
    seed: Annotated[int, typer.Option(help="Of all choices.")] = 0,
    sampler: Annotated[Sampler, typer.Option(help="How to choose what to try.")] = Sampler.tpe,
    objective: Annotated[
        list[Objective] | None, typer.Option("--objective", help="What is to be good (repeatable; all four).")
    ] = None,
    latency: Annotated[Latency | None, typer.Option(help="How latency is got.")] = None,
    quantize: Annotated[Quantize, typer.Option("--quantize", "-q", help="Types of the models.")] = Quantize.int8,
    limit: Annotated[int | None, typer.Option(help="Use the first N samples of the data.")] = None,
    against: Annotated[str | None, typer.Option(help="A model made by hand, to compare with.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for study, models and reports.")] = Path("tune"),
    storage: Annotated[str | None, typer.Option(help="SQLite file, or postgresql://user@host/database.")] = None,
    study: StudyName = None,
    stale_after: StaleAfter = 60,
    carbon: Carbon = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Search, or go on with a search, and report."""
    import json as json_module

    from tinykit.cli.output import write_text
    from tinykit.tune import TuneOptions, tune
    from tinykit.tune.html import write_html
    from tinykit.tune.report import to_json
    from tinykit.tune.settings import OBJECTIVES
    from tinykit.tune.terminal import render_terminal

    check_writable(str(out / "report.json"))
    with _interruptible(out, storage), _trial_progress() as progress:
        result = tune(
            function,
            TuneOptions(
                board=board, data=data, out=out, calibration=calibration, space=space, quantize=quantize.value,
                objectives=tuple(o.value for o in objective) if objective else OBJECTIVES,
                latency=latency.value if latency else None, trials=trials, seed=seed, sampler=sampler.value,
                storage=storage, study=study, against=against, limit=limit, stale_after=stale_after, carbon=carbon,
                trust=trust, tell=_teller(),
            ),
            progress,
        )  # fmt: skip
    report = to_json(result)
    write_text(str(out / "report.json"), json_module.dumps(report, indent=2, allow_nan=False) + "\n")
    write_html(result, out / "report.html")
    if json:
        print_json(report)
        return
    print_console = console()
    print_console.print(render_terminal(result))
    print_console.print(f"wrote {out / 'report.html'}, and the models of the front to {out / 'models'}", soft_wrap=True)


@app.command()
def worker(
    storage: Annotated[str, typer.Option("--storage", help="SQLite file, or postgresql://user@host/database.")],
    study: StudyName = None,
    function: Annotated[str | None, typer.Option(help="Where the function is here.")] = None,
    data: Annotated[Path | None, typer.Option("--data", "-d", help="Where the data is here.")] = None,
    calibration: Annotated[
        Path | None, typer.Option("--calibration", "-c", help="Where the calibration samples are here.")
    ] = None,
    stale_after: StaleAfter = 60,
    carbon: Carbon = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Take part in a search that was begun elsewhere."""
    from tinykit.tune import WorkOptions, work

    options = WorkOptions(
        storage=storage, study=study, function=function, data=data, calibration=calibration, stale_after=stale_after,
        carbon=carbon, trust=trust, tell=_teller(),
    )  # fmt: skip
    with _interruptible(None, storage), _trial_progress() as progress:
        finished, result = work(options, progress)
    figures = {"study": result.study, "here": finished, "finished": len(result.trials), "total": result.total}
    if json:
        print_json(figures)
        return
    console().print(
        f"{finished} trials here; study {result.study} has {len(result.trials)} of {result.total}", soft_wrap=True
    )


@contextlib.contextmanager
def _trial_progress() -> Iterator[Progress]:
    """Bars on a terminal; elsewhere no steps of trials, since each has a line of its own in the end."""
    with progress_bar() as progress:
        if sys.stderr.isatty():
            yield progress
            return

        def show(what: str, done: int, total: int) -> None:
            if what.startswith("waiting"):
                progress(what, done, total)

        yield show


def _teller() -> Callable[[Done], None]:
    """A line for each trial where there is no bar to be seen."""
    if sys.stderr.isatty():
        return lambda done: None

    def tell(done: Done) -> None:
        params = ", ".join(f"{name}={value}" for name, value in done.params.items())
        point = done.point
        what = done.why if point is None else f"{point.accuracy:.4f}, flash {point.flash:,} B, RAM {point.ram:,} B"
        if point is not None:
            what = f"{what}, {point.latency:,.0f} {point.unit}"
        print(f"trial {done.number} ({done.finished} of {done.total}): {params}: {what}", file=sys.stderr, flush=True)

    return tell


@contextlib.contextmanager
def _interruptible(out: Path | None, storage: str | None) -> Iterator[None]:
    """Say on Ctrl-C that nothing but the trial at hand is lost."""
    try:
        yield
    except KeyboardInterrupt:
        place = storage or (f"{out / 'study.db'}" if out else "the storage")
        print(f"stopped; the study is in {place}: the same command goes on", file=sys.stderr)
        raise
