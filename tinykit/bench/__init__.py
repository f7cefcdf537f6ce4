"""Benchmarks: what models cost on boards, beside an earlier record and beside other engines."""

from __future__ import annotations

from tinykit.bench.measure import measure
from tinykit.bench.peers import Peers, load_peers
from tinykit.bench.record import load_record, regressions, save_record
from tinykit.bench.row import Row

__all__ = ["Peers", "Row", "load_peers", "load_record", "measure", "regressions", "save_record"]
