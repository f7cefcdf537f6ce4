"""A report on the terminal: 80 columns, readable without colour."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinykit.hil.report.checks import checks_of
from tinykit.hil.report.model import Layer, Report
from tinykit.hil.report.numbers import byte_count, quantity, share

_BAR = 14
_STYLES = {"pass": "green", "fail": "bold red", "skip": "yellow"}


def render_terminal(report: Report) -> RenderableType:
    """What the CLI prints."""
    parts: list[RenderableType] = [_head(report), _figures(report), Text(), _layers(report)]
    if report.accuracy.examples:
        parts += [Text(), _mismatches(report)]
    parts.append(Text())
    for check in checks_of(report):
        parts.append(
            Text.assemble((f"{check.status.upper():4} ", _STYLES[check.status]), f"{check.name}: {check.text}")
        )
    parts += [Text(f"note {note}", style="yellow") for note in report.notes]
    parts.append(Text(f"result: {report.result}", style=_STYLES[report.result]))
    return Group(*parts)


def _head(report: Report) -> Text:
    return Text.assemble(
        (report.model.name, "bold"),
        " on ",
        (report.board, "bold"),
        f"  ({report.engine}, build {report.build.id[:12]})",
    )


def _figures(report: Report) -> Table:
    m, lat = report.memory, report.latency
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("latency", f"p50 {quantity(lat.p50, lat.unit)}   p99 {lat.p99:,.6g}   max {lat.max:,.6g}")
    table.add_row("", f"{lat.n} runs, {lat.source}")
    table.add_row("flash", f"{byte_count(m.flash)}   {share(m.flash, m.flash_available)}")
    table.add_row("", f"code {m.code:,} + weights {m.weights:,} + tables {m.tables:,}")
    table.add_row("RAM", f"{byte_count(m.static_ram)}   {share(m.static_ram, m.ram_available)}")
    table.add_row("", f"arena {m.arena:,} (lower bound {m.arena_lower_bound:,})" + _stack(report))
    table.add_row(
        "link", f"{report.link.requests} requests, {report.link.retries} retries, {report.link.crc_errors} CRC errors"
    )
    return table


def _stack(report: Report) -> str:
    m = report.memory
    return "" if m.stack is None else f", stack {m.stack:,} of {m.stack_reserved:,}"


def _layers(report: Report) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column("layer")
    table.add_column("kernel", overflow="ellipsis", no_wrap=True)
    table.add_column("MACs", justify="right")
    table.add_column(report.latency.unit, justify="right")
    table.add_column("", no_wrap=True)
    largest = max((layer.share for layer in report.latency.layers), default=0) or 1
    for layer in report.latency.layers:
        table.add_row(
            layer.label.lower(),
            layer.kernel.removeprefix("tk_"),
            f"{layer.macs:,}" if layer.macs else "",
            f"{layer.value:,.4g}" if report.latency.unit == "us" else f"{layer.value:,.0f}",
            _bar(layer, largest),
        )
    return table


def _bar(layer: Layer, largest: float) -> str:
    return "█" * round(_BAR * layer.share / largest) + f" {100 * layer.share:.1f} %"


def _mismatches(report: Report) -> Table:
    table = Table(title="outputs that differ", title_justify="left", box=None, padding=(0, 1), header_style="dim")
    for name in ("sample", "output", "element", "device", "host"):
        table.add_column(name, justify="right")
    for e in report.accuracy.examples:
        table.add_row(str(e.sample), str(e.output), str(e.element), f"{e.device:g}", f"{e.host:g}")
    return table
