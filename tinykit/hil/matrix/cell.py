"""One model at one place: built, flashed, measured; again, where the board did not answer as the link wants it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from tinykit.errors import TinykitError, WrongFirmware
from tinykit.firmware import Image
from tinykit.hil.baseline import changes, compare_with_baseline
from tinykit.hil.energy.session import energy_used
from tinykit.hil.matrix.plan import Job, Plan
from tinykit.hil.matrix.result import Attempt, Cell
from tinykit.hil.measure import measure
from tinykit.hil.place import Place
from tinykit.hil.reference import Reference
from tinykit.hil.report import Report
from tinykit.hil.requirement import require_accuracy
from tinykit.hil.retry import TRANSPORT, remedy
from tinykit.hil.session import Session
from tinykit.hil.watched_line import Stop, Stopped, Traffic, WatchedLine

Watch = Callable[[str, int, int], None]
"""Told what is being done, how much is done, and how much there is."""


@dataclass(frozen=True)
class Workshop:
    """What a cell gets from the run that it belongs to.

    Attributes:
        image: builds the place's firmware of a job, or has it already.
        references: the host's answers to a job's samples: TFLite-Micro's and LiteRT's.
    """

    plan: Plan
    stop: Stop
    image: Callable[[Place, Job], Image]
    references: Callable[[Job], tuple[Reference | None, Reference | None]]


def run_cell(place: Place, job: Job, workshop: Workshop, say: Callable[[str], None], watch: Watch) -> Cell:
    """Measure a model at a place that is held; errors of building and measuring become part of the cell.

    Raises:
        OSError: of this computer, such as a full disk.
    """
    started = time.monotonic()
    attempts: list[Attempt] = []

    def cell(report: Report | None = None, error: TinykitError | None = None, stopped: bool = False) -> Cell:
        status = "stopped" if stopped else "error" if report is None else report.result
        return _compared(
            Cell(
                place.name,
                place.board.name,
                job.name,
                status,
                report,
                error,
                tuple(attempts),
                seconds=time.monotonic() - started,
            ),
            workshop.plan,
        )

    try:
        say(f"{job.name}: building")
        watch("building", 0, 0)
        image = workshop.image(place, job)
        workshop.stop.check()
        say(f"{job.name}: build {image.build_id}")
        watch("on the host", 0, 0)
        references = workshop.references(job)
        for number in range(1, place.retry.attempts + 1):
            workshop.stop.check()
            traffic = Traffic()
            try:
                say(f"{job.name}: attempt {number} of {place.retry.attempts}")
                report = _attempt(place, job, image, references, workshop, traffic, say, watch)
            except TRANSPORT as error:
                workshop.stop.check()
                say(f"{job.name}: {type(error).__name__}: {error.render()}")
                for line in ["the last transfers over the line:", *traffic.lines()]:
                    say(f"  {line}")
                last = number == place.retry.attempts
                if last:
                    attempts.append(Attempt(error, None))
                    return cell(error=error)
                watch("retrying", 0, 0)
                attempts.append(Attempt(error, remedy(place, say, workshop.stop.sleep)))
                continue
            say(f"{job.name}: {report.result}")
            for failure in report.failures:
                say(f"  {failure}")
            return cell(report=report)
        raise AssertionError("there is at least one attempt")
    except Stopped:
        say(f"{job.name}: stopped")
        return cell(stopped=True)
    except TinykitError as error:
        if workshop.stop.is_set:  # what it needed was ended under it
            say(f"{job.name}: stopped")
            return cell(stopped=True)
        say(f"{job.name}: {type(error).__name__}: {error.render()}")
        return cell(error=error)


def _attempt(
    place: Place,
    job: Job,
    image: Image,
    references: tuple[Reference | None, Reference | None],
    workshop: Workshop,
    traffic: Traffic,
    say: Callable[[str], None],
    watch: Watch,
) -> Report:
    if not place.is_emulated:
        watch("flashing", 0, 0)
        place.program(image)
    workshop.stop.check()
    watch("connecting", 0, 0)
    line = WatchedLine(place.open(image), workshop.stop, traffic)
    times = place.timeouts
    with Session(place.board, image, line=line, timeout=times.run, connect_timeout=times.connect) as session:
        if session.info.model_sha256 != job.graph.sha256:
            raise WrongFirmware(
                "the firmware has another model than the one it is tested with",
                where=str(job.model),
                hint="it is built anew in each run: the board was not flashed",
            )
        say(f"{job.name}: connected, boot {session.info.boot_nonce:#010x}")
        report = measure(
            session, job.graph, job.data, references[0], lambda what, done, total: watch("running", done, total),
            references[1],
        )  # fmt: skip
        meter = None if place.meter is None else place.meter.open()
        if meter is not None:
            say(f"{job.name}: measuring energy, {meter.description}")
            watch("measuring energy", 0, 0)
        report = replace(report, energy=energy_used(session, report.latency, meter))
    options = workshop.plan.options.run
    if options.min_accuracy is not None:
        report = require_accuracy(report, options.min_accuracy)
    baseline = workshop.plan.baselines.get((place.name, job.name))
    return report if baseline is None else compare_with_baseline(report, baseline, options.max_regress)


def _compared(cell: Cell, plan: Plan) -> Cell:
    """The cell with what changed since the baseline, or why there is nothing to compare with."""
    key = (cell.place, cell.model)
    notes = [f"not compared with the baseline: {plan.lacking[key]}"] if key in plan.lacking else []
    if cell.attempts and cell.report is not None:
        notes.append(f"it took {len(cell.attempts) + 1} attempts: {cell.attempts[0].error.what}")
    baseline = plan.baselines.get(key)
    found = {} if baseline is None or cell.report is None else changes(cell.report, baseline)
    return replace(cell, changes=found, notes=tuple(notes))
