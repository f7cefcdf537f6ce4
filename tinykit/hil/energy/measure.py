"""Energy of an inference, from a meter's recording of many."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from tinykit.errors import DeviceError
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
        meter: entered.
        run: runs inferences.
        seconds: that one takes on the device; None where it is not known.

    Raises:
        DeviceError: the recording does not cover the inferences, or the marker's pulses are not theirs.
    """
    n = _UNTIMED_RUNS if not seconds else max(1, min(_MOST_RUNS, round(_LENGTH / seconds)))
    meter.start()
    began = time.monotonic()
    time.sleep(_QUIET)
    asked = time.monotonic() - began
    busy = run(n)
    answered = time.monotonic() - began
    time.sleep(_QUIET)
    return energy_of(meter.stop(), n, Window(asked, answered, busy), meter.description)


def energy_of(samples: Samples, n: int, window: Window, source: str) -> Energy:
    """Energy of one of ``n`` inferences in a recording.

    By the marker, where the recording has pulses of it: one for each inference, or one for all. Else from when the host
    asked to when it was answered; the time in which the device was not busy then counts as idle and is taken off.

    Raises:
        DeviceError: as ``measure_energy``.
    """
    pulses = samples.pulses()
    if pulses:
        if len(pulses) not in (1, n):
            raise DeviceError(
                f"the marker rose {len(pulses)} times in {n} inferences",
                where=source,
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
