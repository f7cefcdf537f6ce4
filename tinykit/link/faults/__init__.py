"""A line made worse on purpose: what happens to its bytes, a stream that does it, and a proxy between two programs."""

from __future__ import annotations

from tinykit.link.faults.lane import Lane
from tinykit.link.faults.spec import KINDS, Faults, parse_faults, parse_rate
from tinykit.link.faults.stream import FaultyStream

__all__ = ["KINDS", "Faults", "FaultyStream", "Lane", "parse_faults", "parse_rate"]
