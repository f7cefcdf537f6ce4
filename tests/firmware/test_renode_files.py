"""What a project has for Renode: the suite is read by Robot Framework itself, in folders of all kinds of names."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from support.probe import FACTS, RENODE_BOARDS, SOURCE, need_tools
from tinykit.board import Board, load_board
from tinykit.board.renode import banner_bytes
from tinykit.board.tools import find_tool
from tinykit.firmware import Project, build_project, render_sources
from tinykit.firmware.from_model import build_model
from tinykit.resources import data_dir

KEYWORDS = Path(__file__).parent.parent / "support" / "renode" / "keywords.resource"
NAME = "my-renode-board"
DIGITS = data_dir("models") / "digits" / "digits.tflite"
CASES = ["This Build Starts", "It Starts Again After A Reset", "It Runs The Model"]


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """A board by one TOML: a family that exists, in Renode, with a platform of its own."""
    need_tools("qemu-mps2-an386")
    text = (load_board("qemu-mps2-an386").path or Path()).read_text()
    text = text.replace('name = "qemu-mps2-an386"', f'name = "{NAME}"')
    emulator = (
        '[emulator]\nkind = "renode"\nuart = "uart0"\n'
        'description = """\nuart0: UART.CMSDK_APB_UART @ sysbus 0x40004000\n"""\n\n'
    )
    text = re.sub(r"\[emulator\]\n.*?\n\n", lambda _: emulator, text, flags=re.DOTALL)
    path = tmp_path / f"{NAME}.toml"
    path.write_text(text)
    return load_board(path)


def render(board: Board, folder: Path) -> Project:
    return render_sources({"src/probe/probe.c": SOURCE.read_bytes()}, FACTS, board, folder, agent=False)


def dry_run(suite: Path, out: Path) -> list[str]:
    """Names of the suite's test cases, all of which Robot Framework finds in order."""
    pytest.importorskip("robot", reason="robotframework is not installed")
    run = subprocess.run(
        [sys.executable, "-m", "robot", "--dryrun", "--variable", f"RENODEKEYWORDS:{KEYWORDS.as_posix()}",
         "--outputdir", str(out), "--log", "NONE", "--report", "NONE", str(suite)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "[ ERROR ]" not in run.stderr
    assert "[ WARN ]" not in run.stderr
    return [test.attrib["name"] for test in ET.parse(out / "output.xml").iter("test")]


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["plain", 'it\'s "$HOME" @x; #1 ä', "${CURDIR}  two  spaces", "%{PATH}"])
def test_robot_framework_accepts_the_suite_wherever_it_lies(board: Board, tmp_path: Path, folder: str) -> None:
    project = render(board, tmp_path / folder)
    assert dry_run(project.root / "renode" / f"{NAME}.robot", tmp_path / "out") == CASES


@pytest.mark.slow
@pytest.mark.parametrize("name", RENODE_BOARDS)
def test_the_boards_build_without_a_word(name: str, tmp_path: Path) -> None:
    if find_tool("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    image = build_model(DIGITS, load_board(name), tmp_path)
    assert "warning" not in (tmp_path / "build" / "build.log").read_text()
    assert image.sizes.stack == image.board.port.stack
    assert dry_run(tmp_path / "renode" / f"{name}.robot", tmp_path) == CASES


def test_a_keyword_that_renode_does_not_have_is_noticed(board: Board, tmp_path: Path) -> None:
    """The dry run above is worth something."""
    suite = render(board, tmp_path / "fw").root / "renode" / f"{NAME}.robot"
    suite.write_text(suite.read_text().replace("Wait For Bytes On Uart", "Wait For Bytes At Uart"))
    with pytest.raises(AssertionError, match="No keyword with name 'Wait For Bytes At Uart'"):
        dry_run(suite, tmp_path / "out")


def test_the_files_are_the_projects_and_name_its_build(board: Board, tmp_path: Path) -> None:
    project = render(board, tmp_path / "fw")
    folder = project.root / "renode"
    assert sorted(p.name for p in folder.iterdir()) == [f"{NAME}.{end}" for end in ("repl", "resc", "robot")]
    assert {f"renode/{NAME}.{end}" for end in ("repl", "resc", "robot")} <= set(project.manifest["files"])
    suite = (folder / f"{NAME}.robot").read_text()
    assert project.build_id in suite
    assert f"${{BUILD}}            {banner_bytes(project.build_id).hex(' ').upper()}\n" in suite
    assert "sysbus.uart0" in suite
    script = (folder / f"{NAME}.resc").read_text()
    assert "cpu VectorTableOffset 0x00000000" in script
    # Every path that the script names leads to a file of the project, once it is built.
    build_project(project)
    for name in re.findall(r"\$ORIGIN/(\S+)", script):
        assert (folder / name).is_file(), name


def test_other_boards_have_no_such_files(tmp_path: Path) -> None:
    need_tools("qemu-mps2-an386")
    assert not (render(load_board("qemu-mps2-an386"), tmp_path / "fw").root / "renode").exists()


def test_changing_the_emulator_does_not_change_the_build(board: Board, tmp_path: Path) -> None:
    first = render(board, tmp_path / "fw")
    path = board.path or Path()
    path.write_text(path.read_text().replace('uart = "uart0"', 'uart = "uart0"\nmips = 50'))
    second = render(load_board(path), tmp_path / "fw")
    assert first.build_id == second.build_id
    assert "PerformanceInMips 50" in (second.root / "renode" / f"{NAME}.resc").read_text()
