"""Which cores these kernels are for."""

from __future__ import annotations

from tinykit.compiler.kernels.base import Target

# Arm Cortex-M23 Technical Reference Manual: Armv8-M Baseline adds division and wide moves to Armv6-M, and no other
# multiplication.
_CORES = frozenset({"cortex-m0", "cortex-m0plus", "cortex-m23"})


def is_m0(target: Target) -> bool:
    """Whether the core has a 32-bit multiplication and nothing beyond, and no 32-bit encodings to speak of."""
    return target.core in _CORES
