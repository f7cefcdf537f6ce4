"""A check on the terminal: 80 columns, readable without colour."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tinykit.edgetpu.check import CheckResult, OpPlacement
from tinykit.edgetpu.report.groups import HostGroup, host_groups, ranges
from tinykit.edgetpu.rules.front_end import Refusal
from tinykit.text import printable

_SHOWN = 12
"""Groups of operators on the host; what to change first comes first."""


def render_terminal(result: CheckResult, *, every: bool = False) -> RenderableType:
    """What the CLI prints.

    Args:
        every: list all operators, not just those that stay on the host.
    """
    parts: list[RenderableType] = [summary(result)]
    for refusal in result.refusals:
        parts += [Text(), *_refusal(refusal)]
    if not result.refusals:
        groups = host_groups(result)
        for group in groups[:_SHOWN]:
            parts += [Text(), *_group(group)]
        if len(groups) > _SHOWN:
            parts += [Text(), Text(f"{len(groups) - _SHOWN} more reasons: see --ops, --json or --html")]
    basis = _sources(result)
    if basis.row_count:
        parts += [Text(), basis]
    if every:
        parts += [Text(), _table(result.ops)]
    if result.cautions:
        parts.append(Text())
        parts += [Text(f"note  {printable(caution)}", style="yellow") for caution in result.cautions]
    return Group(*parts)


def summary(result: CheckResult) -> RenderableType:
    """Few lines: how much is mapped, in how many subgraphs, with how many parameters."""
    total = len(result.ops)
    head = Text.assemble((printable(result.name), "bold"), ": ")
    if result.refusals:
        head.append("the Edge TPU Compiler refuses this file", style="red")
    else:
        style = "green" if not result.on_host else "yellow" if result.mapped else "red"
        head.append(f"{result.mapped} of {total} operators on the Edge TPU", style=style)
        head.append(f", {len(result.on_host)} on the host")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    for number, subgraph in enumerate(result.subgraphs):
        table.add_row(f"subgraph {number}", f"operators {ranges(subgraph.ops)}")
    if result.subgraphs:
        missing = f", without {', '.join(result.not_counted)}" if result.not_counted else ""
        table.add_row("parameters", f"about {result.parameter_bytes:,} B (an estimate{missing})")
    return Group(head, table) if result.subgraphs else head


def _refusal(refusal: Refusal) -> list[RenderableType]:
    where = f"operator{'s' if len(refusal.ops) > 1 else ''} {ranges(refusal.ops)}: " if refusal.ops else ""
    head = Text.assemble(("refused  ", "red"), printable(f"{where}{refusal.reason}"))
    return [head, *_advice(refusal.change, refusal.rule.id)]


def _group(group: HostGroup) -> list[RenderableType]:
    first = group.first
    count = f" ({len(group.ops)})" if len(group.ops) > 1 else ""
    head = Text.assemble((f"{group.places} ", "bold"))
    if first.supported:
        head.append(f"supported operators behind one that is not{count}", style="yellow")
        change = first.change if len(group.ops) == 1 else "change what stands above, or compile with -a"
        return [head, *_advice(change, first.rule)]
    head.append(f"{printable(first.op)}{count}", style="yellow")
    head.append(f": {printable(first.reason)}" + (", and likewise" if len(group.ops) > 1 else ""))
    return [head, *_advice(first.change, first.rule)]


def _advice(change: str, rule: str) -> list[RenderableType]:
    text = Text(f"try: {printable(change)} " if change else "")
    return [Padding(text.append(f"[{rule}]", style="dim"), (0, 0, 0, 2))]


def _sources(result: CheckResult) -> Table:
    """The rules that were named above: how sure each is, and where it comes from."""
    rules = {r.rule.id: (r.rule.confidence, r.rule.source) for r in result.refusals}
    if not result.refusals:
        rules = {g.first.rule: (g.first.confidence, g.first.source) for g in host_groups(result)[:_SHOWN]}
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(style="dim")
    for rule, (confidence, source) in rules.items():
        table.add_row(rule, confidence.value, source)
    return table


def _table(ops: tuple[OpPlacement, ...]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("op", justify="right", no_wrap=True)
    table.add_column("kind", no_wrap=True, overflow="ellipsis", max_width=30)
    table.add_column("runs on", no_wrap=True)
    table.add_column("rule", no_wrap=True, overflow="ellipsis", max_width=30)
    for op in ops:
        place = f"Edge TPU {op.subgraph}" if op.edgetpu else "host"
        table.add_row(
            str(op.index), Text(printable(op.op)), Text(place, style="green" if op.edgetpu else "yellow"), Text(op.rule)
        )
    return table
