"""A compression on the terminal: 80 columns, readable without colour."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinykit.compress.result import Compression, Stage, saved
from tinykit.text import printable


def render_terminal(result: Compression) -> RenderableType:
    """What the CLI prints."""
    head = Text.assemble((printable(result.source), "bold"), f" ({result.framework})")
    parts: list[RenderableType] = [head, Text(), _table(result), Text()]
    parts += [Text(f"{stage.number} {stage.kind}: {printable(stage.what)}", style="dim") for stage in result.stages[1:]]
    parts += [Text(), _summary(result)]
    parts += [Text(f"note  {printable(note)}", style="yellow") for note in result.notes]
    return Group(*parts)


def _table(result: Compression) -> Table:
    board = result.stages[0].on_board
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("step", no_wrap=True)
    names = ["not zero", "MACs", "int8 B", "zlib B", *([board.unit] if board else []), "float", "int8"]
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for stage in result.stages:
        counted = [f"{stage.on_board.value:,.0f}"] if stage.on_board else []
        table.add_row(
            f"{stage.number} {stage.kind}", f"{stage.parameters - stage.zeros:,}", f"{stage.macs:,}",
            f"{stage.int8_bytes:,}", f"{stage.packed_bytes:,}", *counted, f"{stage.float_score.value:.4f}",
            f"{stage.int8_score.value:.4f}",
        )  # fmt: skip
    return table


def _summary(result: Compression) -> Table:
    """The result against the source quantized as it is."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    for name, text in comparisons(result.stages[0], result.stages[-1]):
        table.add_row(name, text)
    drop = "no change" if result.drop == 0 else f"{-result.drop:+.2f} points"
    first, last = result.stages[0], result.stages[-1]
    table.add_row(
        "accuracy",
        f"{last.int8_score.value:.4f} in int8, {first.float_score.value:.4f} the source in float ({drop})",
    )
    table.add_row("", f"{result.test_size} samples of {printable(result.test)}")
    return table


def comparisons(first: Stage, last: Stage) -> list[tuple[str, str]]:
    """What got smaller, against the source in int8: name, and the two values in words."""
    pairs: list[tuple[str, float, float, str]] = [
        ("size", first.int8_bytes, last.int8_bytes, "B"),
        ("MACs", first.macs, last.macs, ""),
    ]
    if first.on_board is not None and last.on_board is not None:
        pairs += [
            (first.on_board.unit, first.on_board.value, last.on_board.value, f"on {first.on_board.board}"),
            ("weights", first.on_board.weights, last.on_board.weights, "B in flash"),
            ("arena", first.on_board.arena, last.on_board.arena, "B of RAM"),
        ]
    return [
        (name, f"{after:,.0f} {unit}".rstrip() + f", {_change(before, after)} {before:,.0f} as plain int8")
        for name, before, after, unit in pairs
    ]


def _change(before: float, after: float) -> str:
    percent = saved(before, after)
    return f"{percent:.0f} % less than" if percent >= 0 else f"{-percent:.0f} % more than"
