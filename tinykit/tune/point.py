"""What a candidate is worth on a board: converted, compiled, built, and run there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.board import load_board
from tinykit.convert.evaluation import Score, outputs_of, score
from tinykit.convert.interpreter import Progress
from tinykit.convert.options import STATIC, ConvertOptions
from tinykit.convert.run import convert_model
from tinykit.convert.samples import Samples, load_samples, read_arrays
from tinykit.convert.targets import check_graph
from tinykit.errors import CheckFailed, InputError
from tinykit.firmware.from_model import build_model
from tinykit.graph.macs import total_macs
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Graph
from tinykit.hil.run import RunOptions, run_model
from tinykit.text import first_line
from tinykit.tune.candidate import Candidate, as_float_model
from tinykit.tune.settings import Latency, Objective

_ON_BOARD = 5
"""Samples on the board: what an inference counts hardly depends on them."""


@dataclass(frozen=True)
class Point:
    """A model's figures.

    Attributes:
        accuracy: on the data, of the model as it runs on the board; ``float_accuracy`` before it was quantized, None
            where that is not known. ``metric``: "top1", "binary" or "r2".
        flash, ram: bytes of the whole firmware: everything in flash; static RAM with the arena, without the stack.
        latency: of one inference, in ``unit``, counted by ``source``.
        quantize: how it was quantized.
        tflite_bytes: size of the .tflite.
    """

    accuracy: float
    float_accuracy: float | None
    metric: str
    flash: int
    ram: int
    latency: float
    unit: str
    source: str
    quantize: str
    tflite_bytes: int

    def values(self, objectives: tuple[Objective, ...]) -> list[float]:
        return [float(getattr(self, name)) for name in objectives]


@dataclass(frozen=True)
class _Deployed:
    """A .tflite, its scores before and after it was quantized, and samples as it takes them."""

    tflite: bytes
    graph: Graph
    score: Score
    float_score: Score | None
    samples: Samples


@dataclass(frozen=True)
class Bench:
    """Measures candidates, always in the same way.

    Attributes:
        board: name or file.
        data: .npz with ``x`` and ``y``; ``limit`` takes the first samples only.
        calibration: .npz or .npy; None where nothing is quantized.
        latency: see ``Settings``.
        trust: files of models may run code.
    """

    board: str
    data: Path
    calibration: Path | None
    latency: Latency
    limit: int | None
    trust: bool

    def check(self) -> None:
        """That the files can be used at all, before anything is trained.

        Raises:
            InputError: they cannot be read, or have no labels.
        """
        labels = _read(self.data, None)[1]
        if labels is None:
            raise InputError(
                "there are no labels",
                where=str(self.data),
                why="without them accuracy cannot be measured",
                hint="save them as y: numpy.savez(file, x=samples, y=labels)",
            )
        if self.calibration is not None:
            _read(self.calibration, None)

    def measure(self, candidate: Candidate, where: str, progress: Progress | None = None) -> tuple[Point, bytes]:
        """The figures and the .tflite.

        Raises:
            UnsupportedModel, DoesNotFit: this candidate is not possible on the board.
            InputError: what the function returned, or the data, is wrong.
            TinykitError: a tool is missing or fails.
        """
        with tempfile.TemporaryDirectory(prefix="tinykit-tune-") as name:
            folder = Path(name)
            deployed = self._deploy(candidate, folder, where, progress)
            path = folder / "model.tflite"
            path.write_bytes(deployed.tflite)
            figures = self._emulated if self.latency == "emulator" else self._built
            flash, ram, latency, unit, source = figures(path, deployed, where, progress)
        after, before = deployed.score, deployed.float_score
        point = Point(
            after.value, None if before is None else before.value, after.metric, flash, ram, latency, unit, source,
            str(candidate.quantize), len(deployed.tflite),
        )  # fmt: skip
        return point, deployed.tflite

    def _deploy(self, candidate: Candidate, folder: Path, where: str, progress: Progress | None) -> _Deployed:
        assert candidate.quantize is not None
        model = as_float_model(candidate.model, where, trust=self.trust)
        data = _prepared(self.data, candidate.prepare, self.limit, folder / "data.npz", where)
        if isinstance(model, bytes):
            graph = parse_model(model, name="model", where=where)
            check_graph(graph, "mcu", where)
            samples = load_samples(str(data), [graph.tensor(i) for i in graph.inputs], limit=self.limit)
            assert samples.labels is not None
            found = score(outputs_of(model, samples, where, progress), samples.labels, str(self.data))
            return _Deployed(model, graph, found, None, samples)
        calibration = None
        if candidate.quantize in STATIC and self.calibration is not None:
            calibration = str(_prepared(self.calibration, candidate.prepare, None, folder / "cal.npz", where))
        options = ConvertOptions(
            candidate.quantize, calibration=calibration, data=data, limit=self.limit, identity=False, layers=False
        )
        result = convert_model(model, where, options, progress)
        assert result.after is not None
        graph = parse_model(result.tflite, name="model", where=where)
        tensors = [graph.tensor(i) for i in graph.inputs]
        few = load_samples(str(data), tensors, channels_moved=model.channels_moved, limit=_ON_BOARD)
        return _Deployed(result.tflite, graph, result.after, result.before, few)

    def _emulated(
        self, path: Path, model: _Deployed, where: str, progress: Progress | None
    ) -> tuple[int, int, float, str, str]:
        data = path.with_name("few.npz")
        names = ["x"] if len(model.samples.inputs) == 1 else [f"x{i}" for i in range(len(model.samples.inputs))]
        few = {name: values[:_ON_BOARD] for name, values in zip(names, model.samples.inputs, strict=True)}
        np.savez(data, **few)  # type: ignore[arg-type]  # numpy's stub takes them for allow_pickle
        report = run_model(path, self.board, RunOptions(data=data), progress=progress)
        if report.failures:
            raise CheckFailed(
                f"the model does not run on {report.board} as on this computer",
                where=where,
                why="\n       ".join(report.failures),
                hint="please report it with the model: this is a bug in tinykit",
            )
        latency, memory = report.latency, report.memory
        return memory.flash, memory.static_ram, latency.p50, latency.unit, latency.source

    def _built(
        self, path: Path, model: _Deployed, where: str, progress: Progress | None
    ) -> tuple[int, int, float, str, str]:
        macs = total_macs(model.graph)
        if macs == 0:
            raise InputError(
                "the model has no multiply-accumulates to compare by",
                where=where,
                why="decision trees only compare",
                hint="give --latency emulator, or a board that has one",
            )
        if progress is not None:
            progress(f"building for {self.board}", 0, 1)
        sizes = build_model(path, load_board(self.board), path.with_name("firmware")).sizes
        return sizes.flash, sizes.static_ram, float(macs), "MACs", "counted in the model"


def _prepared(
    path: Path, prepare: Callable[[np.ndarray], np.ndarray] | None, limit: int | None, out: Path, where: str
) -> Path:
    """A file with samples as the model takes them; ``path`` itself where nothing has to be prepared."""
    if prepare is None:
        return path
    (x,), labels = _read(path, 1)
    try:
        values: Any = np.asarray(prepare(x[:limit]))
        if values.ndim == 0 or len(values) != len(x[:limit]) or values.dtype.kind not in "fiub":
            raise ValueError(f"it gave {values.dtype} of shape {list(values.shape)} for {len(x[:limit])} samples")
    except Exception as error:  # the user's code
        raise InputError(
            "prepare() of the candidate failed",
            where=where,
            why=f"{type(error).__name__}: {first_line(error)}",
            hint="it is given samples as they are in the file, (N, ...), and has to return as many",
        ) from None
    np.savez(out, x=values, **({} if labels is None else {"y": labels[:limit]}))  # type: ignore[arg-type]
    return out


def _read(path: Path, inputs: int | None) -> tuple[list[np.ndarray], np.ndarray | None]:
    """Arrays of a file; None inputs: of a model that is not known yet."""
    if inputs is not None:
        return read_arrays(path, inputs)
    try:
        return read_arrays(path, 1)
    except InputError as error:
        if not error.what.startswith("no array"):
            raise
        return read_arrays(path, 2)  # x0, x1, ...: the first model will say how many
