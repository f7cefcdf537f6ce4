"""Results of tests kept in a database: what was measured when, of which build, and between which two it got worse."""

from __future__ import annotations

from tinykit.hil.history.connect import check_url
from tinykit.hil.history.origin import Origin, origin_of
from tinykit.hil.history.run import Run
from tinykit.hil.history.store import History, Wanted, open_history

__all__ = ["History", "Origin", "Run", "Wanted", "check_url", "open_history", "origin_of"]
