"""The processor cores that a board file may name, and what each can have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Feature = Literal["dsp", "fpu", "mve"]

CORES: dict[str, tuple[Feature, ...]] = {
    "cortex-m0": (),
    "cortex-m0plus": (),
    "cortex-m3": (),
    "cortex-m4": ("dsp", "fpu"),
    "cortex-m7": ("dsp", "fpu"),
    "cortex-m23": (),
    "cortex-m33": ("dsp", "fpu"),
    "cortex-m55": ("dsp", "fpu", "mve"),
    "cortex-m85": ("dsp", "fpu", "mve"),
    "rv32imc": (),
    "rv32imac": (),
    "rv32imafc": ("fpu",),
    "xtensa-lx6": ("fpu",),
    "xtensa-lx7": ("fpu",),
    "xtensa-lx106": (),
    "armv6": ("fpu",),
    "aarch64": ("fpu",),
    "native": ("fpu",),
}
"""Optional parts by core. Arm's Technical Reference Manuals, RISC-V's and Cadence's names of what is in the ISA."""


def core_fault(core: str, features: Sequence[str], cflags: Sequence[str]) -> str | None:
    """What is wrong with a board's core, its features and the compiler's flags for it, as "field: what"."""
    if core not in CORES:
        return f"field core: one of {', '.join(CORES)} (it is {core!r})"
    stray = [feature for feature in features if feature not in CORES[core]]
    if stray:
        may = ", ".join(CORES[core]) or "none"
        return f"field features: core {core!r} has no {', '.join(stray)}; it may have: {may}"
    if not core.startswith(("cortex-m", "rv32")):
        return None
    option = "-mcpu=" if core.startswith("cortex-m") else "-march="
    chosen = next((flag.removeprefix(option) for flag in reversed(cflags) if flag.startswith(option)), None)
    if chosen is not None and not _is(core, chosen):
        return f"field toolchain.cflags: {option}{chosen} is not core {core!r}"
    return None


def _is(core: str, chosen: str) -> bool:
    if core.startswith("rv32"):
        return chosen.startswith(core)  # extensions may follow
    # "cortex-m33+nodsp"; and code for an M0 is code for an M0+.
    return chosen.partition("+")[0] in (core, f"{core}plus" if core == "cortex-m0" else core)
