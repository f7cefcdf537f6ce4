"""Energy in words."""

from __future__ import annotations

from tinykit.hil.report.used_energy import Energy
from tinykit.text import printable


def energy_rows(energy: Energy) -> list[tuple[str, str]]:
    """Lines for a report: what, and how it was got; the first with a name."""
    how = "measured" if energy.measured else "estimate"
    idle = "" if energy.idle_watts is None else f", {_si(energy.idle_watts, 'W')} idle"
    rows = [
        ("energy", f"{_si(energy.joules, 'J')} per inference ({how}), {_si(energy.watts, 'W')}{idle}"),
        ("", printable(f"{energy.source}; {_basis(energy)}")),
    ]
    if energy.battery is not None:
        b = energy.battery
        life = f"{b.hours:,.0f} h" if b.hours < 1000 else f"{b.hours / 24:,.0f} days"
        rows.append(("", f"{b.mah:g} mAh at {b.volts:g} V, an inference every {b.period:g} s: {life} (estimate)"))
    return rows


def joules(energy: Energy) -> str:
    """The energy of an inference in a few letters; of an estimate, it is said."""
    return _si(energy.joules, "J") + ("" if energy.measured else " (est.)")


def _basis(energy: Energy) -> str:
    if energy.sync is None:
        return f"current from the datasheet, for {_si(energy.seconds, 's')}"
    found = "the board's marker" if energy.sync == "marker" else "the host's clock"
    return f"{energy.inferences:,} inferences of {_si(energy.seconds, 's')} by {found}, {energy.samples:,} samples"


def _si(value: float, unit: str) -> str:
    for prefix, factor in (("", 1.0), ("m", 1e-3), ("u", 1e-6)):
        if abs(value) >= factor:
            return f"{value / factor:.4g} {prefix}{unit}"
    return f"{value / 1e-9:.4g} n{unit}"
