"""From a model file to a firmware project, and to firmware."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tinykit.board import Board
from tinykit.compiler import Target, compile_graph
from tinykit.compiler.choice import Optimize
from tinykit.compiler.patches import Patches
from tinykit.errors import InputError
from tinykit.firmware.build import build_project
from tinykit.firmware.engine import RUNNER_ENGINES, Engine
from tinykit.firmware.image import Image, image_of
from tinykit.firmware.lock import folder_lock
from tinykit.firmware.marker import marker_of
from tinykit.firmware.mlperf import mlperf_id
from tinykit.firmware.project import OptLevel, Project, render_project
from tinykit.firmware.runner import ReleaseOptions, render_release
from tinykit.firmware.tflm import render_tflm_project
from tinykit.graph.reader import read_model


@dataclass(frozen=True)
class BuildOptions:
    """How firmware is built.

    Attributes:
        optimize: what the kernels are chosen for.
        patches: in how many a stage of the network is computed; of engine "aot" only.
        opt_level: of the compiler, for the model and its kernels.
        sanitize: with address and undefined-behaviour sanitizers; for the host only.
        builder: instead of the board's own.
        engine: what runs the model: C that the compiler made of it ("aot"), or TFLite-Micro ("tflm"); on a Linux board
            also a runner's: "litert", "edgetpu", or the C as a shared "library".
        tflm_path: for engine "tflm": TFLite-Micro's sources; $TINYKIT_TFLM_PATH by default.
        mlperf: speak MLPerf Tiny's text protocol beside the link, as this one of its models; "auto" guesses which.
        marker: name of a pin that is high during timed inferences, for a meter.
    """

    optimize: Optimize = "balanced"
    opt_level: OptLevel = "O2"
    sanitize: bool = False
    builder: str | None = None
    engine: Engine = "aot"
    tflm_path: Path | None = None
    mlperf: str | None = None
    patches: Patches = "off"
    marker: str | None = None


_DEFAULT = BuildOptions()


def target_of(board: Board) -> Target:
    """What the compiler is to know of a board."""
    return Target(board.core, frozenset(board.features))


def build_model(
    model: Path, board: Board, out_dir: Path, options: BuildOptions = _DEFAULT, *, jobs: int | None = None
) -> Image:
    """Build the board's firmware of a model in ``out_dir``.

    Args:
        jobs: compilers at a time; the number of processors by default.

    Raises:
        TinykitError: any of the errors of reading, compiling, rendering and building.
    """
    with folder_lock(out_dir):
        if options.engine in RUNNER_ENGINES:
            return image_of(_release(model, board, out_dir, options))
        return build_project(_render(model, board, out_dir, options, export=False), jobs=jobs)


def check_build(model: Path, board: Board, options: BuildOptions = _DEFAULT) -> None:
    """See that all is there that building takes, short of compiling.

    Raises:
        TinykitError: as ``build_model``, but for the compiler's own errors.
    """
    with tempfile.TemporaryDirectory(prefix="tinykit-check-") as folder:
        if options.engine in RUNNER_ENGINES:
            _release(model, board, Path(folder), options)
            return
        _render(model, board, Path(folder), options, export=False)


def export_model(model: Path, board: Board, out_dir: Path, options: BuildOptions = _DEFAULT) -> Project:
    """As ``build_model``, without building: for another computer, with the compiler there."""
    if options.engine in RUNNER_ENGINES:
        raise InputError(f"engine {options.engine} is deployed, not exported", hint="use `tinykit deploy`")
    with folder_lock(out_dir):
        return _render(model, board, out_dir, options, export=True)


def _release(model: Path, board: Board, out_dir: Path, options: BuildOptions) -> Project:
    wanted = ReleaseOptions(engine=options.engine)
    return render_release([model], board, out_dir, wanted, optimize=options.optimize, opt_level=options.opt_level)


def _render(model: Path, board: Board, out_dir: Path, options: BuildOptions, *, export: bool) -> Project:
    graph = read_model(model)
    marker_of(board, options.marker)  # before the model is compiled
    mlperf = mlperf_id(options.mlperf, graph, str(model))
    if options.engine == "tflm":
        return render_tflm_project(
            graph,
            board,
            out_dir,
            model_file=model,
            tflm_path=options.tflm_path,
            opt_level=options.opt_level,
            sanitize=options.sanitize,
            builder=options.builder,
            export=export,
            mlperf=mlperf,
            marker=options.marker,
        )
    return render_project(
        compile_graph(graph, target_of(board), optimize=options.optimize, patches=options.patches, where=str(model)),
        board,
        out_dir,
        model_file=model,
        opt_level=options.opt_level,
        sanitize=options.sanitize,
        builder=options.builder,
        export=export,
        mlperf=mlperf,
        marker=options.marker,
    )
