"""Energy of an inference: meters behind one interface, what is between two marks, and what a battery makes of it."""

from __future__ import annotations

from tinykit.hil.energy.meter import Meter
from tinykit.hil.energy.open import open_meter
from tinykit.hil.energy.samples import Samples

__all__ = ["Meter", "Samples", "open_meter"]
