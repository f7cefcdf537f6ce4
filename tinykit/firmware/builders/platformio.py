"""PlatformIO: with its own platform for the board where the board file names one, else with one that comes along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinykit.board import Board
from tinykit.board.tools import program_version, require_tool, tool_missing
from tinykit.errors import BoardError
from tinykit.firmware.builders.base import Compiler, Ingredients
from tinykit.firmware.builders.gcc import GccBuilder
from tinykit.firmware.builders.pio_framework import framework_files, framework_flags
from tinykit.firmware.builders.pio_registry import ENVIRONMENT, refuse_to_wait
from tinykit.firmware.builders.run import run_build
from tinykit.firmware.project import Project
from tinykit.firmware.templates import render_file, render_project_file
from tinykit.resources import data_dir

_TEMPLATES = "platformio"
_PLATFORM_FILES = ("platform.json", "platform.py", "builder/main.py")
_CFLAGS = (
    "-std=c99", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-ffunction-sections", "-fdata-sections",
    "-ffp-contract=off", "-ffile-prefix-map=${PROJECT_DIR}=.", "-DTK_LAYER_HOOK",
)  # fmt: skip

_FRAMEWORKS_OWN = ("-std=c99", "-g", "-ffunction-sections", "-fdata-sections")
"""Of those, what a framework sets as it needs it."""


class PlatformioBuilder:
    """``pio run`` on a platformio.ini."""

    kind = "platformio"
    outputs = ("build", ".pio")

    def compiler_command(self, board: Board) -> str:
        return "pio run"

    def find_compiler(self, board: Board) -> Compiler:
        command = self.compiler_command(board)
        version = program_version([require_tool("platformio")])
        if version is None:
            raise tool_missing("platformio")
        registry = board.builder.platformio
        if registry is not None:
            # Its compiler is a package of the platform, and may not be here yet.
            return Compiler(command, f"{version}, platform {registry.platform}")
        return Compiler(command, f"{GccBuilder().find_compiler(board).version}, run by {version}")

    def files(self, ingredients: Ingredients) -> dict[str, bytes]:
        board = ingredients.board
        registry = board.builder.platformio
        includes = [f"-I{name}" for name in ingredients.values["include_folders"]]
        if registry is not None and registry.framework is not None:
            cflags = [flag for flag in _CFLAGS if flag not in _FRAMEWORKS_OWN]
            return framework_files(registry.framework, ingredients, [*cflags, *includes])
        if ingredients.linker_script is None:
            raise BoardError(f"port family {board.port.family!r} has no link.ld.j2", where=board.name)
        flags = self.flags(ingredients)
        values = {
            **ingredients.values,
            **flags,
            "registry": registry,
            "options": {} if registry is None else registry.options,
            "framework": None,
            "flags": [*flags["target"], *_CFLAGS, *includes],
            "libs": [name.removeprefix("-l") for name in board.toolchain.libs],
            "model_opt": [f"-{ingredients.values['opt_level']}", *board.toolchain.model_cflags],
        }
        files = {
            name: render_project_file(f"{_TEMPLATES}/{name}.j2", values)
            for name in ("platformio.ini", "extra_script.py", "README.md")
        }
        files["link.ld"] = render_file(ingredients.linker_script, values)
        if registry is None:
            folder = data_dir("firmware_templates") / "projects" / _TEMPLATES / "platform"
            for name in _PLATFORM_FILES:
                files[f"platform/{name}"] = (folder / name).read_bytes()
            board_file = f"platform/boards/{board.name}.json"
            files[board_file] = render_project_file(f"{_TEMPLATES}/board.json.j2", values)
        return files

    def flags(self, ingredients: Ingredients) -> dict[str, Any]:
        toolchain, registry = ingredients.board.toolchain, ingredients.board.builder.platformio
        if registry is not None and registry.framework is not None:
            return framework_flags(registry.framework, ingredients)
        return {
            "target": list(toolchain.cflags),
            "ldflags": [*toolchain.ldflags, "-Wl,--gc-sections,-Map=build/firmware.map"],
        }

    def build(self, project: Project, jobs: int) -> None:
        pio = require_tool("platformio")
        command = [pio, "run", "-d", ".", "-j", str(jobs)]
        run_build(
            project,
            command,
            ENVIRONMENT,
            on_line=lambda line: refuse_to_wait(
                line,
                project.root,
                "connect this computer to the network (HTTPS_PROXY is respected), or build with --builder gcc or zig",
            ),
        )

    def elf(self, root: Path) -> Path:
        return root / "build" / "firmware" / "firmware.elf"
