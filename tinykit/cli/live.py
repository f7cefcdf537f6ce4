"""How far a bench is: a table that keeps changing on a terminal, lines elsewhere. All on stderr."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tinykit.cli.output import console
from tinykit.text import printable

if TYPE_CHECKING:
    from rich.table import Table

    from tinykit.hil.matrix.bench import Listener
    from tinykit.hil.place import Place

_INTERVAL = 10.0
"""Seconds between plain lines about the samples of one place."""
_REFRESH = 4
_FINAL = ("pass", "fail", "error", "stopped")


@contextlib.contextmanager
def bench_view(places: Sequence[Place]) -> Iterator[Listener]:
    """A listener for ``tinykit.hil.matrix.BenchRun`` that shows what it is told."""
    if not sys.stderr.isatty():
        yield _plain()
        return
    from rich.live import Live

    board = {place.name: place.board.name for place in places}
    states: dict[str, tuple[str, str, str]] = {name: ("", "waiting", "") for name in board}
    done: dict[str, list[str]] = {name: [] for name in board}

    def render() -> Table:
        from rich.table import Table

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("place", "board", "model", "doing", "", "done"):
            table.add_column(title, no_wrap=True)
        for name, (model, what, count) in states.items():
            table.add_row(name, board[name], printable(model), what, count, " ".join(done[name]))
        return table

    with Live(console=console(stderr=True), get_renderable=render, refresh_per_second=_REFRESH, transient=True):

        def listen(place: str, model: str, what: str, at: int, of: int) -> None:
            states[place] = (model, what, f"{at} of {of}" if of > 1 else "")
            if what in _FINAL:
                done[place].append(what)

        yield listen


def _plain() -> Listener:
    lock = threading.Lock()
    last: dict[tuple[str, str, str], float] = {}

    def listen(place: str, model: str, what: str, at: int, of: int) -> None:
        now = time.monotonic()
        with lock:
            first = (place, model, what) not in last
            due = of > 1 and (at == of or now - last.get((place, model, what), now) >= _INTERVAL)
            if not (first or due or what == "retrying"):
                return
            last[place, model, what] = now
            count = f": {at} of {of}" if of > 1 else ""
            print(f"{place}: {printable(model)}: {what}{count}", file=sys.stderr, flush=True)

    return listen
