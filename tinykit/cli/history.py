"""Commands of what was measured before: hil history, hil dashboard."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.output import check_writable, console, print_json, write_text


class Figure(str, Enum):
    """As tinykit.hil.history.metrics.METRICS, for the command line."""

    latency = "latency"
    flash = "flash"
    arena = "arena"
    ram = "ram"
    stack = "stack"
    accuracy = "accuracy"
    energy = "energy"


Url = Annotated[
    str, typer.Option("--history", help="SQLite file, or postgresql://user@host/database.", envvar="TINYKIT_HISTORY")
]
Limits = Annotated[str, typer.Option(help="By how much a figure may be worse than that of the best build.")]
Boards = Annotated[list[str] | None, typer.Option("--board", "-b", help="Of this board or place; repeatable.")]
Models = Annotated[list[str] | None, typer.Option("--model", "-m", help="Of this model; repeatable.")]
Since = Annotated[str | None, typer.Option(help="Since 7d, 36h, 4w ago, or a date.")]


def history(
    url: Url,
    model: Models = None,
    board: Boards = None,
    engine: Annotated[list[str] | None, typer.Option(help="Of this engine; repeatable.")] = None,
    metric: Annotated[list[Figure] | None, typer.Option(help="This figure only; repeatable.")] = None,
    since: Since = None,
    regressions: Annotated[bool, typer.Option("--regressions", help="Show what got worse, and between what.")] = False,
    max_regress: Limits = "5%",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="List the newest N runs of each series.")] = 10,
    report: Annotated[int | None, typer.Option(help="Print the report.json of the run with this number.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Also write a page with plots.")] = None,
) -> None:
    """Show what was measured before."""
    import json as json_module

    from tinykit.errors import InputError
    from tinykit.hil.baseline import parse_percent
    from tinykit.hil.history import Wanted, open_history
    from tinykit.hil.history.html import write_history
    from tinykit.hil.history.metrics import METRICS
    from tinykit.hil.history.regression import findings_of
    from tinykit.hil.history.report import to_json
    from tinykit.hil.history.series import series_of
    from tinykit.hil.history.since import parse_since
    from tinykit.hil.history.terminal import render_regressions, render_table

    most = parse_percent(max_regress)
    wanted = Wanted(
        tuple(model or ()), tuple(board or ()), tuple(engine or ()), None if since is None else parse_since(since)
    )
    names = [figure.value for figure in metric or ()]
    if html is not None:
        check_writable(str(html))
    with open_history(url, write=False) as opened:
        if report is not None:
            kept = opened.report(report)
            if kept is None:
                raise InputError(f"run {report} was not finished: it has no report", where=opened.url)
            write_text("-", json_module.dumps(kept, indent=2) + "\n")
            return
        found = [(series, findings_of(series, most, opened, names)) for series in series_of(opened.runs(wanted))]
        shown = opened.url
    if html is not None:
        write_history(found, html, names)
    if json:
        print_json(to_json(shown, found, names or tuple(METRICS)))
        return
    console().print(render_regressions(found) if regressions else render_table(found, limit, names))


def dashboard(
    url: Url,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the pages.")],
    since: Since = None,
    max_regress: Limits = "5%",
) -> None:
    """Write pages that show a bench: each model on each board, how it went, what got worse."""
    from tinykit.hil.baseline import parse_percent
    from tinykit.hil.history import Wanted, open_history
    from tinykit.hil.history.dashboard import write_dashboard
    from tinykit.hil.history.regression import findings_of
    from tinykit.hil.history.series import series_of
    from tinykit.hil.history.since import parse_since

    most = parse_percent(max_regress)
    start = None if since is None else parse_since(since)
    check_writable(str(out / "index.html"))
    with open_history(url, write=False) as opened:
        found = [(series, findings_of(series, most, opened)) for series in series_of(opened.runs(Wanted(since=start)))]
        shown = opened.url
    page = write_dashboard(found, out, shown, most)
    console().print(f"dashboard: {page}", soft_wrap=True)
