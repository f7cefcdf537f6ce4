"""A matrix as GitHub's Markdown, for the summary page of a job."""

from __future__ import annotations

from tinykit.hil.matrix.figures import history, shown, titles, verdict
from tinykit.hil.matrix.result import Matrix
from tinykit.hil.report.markdown import escaped

_MARKS = {"pass": "✅", "fail": "❌", "error": "⚠️", "stopped": "⏹️", "interrupted": "⏹️"}


def render_markdown(matrix: Matrix) -> str:
    """A heading, a table, and a list of what did not pass. All text of the matrix is escaped."""
    names = titles(matrix)
    lines = [
        f"## {_MARKS[matrix.result]} tinykit hil: {matrix.result}",
        "",
        f"| place | board | model | result | {' | '.join(names)} |",
        f"|---|---|---|---|{'---:|' * len(names)}",
    ]
    for cell in matrix.cells:
        texts = ["" if f is None else f"{f.text} ({f.change})" if f.change else f.text for f in shown(cell, matrix)]
        cells = [cell.place, cell.board, cell.model, f"{_MARKS[cell.status]} {verdict(cell)}", *texts]
        lines.append("| " + " | ".join(escaped(text) for text in cells) + " |")
    lines.append("")
    for cell in matrix.cells:
        for text in (*cell.reasons, *history(cell), *cell.notes):
            lines.append(f"- **{escaped(cell.model)} on {escaped(cell.place)}**: {escaped(text)}")
    return "\n".join(lines) + "\n"
