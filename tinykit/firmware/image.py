"""A built firmware: the ELF file and what it takes of the board."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tinykit.board import Board
from tinykit.errors import InputError
from tinykit.firmware.project import Project, load_project
from tinykit.runner.release import Release, load_release

_SHF_WRITE = 1
_SHF_ALLOC = 2
_ARENA_SYMBOL = "tk_arena"
_HEAP_SECTION = ".heap"
"""What a platform's linker script leaves to its heap; nothing of it is the firmware's."""

_STACK_SYMBOL = "tk_stack"
"""A stack that is an object, where an operating system gives the task its stack."""


@dataclass(frozen=True)
class Sizes:
    """Bytes.

    Attributes:
        flash: everything that occupies flash: vectors, code, constants, and the load image of .data. Of a release
            that an interpreter runs, the model's file, all of which counts as weights.
        weights: the model's weights and biases, part of ``flash``.
        code: ``flash`` less ``weights`` and the model's tables.
        tables: the model's requantization and index tables, part of ``flash``.
        static_ram: .data + .bss + .noinit, the arena included, the stack not.
        arena: the model's working memory, part of ``static_ram``.
        stack: reserved for the stack, on top of ``static_ram``; 0 on the host.
    """

    flash: int
    code: int
    weights: int
    tables: int
    static_ram: int
    arena: int
    stack: int


@dataclass(frozen=True)
class Image:
    """A firmware ready to be loaded, or a release ready to be deployed."""

    project: Project
    sizes: Sizes

    @property
    def elf(self) -> Path:
        return self.project.elf

    @property
    def board(self) -> Board:
        return self.project.board

    @property
    def build_id(self) -> str:
        """32 hexadecimal digits."""
        return self.project.build_id

    @property
    def release(self) -> Release | None:
        """What a runner serves on a Linux board; None: it is a firmware.

        Raises:
            InputError: the release in the project's folder is damaged.
        """
        return load_release(self.project.root) if self.project.is_release else None

    @property
    def served_at(self) -> tuple[str, int] | None:
        """Address and TCP port on the board where its runner listens; None: it is a firmware."""
        release = self.release
        return None if release is None else (release.listen, release.port)


def image_of(project: Project) -> Image:
    """The image that was built of a project.

    Raises:
        InputError: it is not built, or the file is not an ELF file.
    """
    if project.is_release and project.engine != "library":
        size = load_release(project.root).models[0].nbytes
        return Image(project, Sizes(size, 0, size, 0, 0, 0, 0))
    try:
        with project.elf.open("rb") as file:
            sections = _Sections(ELFFile(file))
    except FileNotFoundError:
        raise InputError(
            "the project is not built",
            where=str(project.root),
            hint="`tinykit build` does it; README.md there says how by hand",
        ) from None
    except (ELFError, OSError) as error:
        raise InputError("cannot read the firmware", where=str(project.elf), why=str(error)) from None
    constants = project.manifest["model"]["constants"]
    weights, tables = constants.get("weights", 0), constants.get("tables", 0)
    sizes = Sizes(
        flash=sections.flash,
        code=sections.flash - weights - tables,
        weights=weights,
        tables=tables,
        static_ram=sections.ram,
        arena=sections.arena,
        stack=sections.stack,
    )
    return Image(project, sizes)


def load_image(root: Path) -> Image:
    """The image in a project folder.

    Raises:
        InputError: the folder is no project, or it is not built.
    """
    return image_of(load_project(root))


class _Sections:
    """Sums over the sections of an ELF file that exist at run time."""

    def __init__(self, elf: ELFFile) -> None:
        self.flash = self.ram = self.stack = self.arena = 0
        for section in elf.iter_sections():
            flags, size = section["sh_flags"], section["sh_size"]
            if flags & _SHF_ALLOC:
                if section["sh_type"] != "SHT_NOBITS":
                    self.flash += size
                if section.name == ".stack":
                    self.stack += size
                elif flags & _SHF_WRITE and section.name != _HEAP_SECTION:
                    self.ram += size
            if isinstance(section, SymbolTableSection):
                for symbol in section.get_symbol_by_name(_ARENA_SYMBOL) or []:
                    self.arena += symbol["st_size"]
                for symbol in section.get_symbol_by_name(_STACK_SYMBOL) or []:
                    self.stack += symbol["st_size"]
                    self.ram -= symbol["st_size"]
