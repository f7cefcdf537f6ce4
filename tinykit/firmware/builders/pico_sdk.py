"""CMake and the Raspberry Pi Pico SDK: ELF and UF2 for RP2040 and RP2350. Downloads nothing."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from tinykit.board import Board
from tinykit.board.tools import PICO_SDK, pico_sdk_path, pico_sdk_version, program_version, require_tool, tool_missing
from tinykit.errors import BoardError, ToolMissing
from tinykit.firmware import uf2_file
from tinykit.firmware.builders.base import Compiler, Ingredients
from tinykit.firmware.builders.run import run_build
from tinykit.firmware.project import Project
from tinykit.firmware.templates import render_file, render_project_file
from tinykit.resources import data_dir

# CMake would take these from the user's shell and build another firmware.
_NO_FLAGS = {name: "" for name in ("CFLAGS", "CXXFLAGS", "ASMFLAGS", "LDFLAGS", "CC", "CXX", "CMAKE_GENERATOR")}


class PicoSdkBuilder:
    """A CMake project over the SDK in PICO_SDK_PATH, else where Debian's package puts it."""

    kind = "pico-sdk"
    outputs = ("build",)

    def compiler_command(self, board: Board) -> str:
        return f"{board.toolchain.prefix}gcc"

    def find_compiler(self, board: Board) -> Compiler:
        command = self.compiler_command(board)
        require_tool(command)
        version = program_version([command])
        if version is None:
            raise tool_missing(command)
        return Compiler(command, f"{version}, pico-sdk {pico_sdk_version(_sdk())}")

    def files(self, ingredients: Ingredients) -> dict[str, bytes]:
        board = ingredients.board
        if ingredients.linker_script is None:
            raise BoardError(f"port family {board.port.family!r} has no link.ld.j2", where=board.name)
        folder = data_dir("firmware_templates") / "projects" / "pico-sdk"
        self.flags(ingredients)  # refuses boards of other kinds
        return {
            "CMakeLists.txt": render_project_file("pico-sdk/CMakeLists.txt.j2", ingredients.values),
            "README.md": render_project_file("pico-sdk/README.md.j2", ingredients.values),
            "find_pico_sdk.cmake": (folder / "find_pico_sdk.cmake").read_bytes(),
            "elf2uf2.py": Path(uf2_file.__file__).read_bytes(),
            "link.ld": render_file(ingredients.linker_script, ingredients.values),
        }

    def flags(self, ingredients: Ingredients) -> dict[str, Any]:
        options = ingredients.board.builder.pico_sdk
        if options is None:
            raise BoardError(
                f"{ingredients.board.name} cannot be built with the Pico SDK",
                where=str(ingredients.board.path),
                hint="a board file for it has a table [builder.pico_sdk]",
            )
        # The SDK's toolchain file has the compiler's own flags for the board.
        return {"target": [f"PICO_BOARD={options.board}"], "uf2_family": options.uf2_family}

    def build(self, project: Project, jobs: int) -> None:
        cmake = require_tool("cmake")
        self.find_compiler(project.board)
        if shutil.which("ninja") is None:
            require_tool("make")
        environment = {**_NO_FLAGS, "PICO_SDK_PATH": str(_sdk())}
        generator = "Ninja" if shutil.which("ninja") else "Unix Makefiles"
        cache = project.root / "build" / "CMakeCache.txt"
        # CMake refuses a build folder that was made elsewhere, and mixes what another SDK left with this one's.
        if cache.is_file() and not _made_here(cache, project.root, environment["PICO_SDK_PATH"]):
            shutil.rmtree(project.root / "build")
        run_build(
            project,
            [cmake, "-S", ".", "-B", "build", "-G", generator, f"-DPICO_SDK_PATH={environment['PICO_SDK_PATH']}"],
            environment,
        )
        run_build(project, [cmake, "--build", "build", "--parallel", str(jobs)], environment)

    def elf(self, root: Path) -> Path:
        return root / "build" / "firmware.elf"


def uf2_of(root: Path) -> Path:
    """Where the UF2 file of the project in ``root`` is, once built."""
    return root / "build" / "firmware.uf2"


def _sdk() -> Path:
    found = pico_sdk_path()
    if found is not None:
        return found
    given = os.environ.get("PICO_SDK_PATH")
    if given:
        raise ToolMissing(
            "PICO_SDK_PATH holds no Pico SDK",
            where=given,
            why="it has no pico_sdk_init.cmake",
            hint="set it to a checkout of https://github.com/raspberrypi/pico-sdk, or unset it",
        )
    raise tool_missing(PICO_SDK.name)


def _made_here(cache: Path, root: Path, sdk: str) -> bool:
    text = cache.read_text(encoding="utf-8", errors="replace")
    home = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", text, re.MULTILINE)
    used = re.search(r"^PICO_SDK_PATH:\w+=(.*)$", text, re.MULTILINE)
    return (
        home is not None
        and used is not None
        and Path(home.group(1)).resolve() == root.resolve()
        and Path(used.group(1)).resolve() == Path(sdk).resolve()
    )
