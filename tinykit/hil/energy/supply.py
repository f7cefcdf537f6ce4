"""What a supply that is measured may be."""

from __future__ import annotations

LOWEST_VOLTS, HIGHEST_VOLTS = 0.8, 5.0
"""The Power Profiler Kit II's (its user guide, "Specifications")."""
