"""Searches the sizes and types of a model for those that are best on a board.

The user's function makes and trains a model (``candidate``); all else is done here: it is converted, compiled, built
for the board, and run on its emulator (``point``). Optuna proposes what to try (``sampling``) and keeps the study,
which any number of workers share (``study``, ``claim``, ``worker``); ``result`` is what was found. Optuna is imported
inside functions only.
"""

from __future__ import annotations

from tinykit.tune.candidate import Candidate
from tinykit.tune.result import Search
from tinykit.tune.run import TuneOptions, WorkOptions, tune, work

__all__ = ["Candidate", "Search", "TuneOptions", "WorkOptions", "tune", "work"]
