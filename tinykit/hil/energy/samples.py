"""What a meter recorded, and the energy in a part of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinykit.errors import MeterFailed

MOST_AMPS = 1000.0
MOST_VOLTS = 1000.0
"""Far beyond any board and meter here: what is more is another unit, or damage."""


@dataclass(frozen=True)
class Samples:
    """A recording. A sample holds until the next one.

    Attributes:
        times: seconds since the meter was started, float64 [n], rising.
        amps, volts: float64 [n].
        marker: whether the device's marker was high, bool [n]; None where the meter has no input for it.
    """

    times: np.ndarray
    amps: np.ndarray
    volts: np.ndarray
    marker: np.ndarray | None = None

    def check(self) -> None:
        """That currents and voltages can be those of a board.

        Raises:
            MeterFailed: they cannot, or time does not go on.
        """
        for what, values, most in (("A", self.amps, MOST_AMPS), ("V", self.volts, MOST_VOLTS)):
            wrong = values[~(np.abs(values) <= most)]  # not a number is wrong as well
            if len(wrong):
                raise MeterFailed(
                    f"the meter says {wrong[0]:g} {what}",
                    why=f"no board that it can measure has more than {most:g} {what}",
                    hint="look at the meter's range, and its units",
                )
        if not (np.diff(self.times) > 0).all():
            raise MeterFailed("the times of the meter's recording do not rise", hint="record anew")

    def joules(self, begin: float, end: float) -> float:
        """Energy between two times in seconds.

        Raises:
            MeterFailed: the recording does not reach from one to the other.
        """
        if not len(self.times) or begin < self.times[0] or end > self.times[-1] or begin > end:
            span = f"{self.times[0]:.3f} s to {self.times[-1]:.3f} s" if len(self.times) else "nothing"
            raise MeterFailed(
                "the meter's recording does not cover the inferences",
                why=f"{begin:.3f} s to {end:.3f} s are asked for, recorded is {span}",
            )
        inside = (self.times > begin) & (self.times < end)
        edges = np.concatenate([[begin], self.times[inside], [end]])
        which = np.searchsorted(self.times, edges[:-1], side="right") - 1
        return float(np.sum(self.amps[which] * self.volts[which] * np.diff(edges)))

    def pulses(self) -> list[tuple[float, float]]:
        """Times at which the marker rose and fell; none where it was low throughout, as without a marker.

        Raises:
            MeterFailed: it is high at the recording's begin or end, when no inference runs.
        """
        if self.marker is None or not len(self.marker):
            return []
        if self.marker[0] or self.marker[-1]:
            when = "throughout" if self.marker.all() else "at the begin of" if self.marker[0] else "at the end of"
            raise MeterFailed(
                f"the marker is high {when} the recording",
                why="it has to be low before the first inference, and after the last",
                hint="look whether the pin floats (a pull-down keeps it low), and whether it is the marker's",
            )
        steps = np.diff(self.marker.astype(np.int8))
        rises, falls = (self.times[np.flatnonzero(steps == step) + 1] for step in (1, -1))
        return list(zip(rises.tolist(), falls.tolist(), strict=True))
