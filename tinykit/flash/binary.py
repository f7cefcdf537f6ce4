"""A firmware's bytes as they lie in the flash, for tools that do not read ELF files."""

from __future__ import annotations

from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from tinykit.errors import InputError

_ERASED = b"\xff"
_LARGEST = 64 << 20
"""Bytes; no microcontroller's flash is larger, and two far memories in one file would be."""


def flat_binary(elf: Path) -> tuple[int, bytes]:
    """The address of the first byte, and all bytes from there on; what lies between segments is as erased.

    Raises:
        InputError: not an ELF file, nothing in it, or memories too far apart for one file.
    """
    try:
        with elf.open("rb") as file:
            segments = [
                (segment["p_paddr"], segment.data())
                for segment in ELFFile(file).iter_segments("PT_LOAD")
                if segment["p_filesz"] > 0
            ]
    except (ELFError, OSError) as error:
        raise InputError("cannot read the firmware", where=str(elf), why=str(error)) from None
    if not segments:
        raise InputError("the firmware is empty", where=str(elf))
    start = min(address for address, _ in segments)
    end = max(address + len(data) for address, data in segments)
    if end - start > _LARGEST:
        raise InputError(
            "the firmware does not make one file",
            where=str(elf),
            why=f"it reaches from 0x{start:08x} to 0x{end:08x}",
            hint="use a flasher that reads ELF files: gdb, pyocd or openocd",
        )
    content = bytearray(_ERASED * (end - start))
    for address, data in segments:
        content[address - start : address - start + len(data)] = data
    return start, bytes(content)
