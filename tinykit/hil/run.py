"""The whole way, from a model file to a report."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tinykit.board import Board, load_board
from tinykit.compiler.choice import Optimize
from tinykit.compiler.patches import Patches
from tinykit.emulate.required import require_emulator
from tinykit.errors import BuildFailed, InputError, TinykitError, WrongFirmware
from tinykit.files import make_folder
from tinykit.firmware import Image, load_image
from tinykit.firmware.engine import RUNNER_ENGINES, Engine
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.flash import flash
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.baseline import Baseline, compare_with_baseline, load_baseline
from tinykit.hil.dataset import Dataset, generated_dataset, load_dataset
from tinykit.hil.energy import open_meter
from tinykit.hil.energy.session import check_energy, energy_used
from tinykit.hil.estimate import check_estimate, estimate_cycles
from tinykit.hil.measure import Progress, measure
from tinykit.hil.reference import run_litert, run_reference
from tinykit.hil.report import Report, write_reports
from tinykit.hil.report.failure import write_failure
from tinykit.hil.requirement import check_labels, require_accuracy
from tinykit.hil.session import Session


@dataclass(frozen=True)
class RunOptions:
    """How a model is tested.

    Attributes:
        data: .npz file of samples; None means generated noise.
        limit: use the first samples only.
        port: a serial port instead of the board's emulator.
        timeout: seconds that one inference may take on the device.
        reference: compare with TFLite-Micro, and where it is installed with LiteRT, on this computer.
        engine: what runs the model on the device.
        tflm_path: for engine "tflm": TFLite-Micro's sources; $TINYKIT_TFLM_PATH by default.
        baseline, max_regress: an earlier report, and by how many percent figures may be worse.
        min_accuracy: share of right answers, 0 to 1, below which the test fails.
        optimize: what the kernels of engine "aot" are chosen for.
        builder: what builds the firmware, instead of the board's own.
        mlperf, marker: as of BuildOptions.
        patches: in how many a stage of the network is computed, with engine "aot".
        meter: what measures the board's supply, as ``open_meter`` takes it.
        battery: for an estimate of its life, as ``parse_battery`` takes it.
        estimate: name of a board whose cycles are estimated from a trace of the emulator.
    """

    data: Path | None = None
    limit: int | None = None
    port: str | None = None
    timeout: float = 120.0
    reference: bool = True
    engine: Engine = "aot"
    tflm_path: Path | None = None
    baseline: Path | None = None
    max_regress: float = 5.0
    min_accuracy: float | None = None
    optimize: Optimize = "balanced"
    builder: str | None = None
    mlperf: str | None = None
    marker: str | None = None
    patches: Patches = "off"
    estimate: str | None = None
    meter: str | None = None
    battery: str | None = None

    @property
    def build(self) -> BuildOptions:
        """How the firmware is built."""
        return BuildOptions(
            optimize=self.optimize,
            builder=self.builder,
            engine=self.engine,
            tflm_path=self.tflm_path,
            mlperf=self.mlperf,
            marker=self.marker,
            patches=self.patches,
        )


def run_model(
    model: Path, board_name: str, options: RunOptions, *, out_dir: Path | None = None, progress: Progress | None = None
) -> Report:
    """Compile, build, start and test a model on a board; hardware is flashed first, where the board says how.

    Args:
        out_dir: keeps the project (``firmware``) and the reports; without it nothing is kept.

    Raises:
        TinykitError: whatever goes wrong on the way. Outputs that differ are no error but a report that failed.
    """
    if out_dir is not None:
        spare_baseline(options.baseline, out_dir / "report.json")
    with _failure_reported(out_dir, f"{model.stem} on {Path(board_name).stem}"):
        board = load_board(board_name)
        check_estimate(board, options.estimate)
        check_energy(options.meter, options.battery)
        graph = read_model(model)
        # before the build: a wrong file, or an emulator that is not there, should not cost one
        if options.port is None and options.engine not in RUNNER_ENGINES:
            require_emulator(board)
        data = load_data(graph, options)
        baseline = _load_baseline(options, graph, board, data, options.engine)
        with kept_folder(out_dir) as folder:
            if progress is not None:
                progress(_building(board, options.engine), 0, 1)
            try:
                image = build_model(model, board, folder / "firmware", options.build)
            except BuildFailed as error:
                if out_dir is None:  # the log goes with the folder
                    raise BuildFailed(
                        error.what, why=error.why, hint="keep the project and its log: --out DIR"
                    ) from None
                raise
            if image.served_at is not None or (board.emulator is None and board.flasher.kind != "none"):
                flash(board, image, options.port, progress=progress)
            return _test(image, graph, model, data, baseline, options, out_dir, progress)


def run_project(
    root: Path, options: RunOptions, *, out_dir: Path | None = None, progress: Progress | None = None
) -> Report:
    """Test a firmware that was built earlier in ``root``.

    Raises:
        TinykitError: as ``run_model``; InputError also when the folder is no built project with its model.
    """
    if out_dir is not None:
        spare_baseline(options.baseline, out_dir / "report.json")
    with _failure_reported(out_dir, root.resolve().name):
        image = load_image(root)
        model, graph = model_of(image)
        data = load_data(graph, options)
        baseline = _load_baseline(options, graph, image.board, data, image.project.engine)
        return _test(image, graph, model, data, baseline, options, out_dir, progress)


def model_of(image: Image) -> tuple[Path, Graph]:
    """The copy of its model that a project keeps.

    Raises:
        InputError: it has none.
        ModelError: it cannot be read.
    """
    model = image.project.model_file
    if model is None or not model.is_file():
        raise InputError(
            "the project has no copy of its model",
            where=str(image.project.root),
            hint="build it again with `tinykit build`",
        )
    # the copy in the project has a name of its own; reports of `run` and `test` are to be comparable
    return model, replace(read_model(model), name=image.project.model_name)


def load_data(graph: Graph, options: RunOptions) -> Dataset:
    """The samples to test with: of the file, or generated."""
    if options.limit is not None and options.limit < 1:
        raise InputError(f"--limit {options.limit} leaves no samples", hint="give a number from 1 up")
    if options.data is not None:
        data = load_dataset(options.data, graph, options.limit)
    else:
        data = generated_dataset(graph) if options.limit is None else generated_dataset(graph, options.limit)
    check_labels(data, options.min_accuracy)
    return data


def _test(
    image: Image,
    graph: Graph,
    model: Path,
    data: Dataset,
    baseline: Baseline | None,
    options: RunOptions,
    out_dir: Path | None,
    progress: Progress | None,
) -> Report:
    def on_host(done: int, total: int) -> None:
        if progress is not None:
            progress("running on the host", done, total)

    target = check_estimate(image.board, options.estimate)
    check_energy(options.meter, options.battery)
    # The device first: that it does not answer should not cost the wait for the host.
    with Session(image.board, image, port=options.port, timeout=options.timeout) as session:
        if session.info.model_sha256 != graph.sha256:
            raise WrongFirmware(
                "the firmware has another model than the one it is tested with",
                where=str(model),
                why=f"it says {session.info.model_sha256[:16]}..., the file has {graph.sha256[:16]}...",
                hint="build it again with `tinykit build`",
            )
        reference = run_reference(model, data, on_host) if options.reference else None
        litert = run_litert(model, data) if options.reference else None
        report = measure(session, graph, data, reference, progress, litert)
        meter = None if options.meter is None else open_meter(options.meter)
        report = replace(report, energy=energy_used(session, report.latency, meter, options.battery))
    if target is not None:
        if progress is not None:
            progress(f"tracing for {target.name}", 0, 1)
        estimate = estimate_cycles(image, target, data.sample(0), round(report.latency.p50), options.timeout)
        report = replace(report, estimate=estimate)
    if options.min_accuracy is not None:
        report = require_accuracy(report, options.min_accuracy)
    if baseline is not None:
        report = compare_with_baseline(report, baseline, options.max_regress)
    if out_dir is not None:
        write_reports(report, out_dir)
    return report


def _building(board: Board, engine: Engine) -> str:
    return f"building for {board.name}" if engine == "aot" else f"building for {board.name} with {engine}"


def _load_baseline(options: RunOptions, graph: Graph, board: Board, data: Dataset, engine: str) -> Baseline | None:
    """The baseline, if there is one and as far as is known before the test it can be compared with."""
    if options.baseline is None:
        return None
    baseline = load_baseline(options.baseline)
    check_baseline(baseline, graph, board, data, engine)
    return baseline


def check_baseline(baseline: Baseline, graph: Graph, board: Board, data: Dataset, engine: str) -> None:
    """See, as far as is known before a test, that it can be compared with the baseline.

    Raises:
        InputError: it cannot.
    """
    baseline.require(
        {
            "model.name": graph.name,
            "board": board.name,
            "engine": engine,
            "latency.unit": board.counter.unit,
            "accuracy.data_sha256": data.sha256,
            "accuracy.n": data.size,
        }
    )


def spare_baseline(baseline: Path | None, new_report: Path) -> None:
    """Refuse to write a new report over the baseline: the next run would take a regression for the rule.

    Raises:
        InputError: both are one file.
    """
    if baseline is not None and baseline.resolve() == new_report.resolve():
        raise InputError(
            "the new report would replace the baseline",
            where=str(baseline),
            hint="write it elsewhere, or keep a copy of the baseline",
        )


@contextlib.contextmanager
def _failure_reported(out_dir: Path | None, name: str) -> Iterator[None]:
    """Whatever goes wrong leaves a report that says so, and none of an earlier test."""
    try:
        yield
    except TinykitError as error:
        if out_dir is not None:
            with contextlib.suppress(OSError):  # what went wrong first is what the user has to know
                write_failure(error, name, out_dir)
        raise


@contextlib.contextmanager
def kept_folder(out_dir: Path | None) -> Iterator[Path]:
    """``out_dir``, or a folder that does not outlive the block.

    Raises:
        InputError: ``out_dir`` cannot be written: said before the work whose results it is for.
    """
    if out_dir is not None:
        make_folder(out_dir)
        yield out_dir
        return
    with tempfile.TemporaryDirectory(prefix="tinykit-run-") as temporary:
        yield Path(temporary)
