"""UF2 files: as picotool makes them, and no crash on what is no ELF or UF2 file."""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.probe import build_probe
from tinykit.firmware import uf2_file
from tinykit.firmware.uf2_file import RP2040, RP2350_ABSOLUTE, RP2350_ARM_S, read_uf2, uf2_of_elf

FLASH = 0x10000000


def elf_of(*segments: tuple[int, bytes], in_ram: bytes = b"") -> bytes:
    """A minimal ELF file: load address and contents of each segment, and one that is in RAM."""
    every = [*segments, (0x20000000, in_ram)]
    offset = 52 + 32 * len(every)
    headers, contents = b"", b""
    for address, data in every:
        at = offset + len(contents)
        headers += struct.pack("<8I", 1, at, address, address, len(data), len(data), 5, 4)
        contents += data
    identity = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
    head = struct.pack("<16sHHIIIIIHHHHHH", identity, 2, 40, 1, FLASH, 52, 0, 0, 52, 32, len(every), 40, 0, 0)
    return head + headers + contents


def test_pages_are_whole_and_segments_share_them() -> None:
    elf = elf_of((FLASH + 0x300, b"c" * 4), (FLASH, b"a" * 250), (FLASH + 252, b"b" * 8), in_ram=b"ram")
    blocks = read_uf2(uf2_of_elf(elf, RP2040))
    assert [block.address - FLASH for block in blocks] == [0, 0x100, 0x300]
    assert blocks[0].data == b"a" * 250 + b"\0\0" + b"b" * 4
    assert blocks[1].data == b"b" * 4 + bytes(252)
    assert [(block.number, block.count, block.family) for block in blocks] == [(i, 3, RP2040) for i in range(3)]


def test_rp2350_gets_a_leading_block_for_no_address() -> None:
    first, *rest = read_uf2(uf2_of_elf(elf_of((FLASH, b"x")), RP2350_ARM_S))
    assert (first.family, first.address) == (RP2350_ABSOLUTE, 0x10FFFF00)
    assert [block.family for block in rest] == [RP2350_ARM_S]


@pytest.mark.parametrize(
    ("elf", "message"),
    [
        (b"", "not a 32-bit"),
        (b"\x7fELF\x02\x01" + bytes(100), "not a 32-bit"),
        (elf_of(in_ram=b"ram"), "nothing in it is for the flash"),
        (elf_of((FLASH, b"x" * 300))[:200], "outside of the file"),
        (elf_of((FLASH, b"x"))[:60], "program headers"),
    ],
)
def test_what_is_no_firmware_is_refused(elf: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        uf2_of_elf(elf, RP2040)


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, 200), value=st.binary(min_size=1, max_size=8))
def test_a_damaged_elf_file_gives_a_file_or_a_value_error(position: int, value: bytes) -> None:
    elf = bytearray(elf_of((FLASH, b"x" * 100), (FLASH + 0x1000, b"y")))
    elf[position : position + len(value)] = value
    with contextlib.suppress(ValueError):
        assert len(uf2_of_elf(bytes(elf), RP2040)) % 512 == 0


@pytest.mark.parametrize("data", [b"", b"x", b"x" * 512, bytes(1024)])
def test_what_is_no_uf2_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"block"):
        read_uf2(data)


def test_the_program_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "bad.elf").write_bytes(b"no")
    command = [sys.executable, "-I", uf2_file.__file__, "--family", "0xe48bff56"]
    run = subprocess.run(
        [*command, tmp_path / "bad.elf", tmp_path / "out.uf2"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "bad.elf" in run.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["bad.elf"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("board", "options"), [("pico", ["--family", "rp2040"]), ("pico2", ["--family", "rp2350-arm-s", "--abs-block"])]
)
def test_picotool_makes_the_same_bytes_and_accepts_them(board: str, options: list[str], tmp_path: Path) -> None:
    if shutil.which("picotool") is None:
        pytest.skip("picotool is not installed")
    image = build_probe(board, tmp_path / "firmware")
    uf2, theirs = image.elf.with_suffix(".uf2"), tmp_path / "theirs.uf2"
    subprocess.run(["picotool", "uf2", "convert", image.elf, theirs, *options], check=True, capture_output=True)
    assert uf2.read_bytes() == theirs.read_bytes()

    run = subprocess.run(["picotool", "info", "-a", uf2], check=True, capture_output=True, text=True)
    words = " ".join(run.stdout.split())
    assert f"name: probe on {board}" in words
    assert f"pico_board: {board}" in words
    assert "0: UART0 TX 1: UART0 RX" in words
