"""The flash of an emulated Espressif chip, merged and read by the real esptool."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.board.emulators import FLASH_IMAGE
from tinykit.compiler import compile_graph
from tinykit.errors import BoardError, BuildFailed, DoesNotFit, InputError, ToolMissing
from tinykit.firmware import Project, build_project, render_project
from tinykit.firmware.esp_flash_image import write_flash_image
from tinykit.graph.reader import read_model

pytest.importorskip("esptool", reason="esptool is not installed (pip install esptool)")

BOARD = "qemu-esp32c3"
BOARDS = (BOARD, "qemu-esp32", "qemu-esp32s3")
ESPTOOL = [sys.executable, "-m", "esptool", "--chip", "esp32c3"]
APP = 0x10000
TABLE = 0x8000


def image_info(path: Path) -> str:
    return subprocess.run([*ESPTOOL, "image-info", path], check=True, capture_output=True, text=True).stdout


def make_image(elf: Path, target: Path) -> None:
    command = [*ESPTOOL, "elf2image", "--flash-mode", "dio", "--flash-size", "4MB", "-o", target, elf]
    subprocess.run(command, check=True, capture_output=True)


def bootloader(folder: Path) -> Path:
    """A program of one instruction, where ESP-IDF's bootloader has its code."""
    source, elf = folder / "bootloader.S", folder / "bootloader.elf"
    source.write_text('.section .iram, "ax"\n.globl _start\n_start: j _start\n')
    command = ["riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "-nostdlib", "-Wl,--build-id=none"]
    subprocess.run([*command, "-Wl,--section-start=.iram=0x403ce000", "-o", elf, source], check=True)
    return elf


@pytest.fixture
def project(idf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project built with the stand-in for ESP-IDF, with images of application and bootloader made by esptool."""
    monkeypatch.setenv("STUB_CFLAGS", "-march=rv32imc -mabi=ilp32 -misa-spec=2.2 --specs=picolibc.specs")
    builder = ModelBuilder()
    x = builder.input((1, 16), scale=0.1, zero_point=3)
    y = builder.output((1, 16), scale=0.1, zero_point=3)
    builder.op("RELU", [x], [y])
    model = tmp_path / "small.tflite"
    model.write_bytes(builder.build())
    # A comma would end the value in QEMU's options, had nobody thought of it; here it is but a name.
    folder = tmp_path / "it's, my project"
    project = render_project(compile_graph(read_model(model)), load_board(BOARD), folder)
    with pytest.raises(InputError, match="image is missing"):
        build_project(project)  # ESP-IDF makes these; what stands in for it does not
    build = project.elf.parent
    make_image(project.elf, build / "firmware.bin")
    make_image(bootloader(tmp_path), build / "bootloader.bin")
    (build / "partitions.bin").write_bytes(b"\xaa\x50" * 1536)
    places = {"0x0": "bootloader.bin", hex(TABLE): "partitions.bin", hex(APP): "firmware.bin"}
    (build / "flasher_args.json").write_text(json.dumps({"flash_files": places}))
    return project


def changed(project: Project, old: str, new: str) -> Project:
    """The project with another board file."""
    path = project.root.parent / f"{BOARD}.toml"
    text = (load_board(BOARD).path or Path()).read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return Project(project.root, load_board(path), project.build_id, project.manifest)


@pytest.mark.slow
def test_everything_lies_where_the_chip_looks_for_it(project: Project, tmp_path: Path) -> None:
    path = write_flash_image(project)
    assert path == project.elf.with_name(FLASH_IMAGE)
    flash = path.read_bytes()
    app = (path.parent / "firmware.bin").read_bytes()
    assert len(flash) == 4 << 20
    assert flash[APP : APP + len(app)] == app
    assert flash[TABLE : TABLE + 3072] == b"\xaa\x50" * 1536
    boot = (path.parent / "bootloader.bin").read_bytes()
    assert flash[: len(boot)] == boot
    between = flash[len(boot) : TABLE] + flash[TABLE + 3072 : APP] + flash[APP + len(app) :]
    assert set(between) == {0xFF}
    assert bytes.fromhex(project.build_id) in flash

    # As the ROM reads it, and as the boot loader does.
    loaded = tmp_path / "app.bin"
    loaded.write_bytes(flash[APP:])
    for image in (path, loaded):
        info = image_info(image)
        assert re.search(r"Checksum: 0x[0-9a-f]+ \(valid\)", info)
        assert re.search(r"Validation hash: \S+ \(valid\)", info)
        assert "4MB" in info


@pytest.mark.slow
def test_it_is_as_large_as_the_emulated_chip_and_always_the_same(project: Project) -> None:
    for megabytes in (2, 8, 16):
        other = changed(project, 'flash_size = "4MB"', f'flash_size = "{megabytes}MB"')
        assert write_flash_image(other).stat().st_size == megabytes << 20
    assert write_flash_image(project).read_bytes() == write_flash_image(project).read_bytes()


@pytest.mark.slow
def test_parts_beyond_the_flash_do_not_fit(project: Project) -> None:
    (project.elf.with_name("firmware.bin")).write_bytes(bytes((2 << 20) - APP + 4))
    with pytest.raises(DoesNotFit, match=r"(?s)firmware.*0x200004.*2MB"):
        write_flash_image(changed(project, 'flash_size = "4MB"', 'flash_size = "2MB"'))
    assert not project.elf.with_name(FLASH_IMAGE).exists()


@pytest.mark.slow
def test_what_esptool_refuses_is_shown(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # An esptool that has no such chip, as an old one has not.
    monkeypatch.setattr("tinykit.firmware.esp_flash_image.sys.executable", "/bin/false")
    with pytest.raises(BuildFailed, match="exit status 1"):
        write_flash_image(project)


@pytest.mark.slow
def test_without_esptool(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr("tinykit.firmware.esp_flash_image.sys.executable", str(python))
    with pytest.raises(ToolMissing, match="esptool not found") as caught:
        write_flash_image(project)
    assert caught.value.exit_code == 3


def test_the_layout_has_to_be_known(tmp_path: Path) -> None:
    path = tmp_path / f"{BOARD}.toml"
    text = (load_board(BOARD).path or Path()).read_text()
    path.write_text(text[: text.index("# What esptool makes")])
    with pytest.raises(BoardError, match=r"flasher\.esptool.*what lies where"):
        load_board(path)


@pytest.mark.parametrize("name", BOARDS)
def test_the_twin_is_the_board_but_for_how_it_is_reached(name: str) -> None:
    twin, board = load_board(name), load_board(name.removeprefix("qemu-"))
    assert (twin.chip, twin.core, twin.features) == (board.chip, board.core, board.features)
    assert (twin.memory, twin.port, twin.toolchain, twin.link) == (
        board.memory,
        board.port,
        board.toolchain,
        board.link,
    )
    assert twin.flasher.esptool == board.flasher.esptool
    assert (twin.flasher.kind, twin.counter.hz) == ("emulator", board.counter.hz)
    # shift=3: an instruction takes 8 ns of QEMU's time; more than one tick in it, or counts would not be exact.
    assert "shift=3,align=off,sleep=on" in twin.emulator.command
    assert twin.counter.value(round(8e-9 * board.counter.hz * 1_000_000)) == 1_000_000
    assert 8e-9 * board.counter.hz > 1
