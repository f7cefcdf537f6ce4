"""Processors other than this computer's whose code can be run here as a program, for tests of kernels made for them.

A program under QEMU's user mode starts in milliseconds, so hundreds of random layers can be tried. It has the
instructions of the core, not its memories; whole firmware on emulated machines is tested in tests/hil.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass

import pytest

from tinykit.compiler import Target


@dataclass(frozen=True)
class Machine:
    """How to build and to run a program.

    Attributes:
        cc: compiler and what it is always told; makes programs without libraries to load.
        emulator: the command before the program.
        module: the Python package that the compiler is in, if it is in one.
    """

    name: str
    cc: tuple[str, ...]
    emulator: tuple[str, ...]
    target: Target
    module: str | None = None


MACHINES = {
    machine.name: machine
    for machine in (
        # An A profile core, for its operating system, with all instructions of the DSP extension.
        Machine(
            "m4",
            ("arm-linux-gnueabi-gcc", "-static", "-march=armv7-a", "-mthumb", "-mfloat-abi=softfp", "-mfpu=vfpv3-d16"),
            ("qemu-arm-static", "-cpu", "cortex-a7"),
            Target("cortex-m4", frozenset({"dsp", "fpu"})),
        ),
        # zig brings a C library for it, which distributions' cross compilers do not.
        Machine(
            "rv32",
            (sys.executable, "-m", "ziglang", "cc", "-target", "riscv32-linux-musl", "-static"),
            ("qemu-riscv32-static",),
            Target("rv32imc"),
            module="ziglang",
        ),
        # Armv6 in Thumb state, before Thumb-2: what Armv6-M took over without a change.
        Machine(
            "m0",
            ("arm-linux-gnueabi-gcc", "-static", "-march=armv6", "-mthumb", "-mfloat-abi=soft"),
            ("qemu-arm-static", "-cpu", "arm1176"),
            Target("cortex-m0"),
        ),
    )
}


def need_machine(name: str) -> Machine:
    """The machine; skips the test when its compiler or emulator is not installed."""
    machine = MACHINES[name]
    if machine.module is not None and importlib.util.find_spec(machine.module) is None:
        pytest.skip(f"the Python package {machine.module} is not installed")
    for program in (machine.cc[0], machine.emulator[0]):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    return machine
