"""What a model would be on the chip."""

from __future__ import annotations

import tempfile
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.board import load_board
from tinykit.compress.network import Framework
from tinykit.compress.result import OnBoard
from tinykit.convert.evaluation import Score, outputs_of, score
from tinykit.convert.interpreter import Progress
from tinykit.convert.normalize import normalize
from tinykit.convert.quantize import Scheme, quantize
from tinykit.convert.samples import Samples, load_samples
from tinykit.convert.statistics import Clipping, collect
from tinykit.convert.targets import check_graph, float_islands
from tinykit.errors import CheckFailed, InputError, UnsupportedModel
from tinykit.graph.macs import total_macs
from tinykit.graph.reader import parse_model
from tinykit.hil.run import RunOptions, run_model

CALIBRATED = 500
"""Training samples that give ranges to quantize with, where the model has none of its own."""
_ON_BOARD = 5
"""Samples on the board: what an inference counts hardly depends on them."""


@dataclass(frozen=True)
class Deployed:
    """A model in float and in int8.

    Attributes:
        tflite: the int8 .tflite.
        float_bytes: of the float .tflite.
        macs: of one inference.
        float_score, int8_score: on the test samples.
    """

    tflite: bytes
    float_bytes: int
    macs: int
    float_score: Score
    int8_score: Score


class Bench:
    """Measures models on always the same samples.

    Args:
        model: the source, which says what samples have to look like.
        train, test: .npz files.

    Raises:
        InputError: a file cannot be read or does not fit the model.
    """

    def __init__(self, framework: Framework, model: Any, source: str, train: Path, test: Path) -> None:
        self._framework, self._where = framework, source
        exported = framework.float_model(model, source)
        graph = parse_model(normalize(exported.tflite, source), name="model", where=source)
        tensors = [graph.tensor(i) for i in graph.inputs]
        self.train = load_samples(str(train), tensors, channels_moved=exported.channels_moved)
        self.test = load_samples(str(test), tensors, channels_moved=exported.channels_moved)
        self._test_name = str(test)
        if self.test.labels is None:
            raise InputError(
                "there are no labels",
                where=str(test),
                why="without them accuracy cannot be measured",
                hint="save them as y: numpy.savez(file, x=samples, y=labels)",
            )

    def deploy(self, model: Any, clipping: Clipping, progress: Progress | None) -> Deployed:
        """The model in float and in int8, and how well both do.

        Raises:
            UnsupportedModel: it cannot be converted or quantized; says what cannot.
        """
        exact = normalize(self._framework.float_model(model, self._where).tflite, self._where)
        small = self._framework.quantized(model, self._where)
        if small is None:
            ranges = collect(exact, [values[:CALIBRATED] for values in self.train.inputs], self._where, progress)
            small = quantize(exact, Scheme("int8", clipping), ranges, self._where)
        graph = parse_model(small, name="model", where=self._where)
        islands = float_islands(graph)
        if islands:
            raise UnsupportedModel(
                f"these stay in float32: {', '.join(f'{op.index} {op.kind}' for op in islands)}",
                where=self._where,
                why="the quantizer has no range or no integer form for them",
                hint="use other layers there, or leave out the step qat",
            )
        check_graph(graph, "mcu", self._where)
        return Deployed(
            small, len(exact), total_macs(graph), self._score(exact, progress, "float"),
            self._score(small, progress, "int8"),
        )  # fmt: skip

    def _score(self, tflite: bytes, progress: Progress | None, kind: str) -> Score:
        labels = self.test.labels
        assert labels is not None
        outputs = outputs_of(tflite, self.test, self._where, progress, f"accuracy in {kind}")
        return score(outputs, labels, self._test_name)

    def on_board(self, tflite: bytes, board: str, progress: Progress | None) -> OnBoard:
        """Compile, build and run the model on the board's emulator.

        Raises:
            TinykitError: it does not fit, a tool is missing, or the emulator fails.
            CheckFailed: the board's answers differ from TFLite-Micro's.
        """
        with tempfile.TemporaryDirectory(prefix="tinykit-compress-") as name:
            path, data = Path(name) / "model.tflite", Path(name) / "samples.npz"
            path.write_bytes(tflite)
            _save(self.test, data)
            with warnings.catch_warnings():
                # jax, which LiteRT Torch brings, says so of every program that is started
                warnings.filterwarnings("ignore", r"os\.fork\(\) was called", RuntimeWarning)
                report = run_model(path, board, RunOptions(data=data), progress=progress)
        if report.failures:
            raise CheckFailed(
                f"the model does not run on {board} as on this computer",
                where=self._where,
                why="\n       ".join(report.failures),
                hint="please report it with the model: this is a bug in tinykit",
            )
        latency, memory = report.latency, report.memory
        return OnBoard(
            report.board, latency.unit, latency.source, latency.p50, memory.flash, memory.weights + memory.tables,
            memory.static_ram, memory.arena,
        )  # fmt: skip


def packed(tflite: bytes) -> int:
    """Bytes after zlib at its strongest."""
    return len(zlib.compress(tflite, 9))


def emulated_board(name: str) -> str:
    """The board's name or file, if an emulator can count for it.

    Raises:
        InputError: it is unknown, or real hardware.
    """
    board = load_board(name)
    if board.emulator is None:
        raise InputError(
            f"board {board.name} has no emulator",
            why="instructions are counted on emulators, after every step",
            hint="give a board with the same core that `tinykit boards` lists as emulated, as qemu-mps2-an386 for a "
            "Cortex-M4; then `tinykit run` on the real one",
        )
    return name


def _save(samples: Samples, path: Path) -> None:
    names = ["x"] if len(samples.inputs) == 1 else [f"x{i}" for i in range(len(samples.inputs))]
    arrays = {name: values[:_ON_BOARD] for name, values in zip(names, samples.inputs, strict=True)}
    np.savez(path, **arrays)  # type: ignore[arg-type]  # numpy's stub takes them for allow_pickle
