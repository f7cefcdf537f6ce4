"""MLPerf Tiny: its text protocol from the host's side, its rules, and runs by them (docs/mlperf.md)."""

from __future__ import annotations

from tinykit.mlperf.client import Inference, MlperfClient
from tinykit.mlperf.result import MlperfResult
from tinykit.mlperf.run import MlperfOptions, Mode, run_mlperf

__all__ = ["Inference", "MlperfClient", "MlperfOptions", "MlperfResult", "Mode", "run_mlperf"]
