"""A board with a model on it, as tests want it: arrays in, arrays and figures out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tinykit.board import load_board
from tinykit.emulate.required import require_emulator
from tinykit.errors import InputError
from tinykit.firmware.from_model import build_model
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset, quantize
from tinykit.hil.measure import measure
from tinykit.hil.reference import run_reference
from tinykit.hil.report import Report
from tinykit.hil.run import RunOptions, load_data
from tinykit.hil.session import Session
from tinykit.hil.statistics import percentile
from tinykit.link import DeviceInfo


class BenchBoard:
    """One open session.

    Attributes:
        name: of the board.
        graph: the source model.
        data: the samples given on the command line, or generated ones.
    """

    def __init__(self, session: Session, model: Path, graph: Graph, data: Dataset, options: RunOptions) -> None:
        self.name = session.board.name
        self.graph = graph
        self.data = data
        self._session = session
        self._model = model
        self._options = options
        self._report: Report | None = None

    @property
    def info(self) -> DeviceInfo:
        """What the device says of itself."""
        return self._session.info

    def infer(self, *inputs: np.ndarray) -> np.ndarray:
        """Run one sample and return the first output, in its own shape and type.

        Args:
            inputs: one array per model input, of the input's size; in its type, or floats that are quantized.

        Raises:
            InputError: they are too few or too many, or of another type or size.
            DeviceError: the device misbehaves.
        """
        return self._session.infer(*self._in_type(inputs)).outputs[0]

    def measure_latency(self, n: int = 20, percent: float = 50.0) -> float:
        """Latency of one inference of the first sample in the board's unit: a percentile of ``n`` runs."""
        self._session.write(self.data.sample(0))
        counter = self._session.board.counter
        values = sorted(counter.value_exact(ticks) for ticks in self._session.time(n, warmups=1))
        return percentile(values, percent)

    def report(self) -> Report:
        """The full report over all samples; measured once."""
        if self._report is None:
            reference = run_reference(self._model, self.data) if self._options.reference else None
            self._report = measure(self._session, self.graph, self.data, reference)
        return self._report

    def _in_type(self, inputs: tuple[np.ndarray, ...]) -> list[np.ndarray]:
        tensors = [self.graph.tensor(i) for i in self.graph.inputs]
        if len(inputs) != len(tensors):
            raise InputError(f"{len(inputs)} inputs given, the model has {len(tensors)}")
        return [
            quantize(np.asarray(values), tensor)
            if np.asarray(values).dtype.kind == "f" and tensor.dtype.label.startswith(("int", "uint"))
            else np.asarray(values)
            for values, tensor in zip(inputs, tensors, strict=True)
        ]


@contextlib.contextmanager
def open_bench_board(model: Path, board_name: str, folder: Path, options: RunOptions) -> Iterator[BenchBoard]:
    """Build the model for the board in ``folder``, start it, connect.

    Raises:
        TinykitError: whatever goes wrong on the way.
    """
    board = load_board(board_name)
    graph = read_model(model)
    data = load_data(graph, options)
    if options.port is None:
        require_emulator(board)
    image = build_model(model, board, folder)
    with Session(board, image, port=options.port, timeout=options.timeout) as session:
        yield BenchBoard(session, model, graph, data, options)
