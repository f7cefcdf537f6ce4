"""make and a gcc: bare metal, or this computer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tinykit.board import Board
from tinykit.board.tools import host_cc, program_version, require_tool, tool_missing
from tinykit.errors import BoardError
from tinykit.firmware.builders.base import Compiler, Ingredients
from tinykit.firmware.builders.run import run_build
from tinykit.firmware.project import Project
from tinykit.firmware.templates import render_file, render_project_file

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")


class GccBuilder:
    """A Makefile that needs nothing but make and the compiler, and a CMakeLists.txt that makes the same."""

    kind = "gcc"
    outputs = ("build",)
    engines = ("tflm",)

    def compiler_command(self, board: Board) -> str:
        return " ".join(host_cc()) if board.is_native else f"{board.toolchain.prefix}gcc"

    def find_compiler(self, board: Board) -> Compiler:
        command = host_cc() if board.is_native else [self.compiler_command(board)]
        require_tool("cc" if board.is_native else command[0])
        if any("picolibc" in flag for flag in board.toolchain.cflags):
            require_tool("picolibc")
        version = program_version(command)
        if version is None:
            raise tool_missing(command[0])
        return Compiler(" ".join(command), version)

    def files(self, ingredients: Ingredients) -> dict[str, bytes]:
        board = ingredients.board
        values = {**ingredients.values, **self.flags(ingredients)}
        files = {
            "Makefile": render_project_file("gcc/Makefile.j2", values),
            "CMakeLists.txt": render_project_file("common/CMakeLists.txt.j2", values),
            "README.md": render_project_file("gcc/README.md.j2", values),
        }
        if not board.is_hosted:
            files["toolchain.cmake"] = render_project_file("common/toolchain.cmake.j2", values)
            if ingredients.linker_script is None:
                raise BoardError(f"port family {board.port.family!r} has no link.ld.j2", where=board.name)
            files["link.ld"] = render_file(ingredients.linker_script, values)
        return files

    def flags(self, ingredients: Ingredients) -> dict[str, Any]:
        board = ingredients.board
        sanitizers = SANITIZERS if ingredients.values["sanitize"] else ()
        ldflags = list(board.toolchain.ldflags)
        if not board.is_hosted:
            ldflags.append("-Wl,--gc-sections")
        return {"target": [*board.toolchain.cflags, *sanitizers], "ldflags": ldflags}

    def build(self, project: Project, jobs: int) -> None:
        command = [require_tool("make"), f"-j{jobs}"]
        compiler = self.find_compiler(project.board)
        if project.board.is_native:
            command.append(f"CC={compiler.command}")
            command.append(f"CXX={os.environ.get('CXX') or 'c++'}")
        run_build(project, command)

    def elf(self, root: Path) -> Path:
        return root / "build" / "firmware.elf"
