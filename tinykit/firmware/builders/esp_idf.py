"""Espressif's own build system: a project for idf.py, with the model as a component.

Source: ESP-IDF Programming Guide, "Build System", https://docs.espressif.com/projects/esp-idf/en/latest/.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from tinykit.board import Board
from tinykit.board.tools import program_version
from tinykit.errors import BoardError, ToolMissing
from tinykit.firmware.builders.base import Compiler, Ingredients
from tinykit.firmware.builders.run import run_build
from tinykit.firmware.project import Project
from tinykit.firmware.templates import render_project_file

_OLDEST = (5, 1)
_GUIDE = "https://docs.espressif.com/projects/esp-idf/en/latest/esp32/get-started/"
_APP_OFFSET = 0x10000
_MEGABYTE = 1 << 20
_UART = ("TK_UART_NUMBER", "TK_UART_TX", "TK_UART_RX")


class EspIdfBuilder:
    """`idf.py build` in a project of two components: main (the agent) and model."""

    kind = "esp-idf"
    outputs = ("build",)

    def compiler_command(self, board: Board) -> str:
        return f"{board.toolchain.prefix}gcc"

    def find_compiler(self, board: Board) -> Compiler:
        idf = _idf_path()
        version = _idf_version(idf)
        command = self.compiler_command(board)
        if shutil.which(command) is None or shutil.which("idf.py") is None:
            missing = "idf.py" if shutil.which("idf.py") is None else command
            raise ToolMissing(
                f"{missing} not found",
                why=f"ESP-IDF is in {idf}, but its tools are not on PATH",
                hint=f"run `. {idf}/export.sh` in this shell; once before that, `{idf}/install.sh {_chip(board)}`",
            )
        said = program_version([command])
        if said is None:
            raise ToolMissing(f"{command} does not run", why="it is on PATH", hint=f"run `{idf}/install.sh` again")
        return Compiler(command, f"{said}; ESP-IDF {version}")

    def files(self, ingredients: Ingredients) -> dict[str, bytes]:
        return {
            **idf_project(ingredients),
            "README.md": render_project_file("esp-idf/README.md.j2", ingredients.values),
        }

    def flags(self, ingredients: Ingredients) -> dict[str, Any]:
        return {"target": _chip(ingredients.board), "model": list(ingredients.board.toolchain.model_cflags)}

    def build(self, project: Project, jobs: int) -> None:
        self.find_compiler(project.board)
        # idf.py leaves the number of compilers to Ninja, which looks at the processors itself.
        run_build(project, ["idf.py", "-B", "build", "build"], {"IDF_TARGET": _chip(project.board)})

    def elf(self, root: Path) -> Path:
        return root / "build" / "firmware.elf"


def idf_project(ingredients: Ingredients, *, all_components: bool = False) -> dict[str, bytes]:
    """An ESP-IDF project's own files by path, without README.md.

    Args:
        all_components: built with all of ESP-IDF, not only with what the firmware needs.

    Raises:
        BoardError: the board file lacks the UART's number or pins.
    """
    values = {**ingredients.values, **idf_values(ingredients), "all_components": all_components}
    return {
        path: render_project_file(f"esp-idf/{template}", values)
        for path, template in (
            ("CMakeLists.txt", "CMakeLists.txt.j2"),
            ("main/CMakeLists.txt", "main.cmake.j2"),
            ("src/model/CMakeLists.txt", "model.cmake.j2"),
            ("sdkconfig.defaults", "sdkconfig.defaults.j2"),
            ("partitions.csv", "partitions.csv.j2"),
        )
    }


def idf_values(ingredients: Ingredients) -> dict[str, Any]:
    """What the templates of projects/esp-idf take besides the ingredients' own values.

    Raises:
        BoardError: the board file lacks the UART's number or pins.
    """
    board, values = ingredients.board, ingredients.values
    missing = [name for name in _UART if name not in board.port.defines]
    if missing:
        raise BoardError(
            f"field port.defines: {', '.join(missing)} missing",
            where=board.name,
            hint="ESP-IDF's UART driver needs its number and two pins",
        )
    # model_info.c describes the model to the agent and needs the agent's headers; the component does without.
    model = [name for name in values["model_sources"] if name != "src/model/model_info.c"]
    others = [name for name in values["model_sources"] if name not in model]
    flash = board.flash_bytes or 0
    return {
        "chip": _chip(board),
        "mhz": board.counter.hz // 1_000_000,
        "flash_mb": -(-(flash + _APP_OFFSET) // _MEGABYTE),
        "app_offset": _APP_OFFSET,
        "app_bytes": flash,
        "agent_sources": sorted([*values["firmware_sources"], *others]),
        "model_files": [_beside_model(name) for name in model],
        "model_folders": sorted({str(PurePosixPath(_beside_model(name)).parent) for name in model}),
    }


def _beside_model(name: str) -> str:
    """A path in the project as seen from src/model."""
    return name.removeprefix("src/model/") if name.startswith("src/model/") else f"../{name.removeprefix('src/')}"


def _chip(board: Board) -> str:
    """The chip as idf.py names it."""
    return board.chip.lower().replace("-", "")


def _idf_path() -> Path:
    text = os.environ.get("IDF_PATH", "")
    if not text or not (Path(text) / "tools" / "cmake" / "project.cmake").is_file():
        why = f"IDF_PATH is {text}, where no ESP-IDF is" if text else "IDF_PATH is not set"
        raise ToolMissing(
            "ESP-IDF not found",
            why=f"needed for Espressif boards; {why}",
            hint=f"install it as {_GUIDE} says, then run `. export.sh` of it in this shell",
        )
    return Path(text)


def _idf_version(idf: Path) -> str:
    """ "5.3.1", from the file that ESP-IDF's own build reads it from.

    Raises:
        ToolMissing: too old, or no such file.
    """
    try:
        text = (idf / "tools" / "cmake" / "version.cmake").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = dict(re.findall(r"IDF_VERSION_(MAJOR|MINOR|PATCH)\s+(\d+)", text))
    if set(found) != {"MAJOR", "MINOR", "PATCH"}:
        raise ToolMissing("cannot tell ESP-IDF's version", where=str(idf), hint="is it a whole checkout?")
    if (int(found["MAJOR"]), int(found["MINOR"])) < _OLDEST:
        raise ToolMissing(
            f"ESP-IDF {found['MAJOR']}.{found['MINOR']} is too old",
            where=str(idf),
            why=f"{_OLDEST[0]}.{_OLDEST[1]} or later is needed",
            hint=f"install a later one as {_GUIDE} says",
        )
    return f"{found['MAJOR']}.{found['MINOR']}.{found['PATCH']}"
