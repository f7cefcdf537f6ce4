"""A report on the terminal: 80 columns, readable without colour."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinykit.hil.report.checks import checks_of
from tinykit.hil.report.energy_text import energy_rows
from tinykit.hil.report.estimate_text import render_estimate
from tinykit.hil.report.model import Layer, Report
from tinykit.hil.report.numbers import byte_count, number, quantity, share
from tinykit.text import printable

_BAR = 22
_STYLES = {"pass": "green", "fail": "bold red", "skip": "yellow"}


def render_terminal(report: Report) -> RenderableType:
    """What the CLI prints."""
    parts: list[RenderableType] = [_head(report), _figures(report), Text(), _layers(report)]
    if report.estimate is not None:
        parts += [Text(), render_estimate(report.estimate)]
    if report.accuracy.examples:
        parts += [Text(), _mismatches(report)]
    parts.append(Text())
    for check in checks_of(report):
        tag = (f"{check.status.upper():4} ", _STYLES[check.status])
        parts.append(Text.assemble(tag, f"{check.name}: {printable(check.text)}"))
    parts += [Text(f"note {printable(note)}", style="yellow") for note in report.notes]
    parts.append(Text(f"result: {report.result}", style=_STYLES[report.result]))
    return Group(*parts)


def _head(report: Report) -> Text:
    build = f"  ({report.engine}, build {report.build.id[:12]})"
    return Text.assemble((printable(report.model.name), "bold"), " on ", (report.board, "bold"), build)


def _figures(report: Report) -> Table:
    m, lat, link = report.memory, report.latency, report.link
    rest = (
        f"{name} {number(value, lat.unit)}" for name, value in (("p95", lat.p95), ("p99", lat.p99), ("max", lat.max))
    )
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("latency", f"median {quantity(lat.p50, lat.unit)}")
    table.add_row("", "   ".join(rest))
    table.add_row("", f"{lat.n} runs, jitter {number(lat.jitter, lat.unit)}, {lat.source}")
    table.add_row("flash", f"{byte_count(m.flash)}   {share(m.flash, m.flash_available)}")
    table.add_row("", f"code {m.code:,} + weights {m.weights:,} + tables {m.tables:,}")
    table.add_row("RAM", f"{byte_count(m.static_ram)}   {share(m.static_ram, m.ram_available)}")
    table.add_row("", f"arena {m.arena:,}{_bound(report)}{_stack(report)}")
    if report.patches is not None:
        table.add_row("patches", report.patches.text())
    if report.energy is not None:
        for row in energy_rows(report.energy):
            table.add_row(*row)
    table.add_row("link", f"{link.requests:,} requests, {link.retries} retries, {link.crc_errors} CRC errors")
    return table


def _bound(report: Report) -> str:
    bound = report.memory.arena_lower_bound
    return "" if bound is None else f" (lower bound {bound:,})"


def _stack(report: Report) -> str:
    m = report.memory
    return "" if m.stack is None else f", stack {m.stack:,} of {m.stack_reserved:,}"


def _layers(report: Report) -> Table:
    unit = report.latency.unit
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("layer", no_wrap=True)
    table.add_column("MACs", justify="right", no_wrap=True)
    table.add_column(unit, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    largest = max((layer.share for layer in report.latency.layers), default=0) or 1
    for layer in report.latency.layers:
        macs = f"{layer.macs:,}" if layer.macs else ""
        table.add_row(Text(printable(layer.label)), macs, number(layer.value, unit), _bar(layer, largest))
    return table


def _bar(layer: Layer, largest: float) -> str:
    return f"{100 * layer.share:4.1f} % " + "█" * round(_BAR * layer.share / largest)


def _mismatches(report: Report) -> Table:
    table = Table(title="outputs that differ", title_justify="left", box=None, header_style="dim")
    for name in ("sample", "output", "element", "device", "host"):
        table.add_column(name, justify="right")
    for e in report.accuracy.examples:
        table.add_row(str(e.sample), str(e.output), str(e.element), f"{e.device:g}", f"{e.host:g}")
    return table
