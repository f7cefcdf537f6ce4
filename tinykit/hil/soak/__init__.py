"""Soak tests: inferences for hours, every output compared, memory and latency watched for drift."""

from __future__ import annotations

from tinykit.hil.soak.model import Incident, Soak, Window
from tinykit.hil.soak.run import SoakOptions, soak_model, soak_project

__all__ = ["Incident", "Soak", "SoakOptions", "Window", "soak_model", "soak_project"]
