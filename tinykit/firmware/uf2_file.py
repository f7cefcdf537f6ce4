"""UF2 files of ELF files, for boot loaders that appear as a USB drive. Needs nothing but Python, and is a program, too.

    python uf2_file.py --family 0xe48bff56 firmware.elf firmware.uf2

Sources: the UF2 specification (github.com/microsoft/uf2); RP2040 datasheet, 2.8.4.2 (UF2 format details); RP2350
datasheet, 5.5 (USB mass storage interface) and erratum RP2350-E10.
"""

from __future__ import annotations

import argparse
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RP2040 = 0xE48BFF56
RP2350_ABSOLUTE = 0xE48BFF57
RP2350_ARM_S = 0xE48BFF59
RP2350_RISCV = 0xE48BFF5A
RP2350_ARM_NS = 0xE48BFF5B
FAMILIES = {
    RP2040: "rp2040",
    RP2350_ABSOLUTE: "absolute",
    RP2350_ARM_S: "rp2350-arm-s",
    RP2350_RISCV: "rp2350-riscv",
    RP2350_ARM_NS: "rp2350-arm-ns",
}

BLOCK_BYTES = 512
PAGE_BYTES = 256
_MAGIC_START = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_FLAG_NOT_MAIN_FLASH = 0x00000001
_FLAG_FAMILY = 0x00002000
_FLAG_TAGS = 0x00008000
_HEADER = struct.Struct("<8I")

_FLASH = (0x10000000, 0x20000000)
"""Where the chips' boot ROMs take flash contents to: their XIP window."""

# A block that RP2350's first boot ROM drops, instead of a real one. It goes where no board has flash.
_E10_ADDRESS = 0x10FFFF00
_E10_PAYLOAD = b"\xef" * PAGE_BYTES
_E10_TAG = bytes.fromhex("04e35799")
"""UF2 extension tag "ignore this block": its length, 4, and its type 0x9957e3."""

_ELF_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
_ELF_SEGMENT = struct.Struct("<8I")
_PT_LOAD = 1


@dataclass(frozen=True)
class Block:
    """One block: ``data`` for ``address``; ``number`` of ``count`` of that ``family``; ``tags`` are extensions."""

    address: int
    data: bytes
    number: int
    count: int
    family: int
    tags: bytes = b""

    def encode(self) -> bytes:
        """The 512 bytes."""
        flags = _FLAG_FAMILY | (_FLAG_TAGS if self.tags else 0)
        head = _HEADER.pack(*_MAGIC_START, flags, self.address, len(self.data), self.number, self.count, self.family)
        return (head + self.data + self.tags).ljust(BLOCK_BYTES - 4, b"\0") + struct.pack("<I", _MAGIC_END)


def uf2_of_elf(elf: bytes, family: int) -> bytes:
    """The UF2 file of an ELF file's flash contents.

    Args:
        elf: a 32-bit little-endian ELF file.
        family: of the chip, see ``FAMILIES``.

    Raises:
        ValueError: it is no such file, is damaged, or has nothing for the flash.
    """
    pages = _pages(elf)
    blocks = [Block(a, bytes(pages[a]), i, len(pages), family) for i, a in enumerate(sorted(pages))]
    if family in (RP2350_ARM_S, RP2350_RISCV, RP2350_ARM_NS):
        # It counts as the first of two so that the ROM does not take it for the whole file.
        blocks.insert(0, Block(_E10_ADDRESS, _E10_PAYLOAD, 0, 2, RP2350_ABSOLUTE, _E10_TAG))
    return b"".join(block.encode() for block in blocks)


def read_uf2(data: bytes) -> list[Block]:
    """The blocks of a UF2 file that are for main flash.

    Raises:
        ValueError: it is not a UF2 file, or is damaged; says which block.
    """
    if not data or len(data) % BLOCK_BYTES:
        raise ValueError(f"{len(data)} bytes are not a whole number of blocks of {BLOCK_BYTES}")
    blocks = []
    for number in range(len(data) // BLOCK_BYTES):
        raw = data[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES]
        first, second, flags, address, size, index, count, family = _HEADER.unpack_from(raw)
        if (first, second) != _MAGIC_START or struct.unpack_from("<I", raw, BLOCK_BYTES - 4)[0] != _MAGIC_END:
            raise ValueError(f"block {number} does not have the marks of a UF2 block")
        if size > BLOCK_BYTES - _HEADER.size - 4:
            raise ValueError(f"block {number} says that it holds {size} bytes")
        if not flags & _FLAG_NOT_MAIN_FLASH:
            payload = raw[_HEADER.size : _HEADER.size + size]
            blocks.append(Block(address, payload, index, count, family if flags & _FLAG_FAMILY else 0))
    return blocks


def _pages(elf: bytes) -> dict[int, bytearray]:
    """The flash's contents by page address; what no segment says is zero."""
    pages: dict[int, bytearray] = {}
    for address, data in _flash_segments(elf):
        at = 0
        while at < len(data):
            page, offset = (address + at) // PAGE_BYTES * PAGE_BYTES, (address + at) % PAGE_BYTES
            piece = data[at : at + PAGE_BYTES - offset]
            pages.setdefault(page, bytearray(PAGE_BYTES))[offset : offset + len(piece)] = piece
            at += len(piece)
    if not pages:
        raise ValueError(f"nothing in it is for the flash at 0x{_FLASH[0]:08x}")
    return pages


def _flash_segments(elf: bytes) -> Iterator[tuple[int, bytes]]:
    """Load address and contents of each segment in flash."""
    if len(elf) < _ELF_HEADER.size or elf[:6] != b"\x7fELF\x01\x01":
        raise ValueError("it is not a 32-bit little-endian ELF file")
    fields = _ELF_HEADER.unpack_from(elf)
    start, entry_bytes, count = fields[5], fields[9], fields[10]
    if (count and entry_bytes < _ELF_SEGMENT.size) or start + count * entry_bytes > len(elf):
        raise ValueError("its program headers lie outside of the file")
    for index in range(count):
        kind, offset, _, address, size, _, _, _ = _ELF_SEGMENT.unpack_from(elf, start + index * entry_bytes)
        if kind == _PT_LOAD and size and _FLASH[0] <= address < _FLASH[1]:
            if offset + size > len(elf):
                raise ValueError(f"segment {index} lies outside of the file")
            yield address, elf[offset : offset + size]


def main() -> int:
    parser = argparse.ArgumentParser(description="Make a UF2 file of an ELF file.")
    parser.add_argument("--family", type=lambda text: int(text, 0), required=True, help="family id of the chip")
    parser.add_argument("elf", type=Path)
    parser.add_argument("uf2", type=Path)
    arguments = parser.parse_args()
    temporary = arguments.uf2.with_name(arguments.uf2.name + ".part")
    try:
        temporary.write_bytes(uf2_of_elf(arguments.elf.read_bytes(), arguments.family))
        os.replace(temporary, arguments.uf2)  # noqa: PTH105
    except (OSError, ValueError) as error:
        print(f"error: {arguments.elf}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
