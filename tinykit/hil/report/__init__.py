"""Reports: one value, several forms."""

from __future__ import annotations

from tinykit.hil.report.model import Accuracy, Latency, Layer, LinkUse, Memory, Mismatch, ModelFacts, Report
from tinykit.hil.report.write import write_reports

__all__ = [
    "Accuracy",
    "Latency",
    "Layer",
    "LinkUse",
    "Memory",
    "Mismatch",
    "ModelFacts",
    "Report",
    "write_reports",
]
