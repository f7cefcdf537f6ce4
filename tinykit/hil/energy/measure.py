"""Energy of an inference, from a meter's recording of many."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tinykit.errors import DeviceMissing, MeterFailed, TinykitError
from tinykit.hil.energy.meter import Meter
from tinykit.hil.energy.samples import Samples
from tinykit.hil.report.used_energy import Energy

_QUIET = 0.3
"""Seconds before and after the inferences in which the board idles."""

_LENGTH = 3.0
"""Seconds that the inferences together should take: 30 times what a request's way may add at 10 ms."""

_MOST_RUNS = 100_000
_UNTIMED_RUNS = 10


class Device(Protocol):
    """What runs inferences: ``n`` of them, one after the other; gives the device's own seconds, or None."""

    def __call__(self, n: int) -> float | None: ...


@dataclass(frozen=True)
class Window:
    """The host's view of a recording, in seconds since it began: when it asked, when it was answered."""

    asked: float
    answered: float
    busy: float | None


def measure_energy(meter: Meter, run: Device, seconds: float | None) -> Energy:
    """Record the board's supply while it runs inferences.

    Args:
        meter: connected for as long as this takes.
        run: runs inferences.
        seconds: that one takes on the device; None where it is not known.

    Raises:
        DeviceMissing: the meter is not there.
        MeterFailed: it fails; the recording does not cover the inferences, or the marker's
            pulses are not theirs.
        DeviceError: the board's own, from ``run``.
    """
    n = _UNTIMED_RUNS if not seconds else max(1, min(_MOST_RUNS, round(_LENGTH / seconds)))
    with contextlib.ExitStack() as connected:
        with _blamed(meter):
            connected.enter_context(meter)
            meter.start()
        began = time.monotonic()
        time.sleep(_QUIET)
        asked = time.monotonic() - began
        busy = run(n)
        answered = time.monotonic() - began
        time.sleep(_QUIET)
        with _blamed(meter):
            samples = meter.stop()
    with _blamed(meter):
        return energy_of(samples, n, Window(asked, answered, busy), meter.description)


@contextlib.contextmanager
def _blamed(meter: Meter) -> Iterator[None]:
    """What fails here is the meter's doing: one that is gone must not look like a board that is."""
    try:
        yield
    except TinykitError as error:
        where = meter.description if error.where is None else f"{meter.description}: {error.where}"
        kind = DeviceMissing if isinstance(error, DeviceMissing) else MeterFailed
        raise kind(f"the meter failed: {error.what}", where=where, why=error.why, hint=error.hint) from None
    except Exception as error:  # of the instruments' packages, which may raise anything
        why = f"{type(error).__name__}: {error}"
        raise MeterFailed("the meter failed", where=meter.description, why=why, hint="connect it anew") from error


def energy_of(samples: Samples, n: int, window: Window, source: str) -> Energy:
    """Energy of one of ``n`` inferences in a recording.

    By the marker, where the recording has pulses of it: one for each inference, or one for all. Else from when the host
    asked to when it was answered; the time in which the device was not busy then counts as idle and is taken off.

    Raises:
        MeterFailed: the recording does not cover the window, or has other pulses.
    """
    pulses = samples.pulses()
    if pulses:
        if len(pulses) not in (1, n):
            raise MeterFailed(
                f"the marker rose {len(pulses)} times in {n} inferences",
                hint="it has to be high during each inference, or once during all of them",
            )
        joules = sum(samples.joules(begin, end) for begin, end in pulses)
        busy = sum(end - begin for begin, end in pulses)
        idle = _idle(samples, pulses[0][0], pulses[-1][1])
        return _energy(source, "marker", n, joules, busy, idle, samples)
    whole = samples.joules(window.asked, window.answered)
    span = window.answered - window.asked
    idle = _idle(samples, window.asked, window.answered)
    busy = span if window.busy is None else min(span, window.busy)
    return _energy(source, "time", n, whole - (span - busy) * (idle or 0.0), busy, idle, samples)


def _energy(source: str, sync: str, n: int, joules: float, busy: float, idle: float | None, samples: Samples) -> Energy:
    return Energy(True, source, sync, n, joules / n, joules / busy, idle, busy / n, len(samples.times))


def _idle(samples: Samples, begin: float, end: float) -> float | None:
    """Average power outside of the inferences, but for a tenth of the quiet time next to them."""
    first, last = float(samples.times[0]), float(samples.times[-1])
    margin = _QUIET / 10
    parts = [(a, b) for a, b in ((first, begin - margin), (end + margin, last)) if b > a]
    seconds = sum(b - a for a, b in parts)
    return sum(samples.joules(a, b) for a, b in parts) / seconds if seconds else None
