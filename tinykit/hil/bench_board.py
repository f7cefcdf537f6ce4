"""A board with a model on it, as tests want it: arrays in, arrays and figures out."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinykit.errors import InputError
from tinykit.firmware import Image
from tinykit.firmware.from_model import build_model
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset, quantize
from tinykit.hil.measure import measure
from tinykit.hil.place import Place, engine_at
from tinykit.hil.place_log import PlaceLog
from tinykit.hil.reference import run_reference
from tinykit.hil.report import Report, write_reports
from tinykit.hil.report.numbers import quantity
from tinykit.hil.requirement import require_accuracy
from tinykit.hil.retry import TRANSPORT, remedy
from tinykit.hil.run import RunOptions, load_data
from tinykit.hil.session import Session
from tinykit.hil.statistics import percentile
from tinykit.hil.watched_line import Stop, Traffic, WatchedLine
from tinykit.link import DeviceInfo


class BenchBoard:
    """One open session.

    Attributes:
        name: of the board.
        graph: the source model.
        data: the samples given on the command line, or generated ones.
    """

    def __init__(
        self,
        session: Session,
        model: Path,
        graph: Graph,
        data: Dataset,
        options: RunOptions,
        traffic: Traffic,
        say: Callable[[str], None],
    ) -> None:
        self.name = session.board.name
        self.graph = graph
        self.data = data
        self._session = session
        self._model = model
        self._options = options
        self._traffic = traffic
        self._say = say
        self._report: Report | None = None

    @property
    def info(self) -> DeviceInfo:
        """What the device says of itself."""
        return self._session.info

    def infer(self, *inputs: np.ndarray, fresh: bool = False) -> np.ndarray:
        """Run one sample and return the first output, in its own shape and type.

        Args:
            inputs: one array per model input, of the input's size; in its type, or floats that are quantized.
            fresh: forget earlier runs first, if the model keeps something from run to run.

        Raises:
            InputError: they are too few or too many, or of another type or size.
            DeviceError: the device misbehaves.
        """
        return self._session.infer(*self._in_type(inputs), fresh=fresh).outputs[0]

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

    def require(self, max_latency: float | None, min_accuracy: float | None) -> tuple[str, ...]:
        """What does not hold of the report: p99 latency in the board's unit, share of right answers."""
        report = self.report()
        failures = []
        if max_latency is not None and not report.latency.p99 <= max_latency:
            unit = report.latency.unit
            failures.append(f"latency p99 {quantity(report.latency.p99, unit)} is above {quantity(max_latency, unit)}")
        if min_accuracy is not None:
            failures += require_accuracy(report, min_accuracy).failures[len(report.failures) :]
        return tuple(failures)

    def keep(self, folder: Path) -> None:
        """Write what is known into ``folder``: the report, if there is one, and the line's last transfers into the log.

        Raises:
            InputError: it cannot be written.
        """
        if self._report is not None:
            write_reports(self._report, folder)
        for line in ["the last transfers over the line:", *self._traffic.lines()]:
            self._say(f"  {line}")


@contextlib.contextmanager
def open_bench_board(model: Path, place: Place, folder: Path, options: RunOptions) -> Iterator[BenchBoard]:
    """Hold the place, build the model for its board in ``folder``, flash, start, connect; again by its policy.

    ``folder`` then has the project (``firmware``) and a log.

    Raises:
        TinykitError: whatever goes wrong on the way.
    """
    graph = read_model(model)
    data = load_data(graph, options)
    with place.hold(), PlaceLog(folder / f"{place.name}.log") as log:
        engine = engine_at(place, options.engine)
        image = build_model(model, place.board, folder / "firmware", replace(options, engine=engine).build)
        log.say(f"build {image.build_id}")
        traffic = Traffic()
        with _connected(place, image, traffic, log.say) as session:
            yield BenchBoard(session, model, graph, data, options, traffic, log.say)


@contextlib.contextmanager
def _connected(place: Place, image: Image, traffic: Traffic, say: Callable[[str], None]) -> Iterator[Session]:
    times = place.timeouts
    with contextlib.ExitStack() as resources:
        for number in range(1, place.retry.attempts + 1):
            say(f"attempt {number} of {place.retry.attempts}")
            try:
                place.program(image)
                line = WatchedLine(place.open(image), Stop(), traffic)
                session = Session(
                    place.board, image, line=line, timeout=times.run, connect_timeout=times.connect
                )  # fmt: skip
                resources.enter_context(session)
                break
            except TRANSPORT as error:
                say(f"{type(error).__name__}: {error.render()}")
                if number == place.retry.attempts:
                    raise
                say(remedy(place, say, time.sleep))
        say(f"connected, boot {session.info.boot_nonce:#010x}")
        yield session
