"""zig's C compiler: for people who can install Python packages only (``pip install ziglang``).

The project carries a Python program, ``build.py``, instead of a Makefile: where zig came with pip there may be no make.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from tinykit.board import Board
from tinykit.board.tools import find_tool, require_tool, tool_missing, zig_version
from tinykit.errors import BoardError, BuildFailed
from tinykit.firmware.builders.base import Compiler, Ingredients
from tinykit.firmware.builders.run import LOG, run_build
from tinykit.firmware.builders.zig_target import supports, target_flags
from tinykit.firmware.project import Project
from tinykit.firmware.templates import render_file, render_project_file
from tinykit.resources import data_dir

_HEADERS = "src/freestanding"
_ENTRY = re.compile(r"^ENTRY\((\w+)\)", re.MULTILINE)
# ld.lld: error: undefined symbol: powf / error: call to undeclared (library) function 'powf'
_UNKNOWN_FUNCTION = re.compile(r"undefined symbol: (\w+)|call to undeclared (?:library )?function '(\w+)'")


def zig_can_build(board: Board) -> bool:
    """Whether zig is installed and compiles for the board's core."""
    return supports(board.core) and find_tool("zig") is not None


class ZigBuilder:
    """A Python program that needs nothing but zig."""

    kind = "zig"
    outputs = ("build",)

    def compiler_command(self, board: Board) -> str:
        target_flags(board)  # refuses boards of other kinds
        return "zig cc"

    def find_compiler(self, board: Board) -> Compiler:
        command = self.compiler_command(board)
        version = zig_version(require_tool("zig"))
        if version is None:
            raise tool_missing("zig")
        return Compiler(command, f"zig {version}")

    def files(self, ingredients: Ingredients) -> dict[str, bytes]:
        board = ingredients.board
        files: dict[str, bytes] = {}
        values = {**ingredients.values}
        flags = self.flags(ingredients)
        if not board.is_hosted:
            if ingredients.linker_script is None:
                raise BoardError(f"port family {board.port.family!r} has no link.ld.j2", where=board.name)
            files["link.ld"] = render_file(ingredients.linker_script, {**values, **flags})
            # zig names its own entry on lld's command line, which goes before the script's.
            entry = _ENTRY.search(files["link.ld"].decode())
            if entry is not None:
                flags["ldflags"].append(f"-Wl,-e,{entry[1]}")
            # zig brings the compiler's headers and routines, but no C library for bare metal.
            for path in sorted((data_dir("firmware_templates") / "projects" / "zig" / "freestanding").iterdir()):
                files[f"{_HEADERS}/{path.name}"] = path.read_bytes()
            values["include_folders"] = sorted([*values["include_folders"], _HEADERS])
            sources = [name for name in files if name.endswith(".c")]
            # Mathematics is the model's: optimised as it is.
            values["model_sources"] = sorted([*values["model_sources"], *sources])
        values.update(flags)
        files["build.py"] = render_project_file("zig/build.py.j2", values)
        files["README.md"] = render_project_file("zig/README.md.j2", values)
        return files

    def flags(self, ingredients: Ingredients) -> dict[str, Any]:
        board = ingredients.board
        ldflags = ["-lm"] if board.is_hosted else ["-Wl,-T,link.ld", "-Wl,--gc-sections"]
        return {"target": target_flags(board), "ldflags": ldflags}

    def build(self, project: Project, jobs: int) -> None:
        zig = require_tool("zig")
        try:
            run_build(project, [sys.executable, "build.py", "--jobs", str(jobs), "--zig", zig])
        except BuildFailed as error:
            raise _explain(project, error) from None

    def elf(self, root: Path) -> Path:
        return root / "build" / "firmware.elf"


def _explain(project: Project, error: BuildFailed) -> BuildFailed:
    """The error, or a plainer one where the firmware calls what only a C library has."""
    log = (project.root / LOG).read_text(encoding="utf-8", errors="replace")
    names = sorted({first or second for first, second in _UNKNOWN_FUNCTION.findall(log)})
    if not names or project.board.is_hosted:
        return error
    return BuildFailed(
        f"zig cannot link this firmware: it has no {', '.join(names)}",
        where=str(project.root),
        why="zig brings no C library for bare metal, only the functions of src/freestanding",
        hint=f"build it with the board's gcc (--builder gcc); the whole log is in {project.root / LOG}",
    )
