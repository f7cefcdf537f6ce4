"""Estimated cycles on the terminal: never without their band."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinykit.hil.report.estimated import Estimate, EstimatedPoint
from tinykit.text import printable

_KINDS = 6


def render_estimate(estimate: Estimate) -> RenderableType:
    """One line for each clock, then the classes of instructions that take most."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("estimated", no_wrap=True)
    for name in ("cycles", "from", "to", "ms", "from", "to"):
        table.add_column(name, justify="right", no_wrap=True)
    for point in estimate.points:
        cycles = (f"{value:,.0f}" for value in (point.cycles, point.low, point.high))
        table.add_row(_clock(point), *cycles, *(_ms(value) for value in (point.ms, point.ms_low, point.ms_high)))
    share = ", ".join(
        f"{kind.name} {100 * kind.cycles / sum(k.cycles for k in estimate.kinds):.0f} %"
        for kind in estimate.kinds[:_KINDS]
    )
    return Group(
        table,
        Text(f"{estimate.instructions:,} instructions; cycles: {share}", style="dim"),
        Text(
            f"{printable(estimate.board)}, {estimate.core}; WS: wait states of the flash; band: {estimate.basis}",
            style="dim",
        ),
    )


def _clock(point: EstimatedPoint) -> str:
    clock = "no clock" if point.hz is None else f"{point.hz / 1e6:g} MHz"
    return f"{clock}, {point.wait_states} WS"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
