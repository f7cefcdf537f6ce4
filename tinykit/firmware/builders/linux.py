"""CMake and a gcc: a program for Linux on a board, cross-compiled here or compiled there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinykit.board import Board
from tinykit.board.tools import program_version, require_tool, tool_missing
from tinykit.firmware.builders.base import Compiler, Ingredients
from tinykit.firmware.builders.run import run_build
from tinykit.firmware.project import Project
from tinykit.firmware.templates import render_project_file


class LinuxBuilder:
    """A CMake project, and a toolchain file for building it on another computer."""

    kind = "linux"
    outputs = ("build",)
    engines = ("tflm",)

    def compiler_command(self, board: Board) -> str:
        return f"{board.toolchain.prefix}gcc"

    def find_compiler(self, board: Board) -> Compiler:
        command = self.compiler_command(board)
        require_tool(command)
        version = program_version([command])
        if version is None:
            raise tool_missing(command)
        return Compiler(command, version)

    def files(self, ingredients: Ingredients) -> dict[str, bytes]:
        values = {**ingredients.values, **self.flags(ingredients)}
        return {
            "CMakeLists.txt": render_project_file("common/CMakeLists.txt.j2", values),
            "toolchain.cmake": render_project_file("common/toolchain.cmake.j2", values),
            "README.md": render_project_file("linux/README.md.j2", values),
        }

    def flags(self, ingredients: Ingredients) -> dict[str, Any]:
        toolchain = ingredients.board.toolchain
        return {"target": list(toolchain.cflags), "ldflags": [*toolchain.ldflags, "-Wl,--gc-sections"]}

    def build(self, project: Project, jobs: int) -> None:
        cmake = require_tool("cmake")
        self.find_compiler(project.board)
        run_build(project, [cmake, "-S", ".", "-B", "build", "-DCMAKE_TOOLCHAIN_FILE=toolchain.cmake"])
        run_build(project, [cmake, "--build", "build", "--parallel", str(jobs)])

    def elf(self, root: Path) -> Path:
        return root / "build" / "firmware.elf"
