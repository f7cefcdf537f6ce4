"""What zig calls the cores that board files name.

zig takes a triple and a processor. Its Cortex-M processors come without their optional parts, so the FPU and the vector
unit are added by name; otherwise ``-target ...eabihf`` would pass floats in registers of an FPU that no instruction
uses. Names: ``zig targets`` (LLVM's processors and features with underscores).
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.board import Board
from tinykit.errors import BoardError


@dataclass(frozen=True)
class _Core:
    """A core to zig.

    Attributes:
        fpu: what "fpu" among a board's features adds to the processor; "" for a core that never has one.
        fpu_single: the same for a chip whose FPU computes in single precision only ("-sp-" in its -mfpu).
    """

    architecture: str
    processor: str
    fpu: str = ""
    fpu_single: str = ""


_CORES = {
    "cortex-m0": _Core("thumb", "cortex_m0"),
    "cortex-m0plus": _Core("thumb", "cortex_m0plus"),
    "cortex-m3": _Core("thumb", "cortex_m3"),
    "cortex-m4": _Core("thumb", "cortex_m4", "+vfp4d16sp", "+vfp4d16sp"),
    "cortex-m7": _Core("thumb", "cortex_m7", "+fp_armv8d16", "+fp_armv8d16sp"),
    "cortex-m33": _Core("thumb", "cortex_m33", "+fp_armv8d16sp", "+fp_armv8d16sp"),
    "cortex-m55": _Core("thumb", "cortex_m55", "+fp_armv8d16", "+fp_armv8d16sp"),
    # zicsr: the ports read the counters and set the trap vector.
    "rv32imc": _Core("riscv32", "generic_rv32+m+c+zicsr"),
    "rv32imac": _Core("riscv32", "generic_rv32+m+a+c+zicsr"),
}


def supports(core: str) -> bool:
    """Whether zig compiles for a core without an operating system, or for this computer ("native")."""
    return core in _CORES or core == "native"


def target_flags(board: Board) -> list[str]:
    """The options of ``zig cc`` that choose the board's core.

    Raises:
        BoardError: zig has no compiler for the core.
    """
    if board.is_native:
        return ["-mcpu=baseline"]  # zig's default is this very computer's processor: another build on each
    core = _CORES.get(board.core)
    if core is None:
        raise BoardError(
            f"zig cannot build for core {board.core!r}",
            where=board.name,
            why=f"it compiles for {', '.join(sorted(_CORES))}, and for this computer",
            hint="leave out --builder, to use the board's own",
        )
    if core.architecture == "riscv32":
        return ["-target", "riscv32-freestanding-none", f"-mcpu={core.processor}"]
    processor, abi = core.processor, "eabi"
    if "fpu" in board.features and core.fpu:
        single = any(flag.startswith("-mfpu=") and "-sp-" in flag for flag in board.toolchain.cflags)
        processor, abi = processor + (core.fpu_single if single else core.fpu), "eabihf"
    if "dsp" in board.features and board.core == "cortex-m33":
        processor += "+dsp"  # the other cores of which a board can say so always have it
    if "mve" in board.features:
        processor += "+mve_fp" if abi == "eabihf" else "+mve"
    return ["-target", f"thumb-freestanding-{abi}", f"-mcpu={processor}"]
