"""The C of the ports: a second compiler's opinion, and users' own families."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.probe import FACTS, SOURCE, need_tools
from support.slow import rest_slow
from tinykit.board import load_board
from tinykit.errors import BoardError
from tinykit.firmware import build_project, render_sources
from tinykit.firmware.ports import port_files
from tinykit.resources import data_dir

# clang knows the cores by the same names; gcc's own options are left out.
_CLANG_TARGET = {
    "qemu-mps2-an385": ("--target=thumbv7m-none-eabi", "-mcpu=cortex-m3"),
    "qemu-mps2-an386": ("--target=thumbv7em-none-eabihf", "-mcpu=cortex-m4"),
    "qemu-mps2-an500": ("--target=thumbv7em-none-eabihf", "-mcpu=cortex-m7"),
    "qemu-mps3-an547": ("--target=thumbv8.1m.main-none-eabihf", "-mcpu=cortex-m55"),
    "qemu-netduinoplus2": ("--target=thumbv7em-none-eabihf", "-mcpu=cortex-m4"),
    "qemu-b-l475e": ("--target=thumbv7em-none-eabihf", "-mcpu=cortex-m4"),
    "qemu-microbit": ("--target=thumbv6m-none-eabi", "-mcpu=cortex-m0"),
    "qemu-riscv32": ("--target=riscv32-unknown-elf", "-march=rv32imc"),
}


@pytest.mark.parametrize("board", rest_slow(_CLANG_TARGET, 2))  # no Xtensa in clang
def test_clang_finds_nothing_to_say_about_the_ports(board: str, tmp_path: Path) -> None:
    need_tools(board)
    if shutil.which("clang") is None:
        pytest.skip("clang is not installed")
    render_sources({"src/probe/probe.c": SOURCE.read_bytes()}, FACTS, load_board(board), tmp_path, agent=False)
    sources = sorted(str(p) for p in (tmp_path / "src" / "port").glob("*.c"))
    assert sources
    run = subprocess.run(
        ["clang", *_CLANG_TARGET[board], "-std=c99", "-ffreestanding", "-fsyntax-only", "-Wall", "-Wextra",
         "-Wpedantic", "-Wconversion", "-Werror", f"-I{tmp_path}/src", f"-I{tmp_path}/src/agent",
         f"-I{tmp_path}/src/port", *sources],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_the_nearest_folder_wins_and_each_is_used_once() -> None:
    files = port_files(load_board("qemu-mps2-an386"))
    assert {"start.c", "fault.c", "receive.c", "uart.c", "tk_rx_ring.h"} <= set(files.files)
    assert files.linker_script == data_dir("firmware_templates") / "ports" / "cortex_m" / "link.ld.j2"


def test_a_users_own_board_and_family(tmp_path: Path) -> None:
    """A board file outside tinykit, with a family beside it that builds upon one of tinykit's."""
    need_tools("qemu-mps2-an386")
    text = (data_dir("boards") / "qemu-mps2-an386.toml").read_text()
    (tmp_path / "mine.toml").write_text(
        text.replace('name = "qemu-mps2-an386"', 'name = "mine"').replace('family = "cmsdk"', 'family = "own"')
    )
    own = tmp_path / "ports" / "own"
    own.mkdir(parents=True)
    (own / "family.toml").write_text('summary = "own"\nuses = ["cmsdk"]\n')
    (own / "uart.c").write_text(
        "/* ours */\n" + (data_dir("firmware_templates") / "ports" / "cmsdk" / "uart.c").read_text()
    )
    board = load_board(tmp_path / "mine.toml")
    project = render_sources({"src/probe/probe.c": SOURCE.read_bytes()}, FACTS, board, tmp_path / "out", agent=False)
    assert (project.root / "src/port/uart.c").read_text().startswith("/* ours */")
    assert build_project(project).board.name == "mine"


def test_an_unknown_family_lists_the_known_ones(tmp_path: Path) -> None:
    text = (data_dir("boards") / "qemu-mps2-an386.toml").read_text()
    path = tmp_path / "qemu-mps2-an386.toml"
    path.write_text(text.replace('family = "cmsdk"', 'family = "cmsdq"'))
    with pytest.raises(BoardError, match=r"port\.family.*\n.*cmsdk.*nrf51") as caught:
        port_files(load_board(path))
    assert str(path) in str(caught.value)


def test_a_broken_family_file(tmp_path: Path) -> None:
    text = (data_dir("boards") / "qemu-mps2-an386.toml").read_text()
    path = tmp_path / "qemu-mps2-an386.toml"
    path.write_text(text.replace('family = "cmsdk"', 'family = "own"'))
    (tmp_path / "ports" / "own").mkdir(parents=True)
    (tmp_path / "ports" / "own" / "family.toml").write_text("summary = 3\n")
    with pytest.raises(BoardError, match=r"family\.toml"):
        port_files(load_board(path))
