"""Programs that tinykit starts: none outlives it."""

from __future__ import annotations

from tinykit.process.child import ChildProcess, kill_all
from tinykit.process.lines import run_lines

__all__ = ["ChildProcess", "kill_all", "run_lines"]
