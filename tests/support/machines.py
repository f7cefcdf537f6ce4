"""Processors other than this computer's whose code can be run here as a program, for tests of kernels made for them.

Such a program reads standard input and writes standard output, and starts in a fraction of a second, so hundreds of
random layers can be tried. Under QEMU's user mode it has the instructions of the core, not its memories; whole firmware
on emulated machines is tested in tests/hil.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tinykit.compiler import Target


@dataclass(frozen=True)
class Machine:
    """How to build and to run a program.

    Attributes:
        cc: compiler and what it is always told; makes programs without libraries to load.
        emulator: the command before the program.
        module: the Python package that the compiler is in, if it is in one.
        link: what the linker is told besides, of files in this folder by ``{here}``.
    """

    name: str
    cc: tuple[str, ...]
    emulator: tuple[str, ...]
    target: Target
    module: str | None = None
    link: tuple[str, ...] = ()

    @property
    def link_arguments(self) -> tuple[str, ...]:
        """``link`` with this folder's path."""
        return tuple(argument.format(here=Path(__file__).parent) for argument in self.link)


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
        # The whole machine with semihosting: QEMU's user mode does not start programs for cores of the M profile.
        Machine(
            "m55",
            ("arm-none-eabi-gcc", "-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"),
            (
                *("qemu-system-arm", "-M", "mps3-an547", "-display", "none", "-monitor", "none", "-serial", "none"),
                *("-semihosting-config", "enable=on,target=native", "-kernel"),
            ),
            Target("cortex-m55", frozenset({"dsp", "fpu", "mve"})),
            link=("--specs=rdimon.specs", "-nostartfiles", "-T{here}/m55/link.ld", "{here}/m55/start.c"),
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
