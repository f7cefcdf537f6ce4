"""What the emulated RP2040 refuses, and says when firmware does what the chip cannot do."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.probe import Console, need_tools
from tinykit.board import load_board
from tinykit.emulate.rp2040.boot_rom import boot_rom
from tinykit.emulate.rp2040js import Rp2040js, find_package
from tinykit.errors import DeviceDied, InputError, ToolMissing
from tinykit.firmware import Image
from tinykit.firmware.uf2_file import RP2040, RP2350_ARM_S, Block, read_uf2

BOARD = "rp2040js-pico"
FLASH = 0x10000000


@pytest.fixture
def board_tools() -> None:
    need_tools(BOARD)


def obituary(folder: Path, uf2: bytes) -> str:
    """What is said of a UF2 file that does not run."""
    (folder / "firmware.uf2").write_bytes(uf2)
    with Rp2040js(load_board(BOARD), folder / "firmware.elf") as stream, pytest.raises(DeviceDied) as caught:
        stream.read(20)
    return str(caught.value)


def one_block(data: bytes, address: int = FLASH, family: int = RP2040) -> bytes:
    return Block(address, data.ljust(256, b"\0"), 0, 1, family).encode()


@pytest.mark.usefixtures("board_tools")
def test_a_flash_without_second_stage_is_what_the_boot_rom_finds(tmp_path: Path) -> None:
    said = obituary(tmp_path, one_block(b"\x00\xbf" * 126))
    assert "no second stage with a right checksum" in said
    assert "firmware.uf2 is what you built" in said


@pytest.mark.usefixtures("board_tools")
@pytest.mark.parametrize(
    ("uf2", "message"),
    [
        (one_block(b"x", family=RP2350_ARM_S), "no block in it is for an RP2040"),
        (one_block(b"x", address=0x20000000), "not in the flash"),
        (bytes(512), "no UF2 block"),
    ],
)
def test_a_uf2_file_that_the_chip_would_not_take(tmp_path: Path, uf2: bytes, message: str) -> None:
    assert message in obituary(tmp_path, uf2)


def test_the_checksum_covers_the_whole_second_stage(probe: Callable[[str], Image], tmp_path: Path) -> None:
    blocks = read_uf2(probe(BOARD).elf.with_suffix(".uf2").read_bytes())
    damaged = bytearray(blocks[0].data)
    damaged[200] ^= 1
    blocks[0] = Block(blocks[0].address, bytes(damaged), 0, blocks[0].count, RP2040)
    assert "checksum" in obituary(tmp_path, b"".join(block.encode() for block in blocks))


def test_a_fault_in_the_fault_handler_locks_the_core_up(tmp_path: Path, probe: Callable[[str], Image]) -> None:
    # The vectors are the second page; all but the reset vector lead to where nothing is.
    blocks = read_uf2(probe(BOARD).elf.with_suffix(".uf2").read_bytes())
    vectors = bytearray(blocks[1].data)
    struct.pack_into("<II", vectors, 4, 0x30000001, 0x30000001)
    struct.pack_into("<I", vectors, 12, 0x30000001)
    blocks[1] = Block(blocks[1].address, bytes(vectors), 1, blocks[1].count, RP2040)
    assert "locked up" in obituary(tmp_path, b"".join(block.encode() for block in blocks))


@pytest.mark.usefixtures("board_tools")
def test_the_boot_rom_is_built_once_and_looks_like_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = boot_rom()
    made = first.stat().st_mtime_ns
    assert boot_rom() == first
    assert first.stat().st_mtime_ns == made
    image = first.read_bytes()
    assert image[16:19] == b"Mu\x01"  # RP2040 datasheet, 2.8.2
    assert len(image) < 16384
    assert [p.name for p in first.parent.iterdir()] == [first.name]


def test_a_missing_package_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYKIT_RP2040JS", str(tmp_path))
    with pytest.raises(ToolMissing, match=r"npm install --prefix \S+ rp2040js@1\.4\.1") as caught:
        find_package()
    assert caught.value.exit_code == 3


def test_where_the_package_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINYKIT_RP2040JS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = tmp_path / "project" / "deeper"
    project.mkdir(parents=True)
    monkeypatch.chdir(project)

    def install(base: Path, version: str = "1.4.9") -> Path:
        folder = base / "node_modules" / "rp2040js"
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(f'{{"name": "rp2040js", "version": "{version}"}}')
        return folder

    cached = install(tmp_path / "cache" / "tinykit")
    assert find_package() == cached
    beside = install(tmp_path / "project")
    assert find_package() == beside
    own = install(tmp_path / "own")
    for given in (own, tmp_path / "own"):  # the package, or what it was installed into
        monkeypatch.setenv("TINYKIT_RP2040JS", str(given))
        assert find_package() == own
    monkeypatch.setenv("TINYKIT_RP2040JS", str(install(tmp_path / "old", "1.2.0")))
    with pytest.raises(ToolMissing, match=r"has version 1\.2\.0, 1\.4\.1 is needed"):
        find_package()


@pytest.mark.usefixtures("board_tools")
def test_a_missing_uf2_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"firmware\.uf2"), Rp2040js(load_board(BOARD), tmp_path / "firmware.elf"):
        pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl(2) is Linux")
def test_it_dies_with_its_parent(probe: Callable[[str], Image]) -> None:
    image = probe(BOARD)
    script = f"""
        import time
        from pathlib import Path
        from tinykit.board import load_board
        from tinykit.emulate.rp2040js import Rp2040js
        emulator = Rp2040js(load_board({BOARD!r}), Path({str(image.elf)!r}))
        with emulator as stream:
            assert stream.read(10)
            print(emulator.pid, flush=True)
            time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert Path(f"/proc/{pid}").exists()
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()


def test_a_killed_emulator_is_reported(probe: Callable[[str], Image]) -> None:
    image = probe(BOARD)
    emulator = Rp2040js(image.board, image.elf)
    with emulator as stream:
        assert Console(stream).line() == "ready"
        assert emulator.pid is not None
        os.kill(emulator.pid, signal.SIGKILL)
        with pytest.raises(DeviceDied, match="SIGKILL"):
            stream.read(10)
