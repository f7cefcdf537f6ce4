"""A report as GitHub's Markdown, for the summary page of a job."""

from __future__ import annotations

import html

from tinykit.errors import TinykitError
from tinykit.hil.report.checks import checks_of
from tinykit.hil.report.model import Report
from tinykit.hil.report.numbers import byte_count, number, quantity, share

_MARKS = {"pass": "✅", "fail": "❌", "skip": "⏭️"}


def render_markdown(report: Report) -> str:
    """A heading, the figures, the checks, and the layers to be unfolded. All text of the report is escaped."""
    m, lat, a = report.memory, report.latency, report.accuracy
    rows = [
        ("latency, median", quantity(lat.p50, lat.unit)),
        ("latency, p99 and max", f"{number(lat.p99, lat.unit)} and {quantity(lat.max, lat.unit)}"),
        ("flash", f"{byte_count(m.flash)} {share(m.flash, m.flash_available)}"),
        ("RAM, static", f"{byte_count(m.static_ram)} {share(m.static_ram, m.ram_available)}"),
        ("arena", byte_count(m.arena)),
    ]
    if m.stack is not None:
        rows.append(("stack", f"{byte_count(m.stack)} of {byte_count(m.stack_reserved)}"))
    if a.metric is not None and a.device is not None:
        rows.append((f"accuracy ({a.metric})", f"{a.device:.4g} ({a.n:,} samples)"))
    name = f"{escaped(report.model.name)} on {escaped(report.board)}"
    lines = [f"### {_MARKS[report.result]} {name} ({escaped(report.engine)}): {report.result}", ""]
    lines += ["| figure | value |", "|---|---:|", *(f"| {key} | {escaped(value)} |" for key, value in rows), ""]
    lines += [f"- {_MARKS[check.status]} {check.name}: {escaped(check.text)}" for check in checks_of(report)]
    lines += [f"- note: {escaped(note)}" for note in report.notes]
    lines += ["", f"Build `{report.build.id}`, {escaped(lat.source)}.", ""]
    if lat.layers:
        lines += ["<details><summary>Layers</summary>", "", f"| layer | {lat.unit} | share |", "|---|---:|---:|"]
        lines += [
            f"| {escaped(layer.label)} | {number(layer.value, lat.unit)} | {100 * layer.share:.1f} % |"
            for layer in lat.layers
        ]
        lines += ["", "</details>", ""]
    return "\n".join(lines) + "\n"


def failure_markdown(error: TinykitError, name: str) -> str:
    """The same for a test that ended with an error.

    Args:
        name: of what was tested.
    """
    lines = [f"### ⚠️ {escaped(name)}: error", "", f"**{type(error).__name__}**: {escaped(error.what)}", ""]
    parts = [(word, text) for word, text in (("where", error.where), ("why", error.why), ("try", error.hint)) if text]
    return "\n".join([*lines, *(f"- {word}: {escaped(text)}" for word, text in parts)]) + "\n\n"


def escaped(text: str) -> str:
    """One line of plain text: no HTML, no cell of a table, no emphasis, no link, no mention."""
    plain = html.escape(" ".join(text.split()), quote=False)
    return "".join(f"\\{c}" if c in r"\`*_[]|~@#" else c for c in plain)
