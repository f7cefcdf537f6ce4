"""Commands around benches: bench run (benchmarks of models), bench discover (what is connected)."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.options import Optimize, Optimized, Patched
from tinykit.cli.output import check_writable, console, print_json, progress_bar

app = typer.Typer(help="Benchmarks, and what a bench is made of.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _bench() -> None:
    """Benchmarks of models on boards, and what a bench is made of."""


@app.command()
def run(
    models: Annotated[list[Path], typer.Argument(metavar="MODELS...", help=".tflite files.")],
    board: Annotated[list[str], typer.Option("--board", "-b", help="A board's name, or its .toml file; repeatable.")],
    optimize: Optimized = Optimize.balanced,
    patches: Patched = "off",
    peers: Annotated[Path | None, typer.Option(help="Figures of other engines, to compare with.")] = None,
    against: Annotated[Path | None, typer.Option(help="Fail when worse than this record.")] = None,
    max_growth: Annotated[str, typer.Option(help="By how much figures may be worse than the record.")] = "1%",
    record: Annotated[Path | None, typer.Option(help="Write the figures to this record.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write a page with bars for each engine.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure models on boards: speed, memory, code."""
    from tinykit.bench import Peers, load_peers, load_record, measure, regressions, save_record
    from tinykit.bench.html import write_html
    from tinykit.bench.terminal import show
    from tinykit.board import load_board
    from tinykit.compiler.patches import parse_patches
    from tinykit.hil.baseline import parse_percent

    # what is wrong should not cost a measurement
    wanted = parse_patches(patches)
    most = parse_percent(max_growth, "--max-growth")
    boards = [load_board(name) for name in board]
    others = Peers() if peers is None else load_peers(peers)
    before = {} if against is None else load_record(against)
    if record is not None and record.exists():
        load_record(record)
    for file in (record, html):
        if file is not None:
            check_writable(str(file))
    rows = []
    with progress_bar() as progress:
        for number, (one, model) in enumerate((b, m) for b in boards for m in models):
            progress(f"{model.stem} on {one.name}", number, len(boards) * len(models))
            rows.append(measure(model, one, optimize.value, wanted))
    worse = regressions(rows, before, most)
    if record is not None:
        save_record(record, rows)
    if html is not None:
        write_html(rows, others, html)
    if json:
        print_json(
            {
                "schema": 1,
                "rows": [
                    {**asdict(row), "peers": [peer.model_dump() for peer in others.of(row.core, row.model)]}
                    for row in rows
                ],
                "worse": worse,
            }
        )
    else:
        show(rows, others, console())
        for line in worse:
            console().print(f"worse than the record: {line}", style="red", markup=False, soft_wrap=True)
    if worse:
        raise typer.Exit(1)


@app.command()
def discover(
    emulators: Annotated[bool, typer.Option("--emulators", help="Also the boards that are emulators.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what is connected as a bench.toml."""
    from tinykit.board import list_boards
    from tinykit.hil.inventory.discover import inventory_text, propose, propose_emulators
    from tinykit.link.ports import list_ports

    found = propose(list_ports())
    if not found:
        console(stderr=True).print("no serial ports: connect a board with a cable that carries data", soft_wrap=True)
    if emulators:
        found += propose_emulators(list_boards())
    if json:
        print_json([asdict(proposal) for proposal in found])
    else:
        print(inventory_text(found), end="")
