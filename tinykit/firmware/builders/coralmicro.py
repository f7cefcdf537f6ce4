"""Google's platform for the Coral Dev Board Micro: an app outside of its tree, in its CMake build.

Source: https://github.com/google-coral/coralmicro-out-of-tree-sample, and cmake/ of coralmicro.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinykit.board import Board
from tinykit.board.coralmicro import coralmicro_path, coralmicro_version
from tinykit.board.tools import require_tool
from tinykit.errors import BuildFailed
from tinykit.firmware.builders.base import Compiler, Ingredients
from tinykit.firmware.builders.run import run_build
from tinykit.firmware.project import Project
from tinykit.firmware.templates import render_project_file

_LINK = "coralmicro"
"""Its place in a project: its CMake code wants to be below the app's folder."""


class CoralmicroBuilder:
    """A CMake project over the checkout in $CORALMICRO_PATH, whose compiler and TFLite-Micro are used."""

    kind = "coralmicro"
    outputs = ("build",)
    engines = ("tflm",)

    def tflm_root(self) -> Path:
        """TFLite-Micro, as coralmicro builds it by itself: with the kernels of CMSIS-NN."""
        return coralmicro_path() / "third_party" / "tflite-micro"

    def compiler_command(self, board: Board) -> str:
        return f"{board.toolchain.prefix}gcc"

    def find_compiler(self, board: Board) -> Compiler:
        return Compiler(self.compiler_command(board), coralmicro_version(coralmicro_path()))

    def files(self, ingredients: Ingredients) -> dict[str, bytes]:
        return {
            "CMakeLists.txt": render_project_file("coralmicro/CMakeLists.txt.j2", ingredients.values),
            "README.md": render_project_file("coralmicro/README.md.j2", ingredients.values),
        }

    def flags(self, ingredients: Ingredients) -> dict[str, Any]:
        # The toolchain file has the compiler's own flags for the board.
        return {"target": ["add_executable_m7"], "model": list(ingredients.board.toolchain.model_cflags)}

    def build(self, project: Project, jobs: int) -> None:
        cmake = require_tool("cmake")
        _link(project.root / _LINK, coralmicro_path())
        run_build(project, [cmake, "-S", ".", "-B", "build"])
        run_build(project, [cmake, "--build", "build", "--parallel", str(jobs)])

    def elf(self, root: Path) -> Path:
        # Without a suffix: flashtool.py looks for what lies beside it under the same name.
        return root / "build" / "firmware"


def _link(link: Path, checkout: Path) -> None:
    """Make ``link`` lead to the checkout; one that the user put there himself stays."""
    if link.is_symlink():
        link.unlink()
    elif link.exists():
        return
    try:
        link.symlink_to(checkout, target_is_directory=True)
    except OSError as error:
        raise BuildFailed(
            "cannot link coralmicro into the project",
            where=str(link),
            why=error.strerror or str(error),
            hint=f"put a checkout of coralmicro at {link}",
        ) from None
