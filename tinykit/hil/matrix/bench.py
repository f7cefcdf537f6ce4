"""Runs a plan: one thread for each place, everything shared made once, and an end that leaves nothing behind.

Threads suffice: the work is done by compilers, emulators and boards, and a thread waits for them.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tinykit.errors import BuildFailed, TinykitError
from tinykit.firmware import Image
from tinykit.firmware.from_model import build_model
from tinykit.hil.matrix.cell import Watch, Workshop, run_cell
from tinykit.hil.matrix.plan import Job, Plan, cell_dir
from tinykit.hil.matrix.result import Cell, Matrix
from tinykit.hil.matrix.shared import Once
from tinykit.hil.place import Place, engine_at
from tinykit.hil.place_log import PlaceLog
from tinykit.hil.reference import Reference, run_litert, run_reference
from tinykit.hil.report import write_reports
from tinykit.hil.report.failure import write_failure
from tinykit.hil.run import kept_folder
from tinykit.hil.run_files import FIRMWARE, log_name
from tinykit.hil.watched_line import Stop, Stopped
from tinykit.process import kill_all

Listener = Callable[[str, str, str, int, int], None]
"""Called from several threads, for a place and a model, with what is being done, how much is done of how much."""

_LOOK = 0.1
"""Seconds between two looks at whether all is done; Ctrl-C comes through then."""


class BenchRun:
    """One run. ``matrix`` gives its results at any time, during the run those that there are."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._listener: Listener | None = None
        self._stop = Stop()
        self._started = datetime.now().astimezone()
        self._begun = time.monotonic()
        self._cells: dict[tuple[str, str], Cell] = {}
        self._faults: list[BaseException] = []
        parallel = plan.options.parallel
        self._images: Once[Image] = Once(parallel)
        self._answers: Once[tuple[Reference | None, Reference | None]] = Once(parallel)
        self._emulators = threading.BoundedSemaphore(parallel)
        kinds = len({place.board.name for place in plan.places}) * len(plan.jobs)
        self._compilers = max(1, parallel // kinds)

    def run(self, listener: Listener | None = None) -> Matrix:
        """Run everything.

        Args:
            listener: told how far each place is.

        Raises:
            KeyboardInterrupt, SystemExit: as the caller was told to end; by then every program is ended, every port
                released, and ``matrix`` has what was finished.
            InputError, OSError: logs or reports cannot be written.
        """
        self._listener = listener
        with kept_folder(self._plan.options.out_dir) as folder:
            self._clear(folder)
            threads = [
                threading.Thread(target=self._work, args=(place, folder), name=f"tinykit-{place.name}")
                for place in self._plan.places
            ]
            try:
                for thread in threads:
                    thread.start()
                while any(thread.is_alive() for thread in threads) and not self._faults:
                    time.sleep(_LOOK)
            finally:
                self._end(threads)
        if self._faults:
            raise self._faults[0]
        return self.matrix

    @property
    def matrix(self) -> Matrix:
        """The results; cells without one are "stopped"."""
        cells = tuple(
            self._cells.get((place.name, job.name)) or Cell(place.name, place.board.name, job.name, "stopped")
            for place in self._plan.places
            for job in self._plan.jobs
        )
        baseline = self._plan.options.baseline
        return Matrix(
            self._plan.bench,
            self._plan.tags,
            self._started.isoformat(timespec="seconds"),
            time.monotonic() - self._begun,
            cells,
            any(cell.status == "stopped" for cell in cells),
            None if baseline is None else str(baseline),
        )

    def _clear(self, folder: Path) -> None:
        """Remove what an earlier run left here of the same cells: it would pass for this one's."""
        for place in self._plan.places:
            for job in self._plan.jobs:
                for name in ("report.json", "report.html", "junit.xml"):
                    (cell_dir(folder, place.name, job.name) / name).unlink(missing_ok=True)

    def _end(self, threads: list[threading.Thread]) -> None:
        """Wait for the threads; before their time, end what they wait for. A second Ctrl-C changes nothing."""
        while alive := [thread for thread in threads if thread.is_alive()]:
            with contextlib.suppress(KeyboardInterrupt, SystemExit):
                self._stop.set()
                kill_all()  # again and again: one may just have been started
                alive[0].join(_LOOK)

    def _work(self, place: Place, folder: Path) -> None:
        """All of a place's jobs."""
        try:
            with PlaceLog(folder / log_name(place.name)) as log:
                self._work_logged(place, folder, log)
        except Exception as error:  # raised again by the thread that runs all
            self._faults.append(error)

    def _work_logged(self, place: Place, folder: Path, log: PlaceLog) -> None:
        log.say(f"{place.name}: {place.board.name}, {place.board.title}")
        workshop = Workshop(self._plan, self._stop, lambda p, job: self._image(p, job, folder), self._references)
        with contextlib.ExitStack() as held:
            self._tell(place, self._plan.jobs[0], "waiting", 0, 0)
            try:
                held.enter_context(self._slot(place))
                port = held.enter_context(place.hold(self._stop.sleep))
            except Stopped:
                return
            except TinykitError as error:
                log.say(f"{type(error).__name__}: {error.render()}")
                for job in self._plan.jobs:
                    self._keep(place, Cell(place.name, place.board.name, job.name, "error", error=error), folder)
                return
            if port is not None:
                log.say(f"holds {port}")
            for job in self._plan.jobs:
                if self._stop.is_set:
                    break
                self._keep(place, run_cell(place, job, workshop, log.say, self._watch(place, job)), folder)
        log.say("done")

    def _keep(self, place: Place, cell: Cell, folder: Path) -> None:
        self._cells[place.name, cell.model] = cell
        self._tell(place, next(job for job in self._plan.jobs if job.name == cell.model), cell.status, 1, 1)
        target = cell_dir(folder, place.name, cell.model)
        if cell.report is not None:
            write_reports(cell.report, target)
        elif cell.error is not None:
            write_failure(cell.error, f"{cell.model} on {place.name}", target)

    @contextlib.contextmanager
    def _slot(self, place: Place) -> Iterator[None]:
        """Emulators share this computer's processors: only so many places of them at a time."""
        if not place.is_emulated:
            yield
            return
        while not self._emulators.acquire(timeout=_LOOK):
            self._stop.check()
        try:
            yield
        finally:
            self._emulators.release()

    def _image(self, place: Place, job: Job, folder: Path) -> Image:
        engine = engine_at(place, self._plan.options.run.engine)

        def build() -> Image:
            self._stop.check()
            kind = place.board.name if engine == "aot" else f"{place.board.name}-{engine}"
            target = folder / FIRMWARE / kind / job.name
            options = replace(self._plan.options.run, engine=engine).build
            try:
                return build_model(job.model, place.board, target, options, jobs=self._compilers)
            except BuildFailed as error:
                if self._plan.options.out_dir is None:  # the log goes with the folder
                    hint = "keep the project and its log: --out DIR"
                    raise BuildFailed(error.what, why=error.why, hint=hint) from None
                raise

        return self._images.get((place.board.name, engine, job.name), build)

    def _references(self, job: Job) -> tuple[Reference | None, Reference | None]:
        def answer() -> tuple[Reference | None, Reference | None]:
            self._stop.check()
            if not self._plan.options.run.reference:
                return None, None
            return run_reference(job.model, job.data), run_litert(job.model, job.data)

        return self._answers.get(job.name, answer)

    def _watch(self, place: Place, job: Job) -> Watch:
        return lambda what, done, total: self._tell(place, job, what, done, total)

    def _tell(self, place: Place, job: Job, what: str, done: int, total: int) -> None:
        if self._listener is not None:
            self._listener(place.name, job.name, what, done, total)
