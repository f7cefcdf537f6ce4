"""A search on a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tinykit.tune.point import Point
from tinykit.tune.result import Search
from tinykit.tune.words import accuracy, sentences, whole


def render_terminal(search: Search) -> RenderableType:
    """The front as a table, and what else is to be known."""
    first = next((t.point for t in search.trials if t.point is not None), None)
    if first is None:
        return Group(*(Text(line) for line in sentences(search)))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("front", first.metric, "flash B", "RAM B", first.unit):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("parameters", overflow="fold")
    for trial in search.front:
        assert trial.point is not None
        table.add_row(str(trial.number), *_figures(trial.point), escape(trial.label))
    if search.against is not None:
        table.add_row("by hand", *_figures(search.against.point), escape(search.against.source))
    head = Text(f"{search.settings.function} on {search.settings.board}", style="bold")
    return Group(head, table, *(Text(line) for line in sentences(search)))


def _figures(point: Point) -> tuple[str, str, str, str]:
    return accuracy(point), whole(point.flash), whole(point.ram), whole(point.latency)
