"""What instructions cost on a core, one module per core; numbers are cycles without wait states of memories."""

from __future__ import annotations

from tinykit.cycles.cores.base import Core
from tinykit.cycles.cores.cortex_m0 import CORTEX_M0, CORTEX_M0PLUS
from tinykit.cycles.cores.cortex_m4 import CORTEX_M4
from tinykit.cycles.cores.cortex_m7 import CORTEX_M7
from tinykit.cycles.cores.ibex import IBEX

__all__ = ["CORES", "Core"]

CORES: dict[str, Core] = {core.name: core for core in (CORTEX_M0, CORTEX_M0PLUS, CORTEX_M4, CORTEX_M7, IBEX)}
