"""What goes into an Espressif chip's flash, and where: bootloader, partition table, application; or one image."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

from tinykit.board.flashers import Esptool
from tinykit.errors import InputError
from tinykit.firmware.project import Project

BLOCK = 0x10000
"""Bytes. The largest erase unit of SPI flash, and the unit in which contents are compared."""

_FILLER = b"\xff"  # what erased flash reads as


@dataclass(frozen=True)
class Part:
    """One file's place in the flash, padded to whole words as esptool writes it."""

    name: str
    offset: int
    data: bytes

    @property
    def end(self) -> int:
        return self.offset + len(self.data)


def parts_of(project: Project, settings: Esptool) -> list[Part]:
    """What to write, by offset.

    ESP-IDF says it in build/flasher_args.json. PlatformIO leaves bootloader.bin, partitions.bin and firmware.bin beside
    the ELF file; they go where the board file says.

    Raises:
        InputError: a file is missing, empty or no image, or two overlap.
    """
    root = project.root
    arguments = root / "build" / "flasher_args.json"
    places = _from_idf(arguments) if arguments.is_file() else _beside(project.elf, settings)
    parts = sorted((_read(name, offset, path) for name, offset, path in places), key=lambda part: part.offset)
    for low, high in itertools.pairwise(parts):
        if low.end > high.offset:
            raise InputError(
                f"{low.name} runs into {high.name}",
                where=str(root),
                why=f"it ends at 0x{low.end:x}, the other starts at 0x{high.offset:x}",
                hint="correct the offsets in the board file's [flasher.esptool] and the partition table",
            )
    return parts


def blocks_of(part: Part, whole: bool) -> list[Part]:
    """A part in pieces that end at multiples of BLOCK; in one when ``whole``."""
    if whole:
        return [part]
    pieces = []
    start = part.offset
    while start < part.end:
        end = min(part.end, (start // BLOCK + 1) * BLOCK)
        pieces.append(Part(part.name, start, part.data[start - part.offset : end - part.offset]))
        start = end
    return pieces


def joined(pieces: list[Part]) -> list[Part]:
    """Pieces in order of their offsets, with those that touch made one."""
    result: list[Part] = []
    for piece in pieces:
        if result and result[-1].end == piece.offset and result[-1].name == piece.name:
            result[-1] = Part(piece.name, result[-1].offset, result[-1].data + piece.data)
        else:
            result.append(piece)
    return result


def _from_idf(path: Path) -> list[tuple[str, int, Path]]:
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["flash_files"]
        return [(Path(name).stem, int(offset, 0), path.parent / name) for offset, name in files.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "cannot tell what to flash", where=str(path), why=repr(error), hint="build the project again"
        ) from None


def _beside(elf: Path, settings: Esptool) -> list[tuple[str, int, Path]]:
    wanted = [("firmware", settings.app)]
    if settings.bootloader is not None:
        wanted += [("bootloader", settings.bootloader), ("partitions", settings.partition_table)]
    return [(name, offset, elf.with_name(f"{name}.bin")) for name, offset in wanted]


def _read(name: str, offset: int, path: Path) -> Part:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the {name} image is missing", where=str(path), why=error.strerror, hint="build the project again"
        ) from None
    if not data:
        raise InputError(f"the {name} image is empty", where=str(path), hint="build the project again")
    return Part(name, offset, data + _FILLER * (-len(data) % 4))
