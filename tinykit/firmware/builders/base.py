"""What a builder is: it adds build files to a project's sources, and makes the firmware of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tinykit.board import Board

if TYPE_CHECKING:
    from tinykit.firmware.project import Project


@dataclass(frozen=True)
class Compiler:
    """A compiler: ``command`` as a project's files say it, ``version`` as it says itself.

    The version is part of the build id: the same sources from another compiler are another firmware.
    """

    command: str
    version: str


@dataclass(frozen=True)
class Ingredients:
    """What a builder's files are made of.

    Attributes:
        values: for templates: board, model (Facts), stack, opt_level, sanitize, compiler, model_file, and from the
            sources ``model_sources``, ``firmware_sources`` (paths of .c, .cc and .S files) and ``include_folders``;
            ``interpreter`` (Interpreter) is None unless one is built along.
        linker_script: template of the port family, if it has one.
    """

    board: Board
    values: Mapping[str, Any]
    linker_script: Path | None


class Builder(Protocol):
    """A way to build firmware.

    Attributes:
        kind: as a board file's [builder] names it.
        outputs: names in the project folder that building makes.
        engines: besides "aot", which every builder builds. A builder without the attribute builds C only.
        tflm_root: a method, where the builder's platform has TFLite-Micro and builds it by itself: its folder.
    """

    @property
    def kind(self) -> str: ...

    @property
    def outputs(self) -> tuple[str, ...]: ...

    def compiler_command(self, board: Board) -> str:
        """The compiler for a board as a project's files say it, whether it is installed or not.

        Raises:
            BoardError: this builder does not build for the board.
        """
        ...

    def find_compiler(self, board: Board) -> Compiler:
        """The compiler for a board.

        Raises:
            ToolMissing: it is not installed or does not run.
        """
        ...

    def files(self, ingredients: Ingredients) -> dict[str, bytes]:
        """The build files by path in the project, README.md among them.

        Raises:
            BoardError: the board's file or family lacks something.
        """
        ...

    def flags(self, ingredients: Ingredients) -> dict[str, Any]:
        """The flags that the manifest records. "target" is a list: what chooses the target, for reports."""
        ...

    def build(self, project: Project, jobs: int) -> None:
        """Make ``elf(project.root)``.

        Raises:
            ToolMissing: a program is not installed.
            DoesNotFit: the linker found a memory too small.
            BuildFailed: anything else; shows the log's end and where the whole log is.
        """
        ...

    def elf(self, root: Path) -> Path:
        """Where the firmware of the project in ``root`` is, once built."""
        ...
