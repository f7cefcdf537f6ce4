"""Where ``edgetpu_compiler`` is, and what to do when it is not there or is for another machine.

It is closed; its licence forbids to hand it on. So it is looked for, never brought.
"""

from __future__ import annotations

import errno
import os
import platform
import shutil
from pathlib import Path

from tinykit.errors import ToolMissing

VARIABLE = "TINYKIT_EDGETPU_COMPILER"
NAME = "edgetpu_compiler"
_GET_IT = (
    "on x86-64 Debian or Ubuntu, add Coral's own apt repository as coral.ai/docs/edgetpu/compiler says and install "
    f"edgetpu-compiler, or set {VARIABLE} to the program; `tinykit edgetpu check` needs no compiler"
)
# e_machine of the ELF format.
_MACHINES = {3: "x86 of 32 bits", 40: "Arm of 32 bits", 62: "x86-64", 183: "AArch64", 243: "RISC-V"}


def find_compiler() -> Path:
    """The program that $TINYKIT_EDGETPU_COMPILER names, which is final, else the one on PATH.

    Raises:
        ToolMissing: there is none; says where to get it.
    """
    given = os.environ.get(VARIABLE)
    if given:
        found = shutil.which(given)
        if found is None:
            missing = not Path(given).exists()
            raise ToolMissing(
                f"{VARIABLE} leads to no program",
                where=given,
                why="there is no such file" if missing else "it is not executable",
                hint="correct the variable, or unset it to search PATH",
            )
        return Path(found).absolute()
    found = shutil.which(NAME)
    if found is None:
        machine = f"{platform.system()} on {platform.machine()}"
        here = machine == "Linux on x86_64"
        raise ToolMissing(
            f"{NAME} is not installed",
            why="it is not on PATH" if here else f"it exists for Linux on x86-64 only, and this is {machine}",
            hint=_GET_IT,
        )
    return Path(found).absolute()


def cannot_start(compiler: Path, error: OSError) -> ToolMissing:
    """A program that is there, and that the system will not start."""
    machine = machine_of(compiler)
    if error.errno == errno.ENOEXEC:
        return wrong_machine(compiler)
    if error.errno == errno.ENOENT and machine is not None:
        why = f"it is a program for {machine}, and the loader that it names is not installed"
    else:
        why = error.strerror or str(error)
    return ToolMissing(f"{NAME} does not start", where=str(compiler), why=why, hint=_GET_IT)


def wrong_machine(compiler: Path) -> ToolMissing:
    """A program for another kind of computer (the system says: Exec format error)."""
    found = machine_of(compiler)
    what = f"it is a program for {found}" if found is not None else "it is no program, or one for another machine"
    return ToolMissing(
        f"{NAME} does not run on this computer",
        where=str(compiler),
        why=f"{what}, and this is {platform.system()} on {platform.machine()}",
        hint=_GET_IT,
    )


def machine_of(program: Path) -> str | None:
    """The machine that an ELF file is for; None when it is none."""
    try:
        with program.open("rb") as file:
            head = file.read(20)
    except OSError:
        return None
    if len(head) < 20 or head[:4] != b"\x7fELF":
        return None
    number = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
    return _MACHINES.get(number, f"ELF machine {number}")
