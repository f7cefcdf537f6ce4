"""Benchmarks as tables, one for each board."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tinykit.bench.peers import Peers
from tinykit.bench.row import Row


def show(rows: Sequence[Row], peers: Peers, out: Console) -> None:
    """Print rows; ratios are ours divided by the peer's, so that below 1 is better."""
    boards = list(dict.fromkeys(row.board for row in rows))
    for board in boards:
        of_board = [row for row in rows if row.board == board]
        out.print(f"[bold]{escape(board)}[/]  {escape(of_board[0].core)}")
        out.print(_table(of_board, peers))
        for row in of_board:
            if row.figures is None:
                out.print(f"{escape(row.model)} does not fit: {escape(row.why or '')}")
        for line in _legend(of_board, peers):
            out.print(f"[dim]{escape(line)}[/]")
        out.print()


def _table(rows: Sequence[Row], peers: Peers) -> Table:
    unit = next((row.figures.unit for row in rows if row.figures), "instructions")
    compared = any(peers.of(row.core, row.model) for row in rows)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("model", overflow="fold", min_width=12)
    speed = (unit, "/MAC", "best", "ref.") if compared else (unit, "/MAC")
    for name in (*speed, "arena", *(("best",) if compared else ()), "code", "alone"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        if row.figures is not None:
            table.add_row(*map(escape, _cells(row, peers, compared)))
    return table


def _cells(row: Row, peers: Peers, compared: bool) -> Iterator[str]:
    now = row.figures
    assert now is not None
    best, reference = peers.best(row.core, row.model), peers.reference(row.core, row.model)
    yield row.model
    yield f"{now.latency:,.0f}"
    yield f"{now.latency / now.macs:.2f}" if now.macs else ""
    if compared:
        for peer in (best, reference):
            yield f"{now.latency / peer.instructions:.2f}" if peer and now.unit == "instructions" else ""
    yield f"{now.arena:,}"
    if compared:
        yield f"{now.arena / best.arena_used:.2f}" if best and best.arena_used else ""
    yield f"{now.overhead:,}"
    yield "" if now.alone is None else f"{now.alone:,}"


def _legend(rows: Sequence[Row], peers: Peers) -> Iterator[str]:
    best = {row.model: peers.best(row.core, row.model) for row in rows}
    names: dict[str, list[str]] = {}
    for model, peer in best.items():
        if peer is not None:
            names.setdefault(f"{peer.engine} {peer.kernels}", []).append(model)
    for name, models in names.items():
        yield f"best, as a ratio: {name}" + ("" if len(names) == 1 else f" ({', '.join(models)})")
    for row in rows:
        peer = peers.reference(row.core, row.model)
        if peer is not None and row.figures is not None and peer.output_crc not in (None, row.figures.crc):
            yield f"{row.model}: output {row.figures.crc}, TFLite-Micro's is {peer.output_crc}"
