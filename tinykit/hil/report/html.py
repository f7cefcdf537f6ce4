"""A report as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import functools

import jinja2

from tinykit.hil.report.checks import checks_of
from tinykit.hil.report.drawing import arena_map, confusion_cells, gauge, layer_bars
from tinykit.hil.report.energy_text import energy_rows
from tinykit.hil.report.model import Report
from tinykit.hil.report.numbers import byte_count, number, quantity, share
from tinykit.pages import page_environment


def render_html(report: Report) -> str:
    """The document. All text of the report is escaped."""
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            r=report,
            checks=checks_of(report),
            bars=layer_bars(report.latency),
            arena=arena_map(report.memory, [layer.label for layer in report.latency.layers]),
            flash=gauge(
                [("code", report.memory.code), ("weights", report.memory.weights), ("tables", report.memory.tables)],
                report.memory.flash_available,
            ),
            ram=gauge(
                [
                    ("arena", report.memory.arena),
                    ("other data", report.memory.static_ram - report.memory.arena),
                    ("stack", report.memory.stack_reserved),
                ],
                report.memory.ram_available,
            ),
            energy_rows=energy_rows,
            confusion=confusion_cells(report.accuracy.confusion),
        )
    )


@functools.cache
def environment() -> jinja2.Environment:
    """The templates of HTML reports, which escape all text."""
    environment = page_environment("tinykit.hil")
    environment.filters.update(number=number, quantity=quantity, bytes=byte_count, share=share)
    return environment
