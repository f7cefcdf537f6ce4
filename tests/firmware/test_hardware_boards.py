"""Boards that exist as hardware only: their firmware builds without a word, and is where the chip looks for it.

No more than that is known of them here: none of these boards was at hand.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from support.probe import need_tools
from tinykit.board import list_boards, load_board
from tinykit.board.tools import find_tool
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"
BOARDS = ("b-l475e-iot01a", "microbit", "microbit2", "nano33ble", "netduinoplus2", "nucleo-f767zi", "nucleo-l4r5zi")


def test_none_is_left_out() -> None:
    by_gcc = {b.name for b in list_boards() if b.emulator is None and b.builder.kind == "gcc"}
    assert by_gcc == set(BOARDS)


@pytest.mark.slow
@pytest.mark.parametrize("builder", ["gcc", "zig"])
@pytest.mark.parametrize("name", BOARDS)
def test_it_builds_without_a_word(name: str, builder: str, tmp_path: Path) -> None:
    need_tools(name)
    if builder == "zig" and find_tool("zig") is None:
        pytest.skip("zig is not installed (pip install ziglang)")
    board = load_board(name)
    image = build_model(DIGITS, board, tmp_path, BuildOptions(builder=builder))
    assert "warning" not in (tmp_path / "build" / "build.log").read_text()
    flash, ram = (next(m for m in board.memory if m.name == kind) for kind in ("flash", "ram"))
    with image.elf.open("rb") as file:
        elf = ELFFile(file)
        loaded = [s for s in elf.iter_segments("PT_LOAD") if s["p_filesz"]]
        first = min(loaded, key=lambda s: s["p_paddr"])
        # The vector table: the first stack pointer, and the reset handler, at the very start of the flash.
        assert first["p_paddr"] == flash.origin
        stack, reset = (int.from_bytes(first.data()[i : i + 4], "little") for i in (0, 4))
        assert ram.origin < stack <= ram.origin + ram.size
        assert flash.origin < reset < flash.origin + flash.size
        assert reset % 2 == 1
        assert elf.header["e_entry"] == reset
        assert all(flash.origin <= s["p_paddr"] < flash.origin + flash.size for s in loaded)


@pytest.mark.slow
@pytest.mark.parametrize("name", BOARDS)
def test_the_port_is_written_as_strictly_as_the_runtime(name: str, tmp_path: Path) -> None:
    need_tools(name)
    build_model(DIGITS, load_board(name), tmp_path)
    sources = sorted(str(path) for path in (tmp_path / "src" / "port").glob("*.c"))
    flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wundef", "-Werror"]
    folders = [f"-I{tmp_path / 'src' / name}" for name in ("", "agent", "port")]
    command = ["arm-none-eabi-gcc", *load_board(name).toolchain.cflags, *flags, *folders, "-O2", "-fsyntax-only"]
    subprocess.run([*command, *sources], check=True)


@pytest.mark.parametrize("name", BOARDS)
def test_the_file_says_what_is_counted_and_how_it_is_flashed(name: str) -> None:
    board = load_board(name)
    assert board.counter.unit == "cycles"
    assert board.flasher.kind != "none"
    assert board.builder.platformio is not None
