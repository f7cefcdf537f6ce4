"""Runs a model on one board for hours."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from tinykit.board import load_board
from tinykit.emulate.required import require_emulator
from tinykit.errors import DeviceMissing, DeviceReset, InputError, TinykitError, WrongFirmware
from tinykit.firmware import Image, load_image
from tinykit.firmware.from_model import build_model
from tinykit.flash import flash
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset
from tinykit.hil.measure import FLOAT_TOLERANCE, Progress
from tinykit.hil.reference import Reference, run_reference
from tinykit.hil.retry import TRANSPORT
from tinykit.hil.run import RunOptions, kept_folder, load_data, model_of
from tinykit.hil.session import Session
from tinykit.hil.soak.model import Incident, IncidentKind, Soak, Window
from tinykit.hil.soak.write import Journal
from tinykit.hil.statistics import percentile

_WINDOWS = 600
"""In a test that runs its whole time: what a plot can show."""
_SHORTEST_WINDOW = 0.1
_FIRST_OUTPUTS = "the device's own first outputs"
_RECONNECTS = 3
_PAUSE = 1.0
"""Seconds before a board that was lost is looked for again."""

Begun = Callable[[Soak], None]
"""Called with the test before its first inference: who keeps it has what was found, whatever ends the test."""


@dataclass(frozen=True)
class SoakOptions:
    """How long, and what is demanded.

    Attributes:
        hours: how long inferences are run; the last one is finished.
        max_drift: share by which the latency may change over the whole test.
        run: data, limit, port, timeout, reference and how a model is built, as for ``run_model``.
    """

    hours: float
    max_drift: float = 0.05
    run: RunOptions = field(default_factory=RunOptions)

    def __post_init__(self) -> None:
        if not 0 < self.hours < math.inf:
            raise InputError(f"--hours {self.hours:g} is no time", hint="give a number above 0; 0.1 is six minutes")


def soak_model(
    model: Path,
    board_name: str,
    options: SoakOptions,
    *,
    out_dir: Path | None = None,
    progress: Progress | None = None,
    begun: Begun | None = None,
) -> Soak:
    """Compile, build, flash where the board says how, and soak. Without ``out_dir`` nothing is kept.

    A test that is stopped by an exception has written what it found so far into ``out_dir``; ``begun`` gets it, too.

    Raises:
        TinykitError: before the first inference, as ``run_model``. After it failures are in the result.
    """
    board = load_board(board_name)
    graph = read_model(model)
    if options.run.port is None:
        require_emulator(board)
    data = load_data(graph, options.run)
    with kept_folder(out_dir) as folder:
        if progress is not None:
            progress(f"building for {board.name}", 0, 1)
        image = build_model(model, board, folder / "firmware", options.run.build)
        if board.emulator is None and board.flasher.kind != "none":
            flash(board, image, options.run.port, progress=progress)
        return soak_image(image, graph, model, data, options, out_dir=out_dir, progress=progress, begun=begun)


def soak_project(
    root: Path,
    options: SoakOptions,
    *,
    out_dir: Path | None = None,
    progress: Progress | None = None,
    begun: Begun | None = None,
) -> Soak:
    """Soak a firmware that was built earlier in ``root``; it is not flashed again."""
    image = load_image(root)
    model, graph = model_of(image)
    data = load_data(graph, options.run)
    with kept_folder(out_dir):  # before the host computes what is to be expected
        return soak_image(image, graph, model, data, options, out_dir=out_dir, progress=progress, begun=begun)


def soak_image(
    image: Image,
    graph: Graph,
    model: Path,
    data: Dataset,
    options: SoakOptions,
    *,
    out_dir: Path | None = None,
    progress: Progress | None = None,
    begun: Begun | None = None,
) -> Soak:
    """Soak a firmware that is on its board, or in its emulator. ``begun``: as of ``soak_model``."""
    reference = run_reference(model, data) if options.run.reference else None
    soak = Soak(
        model=graph.name,
        board=image.board.name,
        build_id=image.build_id,
        unit=image.board.counter.unit,
        compared_with=reference.name if reference is not None else _FIRST_OUTPUTS,
        asked=3600 * options.hours,
        max_drift=options.max_drift,
        started=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
    with Journal(soak, out_dir) as journal:
        if begun is not None:
            begun(soak)
        try:
            _Run(soak, image, graph, data, reference, options, journal, progress).run()
        except (KeyboardInterrupt, SystemExit):
            soak.stopped = True
            raise
        finally:
            journal.finish()
    return soak


class _Run:
    def __init__(
        self,
        soak: Soak,
        image: Image,
        graph: Graph,
        data: Dataset,
        reference: Reference | None,
        options: SoakOptions,
        journal: Journal,
        progress: Progress | None,
    ) -> None:
        self._soak = soak
        self._image = image
        self._graph = graph
        self._data = data
        self._options = options
        self._journal = journal
        self._progress = progress
        outputs = [] if reference is None else list(zip(*reference.outputs, strict=True))
        self._expected: dict[int, Sequence[np.ndarray]] = dict(enumerate(outputs))
        self._start = self._window_start = time.monotonic()
        self._window = max(_SHORTEST_WINDOW, soak.asked / _WINDOWS)
        self._latencies: list[float] = []
        self._wrong_before = 0
        self._link = (0, 0, 0)

    def run(self) -> None:
        """Sessions, one after the other where the device restarts, until the time is up."""
        failed = 0
        while not failed or self._elapsed() < self._soak.asked:
            done = self._soak.inferences
            try:
                with self._session() as session:
                    self._connected(session)
                    while True:
                        try:
                            self._work(session)
                            return
                        except DeviceReset as error:  # the line is still good
                            self._incident("restart", error.render())
                            self._link = (0, 0, 0)
                            session.reconnect()
                            self._connected(session)
            except TinykitError as error:
                if not self._soak.inferences:
                    raise
                if not isinstance(error, (*TRANSPORT, DeviceMissing)):
                    self._soak.error = error.render()
                    return
                failed = 1 if self._soak.inferences > done else failed + 1
                self._incident("error", error.render())
                if failed > _RECONNECTS:
                    self._soak.error = error.render()
                    return
                time.sleep(_PAUSE)

    def _session(self) -> Session:
        options = self._options.run
        return Session(self._image.board, self._image, port=options.port, timeout=options.timeout)

    def _connected(self, session: Session) -> None:
        info = session.info
        if info.model_sha256 != self._graph.sha256:
            raise WrongFirmware("the firmware has another model than the one it is tested with", where=self._graph.name)
        self._link = (0, 0, 0)
        if self._soak.boots and self._soak.boots[-1] != info.boot_nonce:
            last = self._soak.incidents[-1] if self._soak.incidents else None
            if last is None or last.kind == "error":
                self._incident("restart", f"it answers again, as boot {info.boot_nonce:#010x}")
        if not self._soak.boots:
            self._start = self._window_start = time.monotonic()
            self._soak.stack_size = session.client.memory().stack_size
        self._soak.boots.append(info.boot_nonce)

    def _work(self, session: Session) -> None:
        soak = self._soak
        while True:
            index = soak.inferences % self._data.size
            inference = session.infer(*self._data.sample(index), fresh=index == 0)
            soak.inferences += 1
            self._latencies.append(self._image.board.counter.value_exact(inference.ticks))
            expected = self._expected.setdefault(index, inference.outputs)
            difference = _difference(inference.outputs, expected)
            if difference is not None:
                soak.wrong += 1
                self._incident("wrong", f"sample {index}: {difference}")
            now = time.monotonic()
            over = self._elapsed() >= soak.asked
            if over or now - self._window_start >= self._window:
                self._close_window(session)
            if over:
                return

    def _close_window(self, session: Session) -> None:
        soak, memory, stats = self._soak, session.client.memory(), session.client.stats
        link = (stats.requests, stats.retries, stats.crc_errors)
        values = sorted(self._latencies)
        requests, retries, crc_errors = (new - old for new, old in zip(link, self._link, strict=True))
        window = Window(
            at=self._elapsed(),
            inferences=len(values),
            latency_min=values[0],
            latency_median=percentile(values, 50),
            latency_max=values[-1],
            arena=memory.arena,
            stack=memory.stack_used if memory.stack_size else None,
            wrong=soak.wrong - self._wrong_before,
            requests=requests,
            retries=retries,
            crc_errors=crc_errors,
        )
        self._journal.window(window)
        self._latencies, self._wrong_before, self._link = [], soak.wrong, link
        self._window_start = time.monotonic()
        if self._progress is not None:
            total = max(1, int(soak.asked))
            done = total if soak.seconds >= soak.asked else min(int(soak.seconds), total - 1)
            self._progress(f"soaking {soak.board}, seconds", done, total)

    def _incident(self, kind: IncidentKind, text: str) -> None:
        self._journal.incident(Incident(self._elapsed(), kind, self._soak.inferences, text))

    def _elapsed(self) -> float:
        self._soak.seconds = time.monotonic() - self._start
        return self._soak.seconds


def _difference(outputs: Sequence[np.ndarray], expected: Sequence[np.ndarray]) -> str | None:
    """Where an inference differs from what it should be, as ``measure`` sees it: quantized exactly, floats nearly."""
    for number, (have, want) in enumerate(zip(outputs, expected, strict=True)):
        a, b = have.reshape(-1), np.asarray(want).reshape(-1)
        same = a == b
        if a.dtype.kind == "f":
            with np.errstate(invalid="ignore"):  # inf - inf
                close = np.abs(a - b) <= FLOAT_TOLERANCE * np.maximum(1.0, np.abs(b))
            same |= (close & np.isfinite(b)) | (np.isnan(a) & np.isnan(b))
        if not same.all():
            at = int(np.argmin(same))
            return f"output {number}, element {at} is {a[at]:g}, expected {b[at]:g}"
    return None
