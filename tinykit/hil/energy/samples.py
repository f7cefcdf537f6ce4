"""What a meter recorded, and the energy in a part of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinykit.errors import MeterFailed


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
        """Times at which the marker rose and fell; pulses that are cut off at either end are left out."""
        if self.marker is None:
            return []
        steps = np.diff(self.marker.astype(np.int8))
        rises, falls = (self.times[np.flatnonzero(steps == step) + 1] for step in (1, -1))
        falls = falls[falls > rises[0]] if len(rises) else falls[:0]
        return list(zip(rises.tolist(), falls.tolist(), strict=False))
