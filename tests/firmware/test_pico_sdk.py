"""The builder over the Raspberry Pi Pico SDK."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from support.probe import FACTS, SOURCE, build_probe, need_tools
from tinykit.board import load_board
from tinykit.board.tools import pico_sdk_path
from tinykit.compiler import compile_graph
from tinykit.emulate import open_board
from tinykit.errors import BuildFailed, DoesNotFit, ToolMissing
from tinykit.firmware import build_project, load_image, load_project, render_project, render_sources
from tinykit.graph.reader import read_model
from tinykit.link import Client
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"


@pytest.mark.slow
@pytest.mark.parametrize("board", ["pico", "pico2"])
def test_it_builds_in_silence_and_weights_stay_in_flash(board: str, tmp_path: Path) -> None:
    need_tools(board)
    project = render_project(compile_graph(read_model(DIGITS)), load_board(board), tmp_path, model_file=DIGITS)
    image = build_project(project)
    assert "warning" not in (tmp_path / "build" / "build.log").read_text()
    assert "pico-sdk" in project.manifest["compiler"]["version"]
    assert image.elf.with_suffix(".uf2").is_file()
    assert image.sizes.stack == image.board.port.stack
    with image.elf.open("rb") as file:
        elf = ELFFile(file)
        symbols = {s.name: s["st_value"] for s in elf.get_section_by_name(".symtab").iter_symbols()}
        constants = elf.get_section_by_name(".rodata")
    # The stack is the first thing in the RAM, so that below it there is nothing to overwrite.
    assert symbols["tk_stack_bottom"] == 0x20000000
    assert constants["sh_addr"] >> 24 == 0x10
    assert constants["sh_size"] >= image.sizes.weights + image.sizes.tables > 0


@pytest.mark.slow
def test_two_builds_in_different_folders_are_identical(tmp_path: Path) -> None:
    first = build_probe("pico", tmp_path / "a")
    second = build_probe("pico", tmp_path / "deeper" / "b")
    assert first.build_id == second.build_id
    assert first.elf.read_bytes() == second.elf.read_bytes()
    assert first.elf.with_suffix(".uf2").read_bytes() == second.elf.with_suffix(".uf2").read_bytes()
    for place in (tmp_path, pico_sdk_path()):
        assert str(place).encode() not in first.elf.read_bytes()


@pytest.mark.slow
def test_the_project_builds_by_hand_without_tinykit(tmp_path: Path) -> None:
    need_tools("pico")
    sources = {"src/probe/probe.c": SOURCE.read_bytes()}
    project = render_sources(sources, FACTS, load_board("pico"), tmp_path, agent=False)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment["PICO_SDK_PATH"] = str(pico_sdk_path())
    for command in (["cmake", "-B", "build"], ["cmake", "--build", "build"]):
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert load_image(tmp_path).build_id == project.build_id
    assert (tmp_path / "build" / "firmware.uf2").is_file()


@pytest.mark.slow
def test_a_project_that_was_moved_builds_again(tmp_path: Path) -> None:
    build_probe("pico", tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    before = (tmp_path / "new" / "build" / "firmware.elf").read_bytes()
    moved = build_project(load_project(tmp_path / "new"))
    assert moved.elf.read_bytes() == before


@pytest.mark.slow
def test_the_roms_own_functions_give_the_same_outputs(tmp_path: Path) -> None:
    """What a user's own firmware would take from the ROM, the emulator's boot ROM has."""
    need_tools("rp2040js-pico")
    project = render_project(compile_graph(read_model(DIGITS)), load_board("rp2040js-pico"), tmp_path)
    sample = bytes(range(64))
    own = _output(project.root, sample)
    cmake = tmp_path / "CMakeLists.txt"
    changed = re.sub(r"pico_set_(mem|bit)_ops_implementation\(firmware compiler\)\n", "", cmake.read_text())
    assert changed != cmake.read_text()
    cmake.write_text(changed)
    assert _output(project.root, sample) == own


def _output(root: Path, sample: bytes) -> bytes:
    image = build_project(load_project(root))
    with open_board(image.board, image) as stream:
        client = Client(stream)
        info = client.connect()
        client.write_input(0, sample.ljust(info.inputs[0].nbytes, b"\x80"))
        client.run()
        return client.read_output(0)


@pytest.mark.slow
def test_too_large_a_firmware_names_the_memory(tmp_path: Path) -> None:
    need_tools("pico")
    source = SOURCE.read_text().replace("boots[0] = 0xB0075u;", "boots[0] = 0xB0075u + big[0];")
    source = "#include <stdint.h>\nvolatile uint8_t big[300000];\n" + source
    project = render_sources({"src/probe/probe.c": source.encode()}, FACTS, load_board("pico"), tmp_path, agent=False)
    with pytest.raises(DoesNotFit, match=r"ram is full: \d+ bytes are needed, the board has 270336"):
        build_project(project)


def test_a_missing_sdk_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    monkeypatch.setenv("PICO_SDK_PATH", "")
    monkeypatch.setattr("tinykit.board.tools.PICO_SDK_FOLDERS", (tmp_path / "none",))
    with pytest.raises(ToolMissing, match=r"pico-sdk-source(.|\n)*PICO_SDK_PATH") as caught:
        render_sources({}, FACTS, load_board("pico"), tmp_path / "out")
    assert caught.value.exit_code == 3
    assert not (tmp_path / "out").exists()


def test_a_wrong_sdk_path_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    monkeypatch.setenv("PICO_SDK_PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match=r"holds no Pico SDK") as caught:
        render_sources({}, FACTS, load_board("pico"), tmp_path / "out")
    assert str(tmp_path) in str(caught.value)


@pytest.mark.slow
def test_an_unsuitable_clock_is_refused_by_the_compiler(tmp_path: Path) -> None:
    need_tools("pico")
    text = (data_dir("boards") / "pico.toml").read_text()
    (tmp_path / "pico.toml").write_text(text.replace("hz = 125_000_000", "hz = 133_000_000"))
    sources = {"src/probe/probe.c": SOURCE.read_bytes()}
    project = render_sources(sources, FACTS, load_board(tmp_path / "pico.toml"), tmp_path / "out", agent=False)
    with pytest.raises(BuildFailed, match=r"counter\.hz"):
        build_project(project)
