"""Models on all boards of a bench at once: what is run, and what came of it."""

from __future__ import annotations

from tinykit.hil.matrix.bench import BenchRun
from tinykit.hil.matrix.plan import Job, MatrixOptions, Plan, make_plan
from tinykit.hil.matrix.result import Attempt, Cell, Matrix

__all__ = ["Attempt", "BenchRun", "Cell", "Job", "Matrix", "MatrixOptions", "Plan", "make_plan"]
