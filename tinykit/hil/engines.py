"""One model, one board, several engines: each is built and measured, then they are put side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tinykit.board import load_board
from tinykit.errors import InputError
from tinykit.firmware.engine import Engine
from tinykit.firmware.from_model import check_build
from tinykit.hil.measure import Progress
from tinykit.hil.report import Report
from tinykit.hil.report.comparison import Comparison, write_comparison
from tinykit.hil.run import RunOptions, run_model


def run_engines(
    model: Path,
    board_name: str,
    engines: Sequence[Engine],
    options: RunOptions,
    *,
    out_dir: Path | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run a model with each engine on the same board and samples, one after the other.

    Args:
        engines: the first is what the others are compared with.
        options: its ``engine`` is not used.
        out_dir: keeps a folder for each engine, as ``run_model`` leaves it, and the comparison.

    Raises:
        InputError: a baseline is given, which could be that of one engine only.
        TinykitError: whatever goes wrong on the way; what an engine lacks is said before the first is built. The
            reports of engines before that one are kept.
    """
    if options.baseline is not None:
        raise InputError(
            "a baseline belongs to one engine",
            where=str(options.baseline),
            hint="compare with a baseline in a run of that engine alone",
        )
    # What a later engine lacks should not cost the measurements of those before it.
    board = load_board(board_name)
    for engine in engines[1:]:
        check_build(model, board, replace(options, engine=engine).build)
    reports: list[Report] = []
    for engine in engines:
        folder = None if out_dir is None else out_dir / engine
        reports.append(run_model(model, board_name, replace(options, engine=engine), out_dir=folder, progress=progress))
    comparison = Comparison(tuple(reports))
    if out_dir is not None:
        write_comparison(comparison, out_dir)
    return comparison
