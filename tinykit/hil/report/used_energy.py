"""What a report says about energy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Battery:
    """How long a battery lasts: one inference every ``period`` seconds, and in between what the board takes idle.

    Attributes:
        mah, volts: of the battery; its whole charge is taken as usable.
        period: seconds.
        hours: of life.
    """

    mah: float
    volts: float
    period: float
    hours: float


@dataclass(frozen=True)
class Energy:
    """Energy of one inference.

    Attributes:
        measured: False for an estimate from a datasheet's currents.
        source: the meter, or the datasheet.
        sync: how the inferences were found in the recording: "marker" (a pin of the board), "time" (when the host asked
            and was answered), or None without a recording.
        inferences: in the recording.
        joules: of one inference, the board's idle power included.
        watts: average power during an inference.
        idle_watts: average power before and after; None where it is not known.
        seconds: of one inference.
        samples: in the recording.
        battery: None unless one was named.
    """

    measured: bool
    source: str
    sync: str | None
    inferences: int
    joules: float
    watts: float
    idle_watts: float | None
    seconds: float
    samples: int
    battery: Battery | None = None
