"""The whole way, from a model file to a report."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tinykit.board import Board, load_board
from tinykit.compiler import Target, compile_graph
from tinykit.errors import DeviceError, InputError
from tinykit.firmware import Image, build_project, load_image, render_project
from tinykit.firmware.project import Optimize
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.baseline import compare_with_baseline
from tinykit.hil.dataset import Dataset, generated_dataset, load_dataset
from tinykit.hil.measure import Progress, measure
from tinykit.hil.reference import run_reference
from tinykit.hil.report import Report, write_reports
from tinykit.hil.report.failure import write_failure
from tinykit.hil.session import Session


@dataclass(frozen=True)
class RunOptions:
    """How a model is tested.

    Attributes:
        data: .npz file of samples; None means generated noise.
        limit: use the first samples only.
        port: a serial port instead of the board's emulator.
        timeout: seconds that one inference may take on the device.
        reference: compare with TFLite-Micro on this computer.
        baseline, max_regress: an earlier report, and by how many percent figures may be worse.
        builder: what builds the firmware, instead of the board's own.
    """

    data: Path | None = None
    limit: int | None = None
    port: str | None = None
    timeout: float = 120.0
    reference: bool = True
    baseline: Path | None = None
    max_regress: float = 5.0
    builder: str | None = None


def build_model(
    model: Path,
    board: Board,
    out_dir: Path,
    *,
    optimize: Optimize = "O2",
    sanitize: bool = False,
    builder: str | None = None,
) -> Image:
    """Compile a model and build the board's firmware in ``out_dir``, with the board's builder or another.

    Raises:
        TinykitError: any of the errors of reading, compiling, rendering and building.
    """
    graph = read_model(model)
    compiled = compile_graph(graph, Target(board.core, frozenset(board.features)), where=str(model))
    project = render_project(
        compiled, board, out_dir, model_file=model, optimize=optimize, sanitize=sanitize, builder=builder
    )
    return build_project(project)


def run_model(
    model: Path, board_name: str, options: RunOptions, *, out_dir: Path | None = None, progress: Progress | None = None
) -> Report:
    """Compile, build, start and test a model on a board.

    Args:
        out_dir: keeps the project (``firmware``) and the reports; without it nothing is kept.

    Raises:
        TinykitError: whatever goes wrong on the way. Outputs that differ are no error but a report that failed.
    """
    board = load_board(board_name)
    graph = read_model(model)
    data = load_data(graph, options)  # before the build: a wrong data file should not cost one
    with _folder(out_dir) as folder:
        if progress is not None:
            progress(f"building for {board.name}", 0, 1)
        image = build_model(model, board, folder / "firmware", builder=options.builder)
        return _test(image, graph, model, data, options, out_dir, progress)


def run_project(
    root: Path, options: RunOptions, *, out_dir: Path | None = None, progress: Progress | None = None
) -> Report:
    """Test a firmware that ``build_model`` built earlier in ``root``.

    Raises:
        TinykitError: as ``run_model``; InputError also when the folder is no built project with its model.
    """
    image = load_image(root)
    model = image.project.model_file
    if model is None or not model.is_file():
        raise InputError(
            "the project has no copy of its model", where=str(root), hint="build it again with `tinykit build`"
        )
    graph = read_model(model)
    return _test(image, graph, model, load_data(graph, options), options, out_dir, progress)


def load_data(graph: Graph, options: RunOptions) -> Dataset:
    """The samples to test with: of the file, or generated."""
    if options.limit is not None and options.limit < 1:
        raise InputError(f"--limit {options.limit} leaves no samples", hint="give a number from 1 up")
    if options.data is not None:
        return load_dataset(options.data, graph, options.limit)
    return generated_dataset(graph) if options.limit is None else generated_dataset(graph, options.limit)


def _test(
    image: Image,
    graph: Graph,
    model: Path,
    data: Dataset,
    options: RunOptions,
    out_dir: Path | None,
    progress: Progress | None,
) -> Report:
    def on_host(done: int, total: int) -> None:
        if progress is not None:
            progress("running on the host", done, total)

    reference = run_reference(model, graph, data, on_host) if options.reference else None
    try:
        with Session(image.board, image, port=options.port, timeout=options.timeout) as session:
            report = measure(session, graph, data, reference, progress)
    except DeviceError as error:
        if out_dir is not None:
            write_failure(error, f"{graph.name} on {image.board.name}", out_dir)
        raise
    if options.baseline is not None:
        report = compare_with_baseline(report, options.baseline, options.max_regress)
    if out_dir is not None:
        write_reports(report, out_dir)
    return report


@contextlib.contextmanager
def _folder(out_dir: Path | None) -> Iterator[Path]:
    if out_dir is not None:
        yield out_dir
        return
    with tempfile.TemporaryDirectory(prefix="tinykit-run-") as temporary:
        yield Path(temporary)
