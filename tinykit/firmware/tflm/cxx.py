"""The C++ compiler beside a board's C compiler. TFLite-Micro is C++17 and needs the library's headers."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

from tinykit.board import Board
from tinykit.board.tools import program_version
from tinykit.errors import ToolMissing

_HEADERS = ("algorithm", "cstdint", "limits", "new")
_TIMEOUT = 60.0

# Debian's packages by the compiler's prefix: the compiler, and its library where that is another package.
_PACKAGES = {
    "": "g++",
    "arm-none-eabi-": "gcc-arm-none-eabi libstdc++-arm-none-eabi-newlib",
    "aarch64-linux-gnu-": "g++-aarch64-linux-gnu",
    "arm-linux-gnueabi-": "g++-arm-linux-gnueabi",
}


def cxx_command(board: Board) -> list[str]:
    """The prefix's g++; on the host $CXX, else c++."""
    if board.is_native:
        return shlex.split(os.environ.get("CXX", "")) or ["c++"]
    return [f"{board.toolchain.prefix}g++"]


def find_cxx(board: Board) -> tuple[str, str]:
    """Command and version of the C++ compiler.

    Raises:
        ToolMissing: it is not installed, or the C++ library is not.
    """
    prefix = board.toolchain.prefix
    command = cxx_command(board)
    package = _PACKAGES.get(prefix)
    hint = f"sudo apt-get install -y {package}" if package else "choose a board whose compiler has a C++ library"
    version = program_version(command) if shutil.which(command[0]) else None
    if version is None:
        raise ToolMissing(f"{command[0]} not found", why="engine tflm is C++; it is not on PATH", hint=hint)
    program = "".join(f"#include <{header}>\n" for header in _HEADERS)
    run = subprocess.run(
        [*command, *board.toolchain.cflags, "-std=c++17", "-fsyntax-only", "-x", "c++", "-"],
        input=program,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if run.returncode != 0:
        said = next((line for line in run.stderr.splitlines() if "error" in line), "it does not compile an #include")
        raise ToolMissing(
            f"the C++ library of {command[0]} not found",
            why=f"engine tflm is C++; the compiler says: {said}",
            hint=hint,
        )
    return " ".join(command), version
