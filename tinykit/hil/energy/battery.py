"""How long a battery lasts."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from tinykit.errors import InputError
from tinykit.hil.report.used_energy import Battery, Energy

_FORM = re.compile(r"([\d.]+)mAh@([\d.]+)V/([\d.]+)s$")


@dataclass(frozen=True)
class BatteryUse:
    """A battery of so many milliampere-hours and volts, and an inference every ``period`` seconds."""

    mah: float
    volts: float
    period: float


def parse_battery(text: str) -> BatteryUse:
    """``220mAh@3V/10s``: capacity, voltage, seconds from one inference to the next.

    Raises:
        InputError: it is not of this form.
    """
    match = _FORM.match(text)
    try:
        values = [float(group) for group in match.groups()] if match is not None else []
    except ValueError:
        values = []
    if len(values) != 3 or min(values) <= 0 or max(values) == math.inf:
        raise InputError(f"no battery {text!r}", hint="capacity, voltage and period, as in --battery 220mAh@3V/10s")
    return BatteryUse(*values)


def battery_life(energy: Energy, use: BatteryUse) -> Battery:
    """Charge times voltage, through the average power; self-discharge and losses of regulators are left out.

    Raises:
        InputError: an inference takes longer than the period, the idle power is not known, or no power is used.
    """
    if energy.seconds > use.period:
        raise InputError(f"an inference takes {energy.seconds:.3g} s, longer than the period of {use.period:g} s")
    if energy.idle_watts is None:
        raise InputError("a battery's life needs the idle power", why=f"there is none from {energy.source}")
    average = (energy.joules + energy.idle_watts * (use.period - energy.seconds)) / use.period
    if not average > 0:
        raise InputError("a battery's life needs a power above zero", why=f"it is {average:g} W from {energy.source}")
    return Battery(use.mah, use.volts, use.period, use.mah / 1000 * use.volts / average)
