"""A run by the rules: build, start, measure, write down."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tinykit.board import load_board
from tinykit.emulate import open_board
from tinykit.errors import InputError, TinykitError, WrongFirmware
from tinykit.firmware import Image, load_image
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.firmware.mlperf import AUTO, MLPERF_IDS, MlperfId, mlperf_id
from tinykit.flash import flash
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset
from tinykit.hil.measure import Progress
from tinykit.hil.run import RunOptions, kept_folder, load_data, model_of
from tinykit.link import Client
from tinykit.mlperf.client import MlperfClient
from tinykit.mlperf.measure import check_labels, measure_accuracy, measure_performance
from tinykit.mlperf.report import prepare_folder, write_results
from tinykit.mlperf.result import MlperfResult

Mode = Literal["performance", "accuracy", "both"]


@dataclass(frozen=True)
class MlperfOptions:
    """How to run.

    Attributes:
        board: what a model is built for, or what a project must be for; only a project may go without.
        port: a serial port instead of the board's emulator.
        data: .npz file of samples and labels; without it performance mode takes noise.
        limit: use the first samples only.
        timeout: seconds that one inference may take.
        build: how a model is built; ``mlperf`` is which of the benchmark's models it is.
    """

    mode: Mode = "performance"
    board: str | None = None
    port: str | None = None
    data: Path | None = None
    limit: int | None = None
    timeout: float = 120.0
    build: BuildOptions = field(default_factory=lambda: BuildOptions(mlperf="auto"))


def run_mlperf(
    source: Path, options: MlperfOptions, *, out_dir: Path | None = None, progress: Progress | None = None
) -> MlperfResult:
    """Run a model, or a project that was built with ``--mlperf``, by the benchmark's rules.

    Args:
        out_dir: keeps log.txt, results.txt and results.json, also of a run that fails, and of a model the project
            (``firmware``).

    Raises:
        TinykitError: whatever goes wrong on the way. An accuracy below the floor is none: see ``failures``.
    """
    if out_dir is not None:
        prepare_folder(out_dir)
    tell = progress or _silent
    transcript: list[str] = []
    try:
        result = _run(source, options, out_dir, tell, transcript)
    except TinykitError as error:
        if out_dir is not None:
            with contextlib.suppress(InputError):  # what went wrong first is what the user has to know
                write_results(out_dir, transcript, error)
        raise
    if out_dir is not None:
        write_results(out_dir, transcript, result)
    return result


def _run(
    source: Path, options: MlperfOptions, out_dir: Path | None, progress: Progress, transcript: list[str]
) -> MlperfResult:
    if source.is_dir():
        image, graph = _project(source, options)
        model = _id_of(image, source, options)
        data = _data(graph, model, options)  # before the board is touched: a wrong file should not cost that
        return _measure(image, graph, model, data, options, progress, transcript)
    if options.board is None:
        raise InputError("which board is this for?", where=str(source), hint="name it with --board")
    board = load_board(options.board)
    graph = read_model(source)
    found = mlperf_id(options.build.mlperf, graph, str(source))
    if found is None:
        raise InputError("which of the benchmark's models is this?", where=str(source), hint="say it with --id")
    data = _data(graph, found, options)
    with kept_folder(out_dir) as folder:
        progress(f"building for {board.name}", 0, 1)
        image = build_model(source, board, folder / "firmware", replace(options.build, mlperf=found))
        if board.emulator is None and board.flasher.kind != "none":
            flash(board, image, options.port, progress=progress)
        return _measure(image, graph, found, data, options, progress, transcript)


def _project(root: Path, options: MlperfOptions) -> tuple[Image, Graph]:
    image = load_image(root)
    if options.board is not None and load_board(options.board).name != image.board.name:
        raise InputError(
            f"the project is for {image.board.name}, not for {options.board}",
            where=str(root),
            hint="leave --board out, or build it for that board",
        )
    return image, model_of(image)[1]


def _id_of(image: Image, root: Path, options: MlperfOptions) -> MlperfId:
    found = next((name for name in MLPERF_IDS if name == image.project.mlperf), None)
    if found is None:
        raise InputError(
            "the project does not speak MLPerf Tiny's protocol",
            where=str(root),
            hint="build it with `tinykit build --mlperf auto`",
        )
    if options.build.mlperf not in (AUTO, found):
        raise InputError(
            f"the project was built as {found}, not as {options.build.mlperf}",
            where=str(root),
            hint="leave --id out, or build it anew",
        )
    return found


def _data(graph: Graph, model: MlperfId, options: MlperfOptions) -> Dataset:
    data = load_data(graph, RunOptions(data=options.data, limit=options.limit))
    if options.mode != "performance":
        check_labels(model, data)
    return data


def _measure(
    image: Image,
    graph: Graph,
    model: MlperfId,
    data: Dataset,
    options: MlperfOptions,
    progress: Progress,
    transcript: list[str],
) -> MlperfResult:
    with open_board(image.board, image, options.port) as stream:
        # The text cannot say which build answers; the frames on the same line can.
        info = Client(stream, expected_build=image.build_id).connect()
        client = MlperfClient(stream, inference_timeout=options.timeout)
        try:
            device = client.connect()
            profile, answered = client.profile()
            if answered != model:
                raise WrongFirmware(
                    f"the firmware says that it is {answered}, expected {model}",
                    where=stream.description,
                    hint="build it again with `tinykit build --mlperf`",
                )
            result = MlperfResult(model, graph.name, image.board.name, info.engine, info.build_id, device, profile)
            if options.mode != "accuracy":
                performance = measure_performance(client, model, data, image.board.counter, progress)
                result = replace(result, performance=performance)
            if options.mode != "performance":
                result = replace(result, accuracy=measure_accuracy(client, model, data, progress))
            return result
        finally:
            transcript += client.transcript


def _silent(what: str, done: int, total: int) -> None:
    pass
