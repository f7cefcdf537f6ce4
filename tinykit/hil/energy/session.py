"""Energy in a test of a board: which meter, which inferences, which battery."""

from __future__ import annotations

from dataclasses import replace

from tinykit.errors import InputError
from tinykit.hil.energy.battery import battery_life, parse_battery
from tinykit.hil.energy.datasheet import energy_from_datasheet, latency_seconds
from tinykit.hil.energy.measure import measure_energy
from tinykit.hil.energy.meter import Meter
from tinykit.hil.energy.open import open_meter
from tinykit.hil.report.model import Latency
from tinykit.hil.report.used_energy import Energy
from tinykit.hil.session import Session


def check_energy(meter: str | None, battery: str | None) -> None:
    """See, before anything is built, that meter and battery are what they should be.

    Raises:
        InputError, ToolMissing: they are not.
    """
    if meter is not None:
        open_meter(meter)
    if battery is not None:
        parse_battery(battery)


def energy_used(session: Session, latency: Latency, meter: Meter | None, battery: str | None = None) -> Energy | None:
    """Energy of an inference of the sample written last: measured, or from the datasheet, or None.

    Args:
        meter: not connected yet; None: there is none.
        battery: as ``parse_battery`` takes it.

    Raises:
        InputError: a battery is named, and there is no energy to reckon with.
        DeviceMissing, MeterFailed: the meter is not there, or fails, or its recording is not what is needed.
        DeviceError: the board misbehaves.
    """
    energy = _measured(session, latency, meter) if meter is not None else energy_from_datasheet(session.board, latency)
    if battery is None:
        return energy
    if energy is None:
        raise InputError("a battery's life needs the energy of an inference", hint="measure it with --meter")
    return replace(energy, battery=battery_life(energy, parse_battery(battery)))


def _measured(session: Session, latency: Latency, meter: Meter) -> Energy:
    seconds = latency_seconds(session.board, latency)
    counter = session.board.counter

    def run(n: int) -> float | None:
        result = session.client.run(n, timeout=max(60.0, 10 * n * (seconds or 10.0)))
        if seconds is None:
            return None
        return result.total_ticks / counter.hz

    return measure_energy(meter, run, seconds)
