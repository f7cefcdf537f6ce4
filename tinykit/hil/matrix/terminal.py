"""A matrix on the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinykit.hil.matrix.figures import Figure, history, shown, titles, verdict
from tinykit.hil.matrix.result import Cell, Matrix, Status
from tinykit.text import printable

STYLES = {"pass": "green", "fail": "bold red", "error": "bold red", "stopped": "yellow", "interrupted": "yellow"}


def render_matrix(matrix: Matrix) -> RenderableType:
    """What the CLI prints: a table, then each cell that did not simply pass, then the result."""
    parts: list[RenderableType] = [_table(matrix)]
    for cell in matrix.cells:
        lines = [*_reasons(cell), *(f"  {line}" for line in history(cell)), *(f"  note: {note}" for note in cell.notes)]
        if lines:
            head = Text.assemble((verdict(cell), STYLES[cell.status]), f"  {cell.model} on {cell.place} ({cell.board})")
            parts += [Text(), head, *(Text(printable(line)) for line in lines)]
    parts += [Text(), summary(matrix)]
    return Group(*parts)


def summary(matrix: Matrix) -> Text:
    """The last line: the result and how many of what."""
    counts = [f"{matrix.count(status)} {word}" for status, word in _WORDS if matrix.count(status)]
    text = f"result: {matrix.result}  ({', '.join(counts)}; {matrix.seconds:.0f} s)"
    return Text(text, style=STYLES[matrix.result])


_WORDS: tuple[tuple[Status, str], ...] = (
    ("pass", "passed"),
    ("fail", "failed"),
    ("error", "without a result"),
    ("stopped", "interrupted"),
)


def _reasons(cell: Cell) -> list[str]:
    lines = [f"  {reason}" for reason in cell.reasons]
    if cell.error is not None:
        lines += [f"    {line}" for line in cell.error.render().splitlines()[1:]]
    return lines


def _table(matrix: Matrix) -> Table:
    """One row for each cell. A unit of latency that all have is in the head: 80 columns are few."""
    units = {cell.report.latency.unit for cell in matrix.cells if cell.report is not None}
    unit = units.pop() if len(units) == 1 else None
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("place", "model", "result"):
        table.add_column(name, overflow="fold")
    for name in titles(matrix):
        table.add_column(unit if name == "latency" and unit is not None else name, justify="right")
    for cell in matrix.cells:
        texts = [_figure(figure, unit) for figure in shown(cell, matrix)]
        result = Text(cell.status, style=STYLES[cell.status])
        table.add_row(Text(cell.place), Text(printable(cell.model)), result, *texts)
    return table


def _figure(figure: Figure | None, unit: str | None) -> str:
    if figure is None:
        return ""
    text = figure.text.removesuffix(f" {unit}")
    return text if figure.change in ("", "=") else f"{text}\n{figure.change}"
