"""Programs that tinykit starts: none outlives it."""

from __future__ import annotations

from tinykit.process.child import ChildProcess
from tinykit.process.lines import run_lines

__all__ = ["ChildProcess", "run_lines"]
