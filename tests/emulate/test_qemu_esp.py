"""Espressif's QEMU: found among others, and started with the flash image. Runs where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.board.emulators import FLASH_IMAGE
from tinykit.compiler import compile_graph
from tinykit.emulate import open_board
from tinykit.emulate.qemu_esp import QemuEsp, find_fork
from tinykit.errors import DeviceDied, InputError, ToolMissing
from tinykit.firmware import build_project, render_project
from tinykit.firmware.builders import builder_of
from tinykit.flash import flash
from tinykit.graph.reader import read_model
from tinykit.link import Client

BOARDS = ("qemu-esp32", "qemu-esp32s3", "qemu-esp32c3")


def fork(folder: Path, name: str, machine: str) -> Path:
    """A program that lists its machines as QEMU does, and says what it was started with."""
    folder.mkdir(parents=True)
    program = folder / name
    program.write_text(
        "#!/bin/sh\n"
        'if [ "$1 $2" = "-M help" ]; then\n'
        f'printf "Supported machines are:\\n{machine}  Espressif\\nnone  empty\\n"; exit; fi\n'
        'for word; do echo "<$word>" >&2; done; exit 3\n'
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("name", BOARDS)
def test_it_runs_the_model(name: str, tmp_path: Path) -> None:
    """The whole way: ESP-IDF, esptool, Espressif's QEMU."""
    board = load_board(name)
    try:
        find_fork(board.emulator)
        builder_of("esp-idf").find_compiler(board)
    except ToolMissing as error:
        pytest.skip(error.what)
    builder = ModelBuilder()
    x = builder.input((1, 16), scale=0.1, zero_point=3)
    y = builder.output((1, 16), scale=0.1, zero_point=3)
    builder.op("RELU", [x], [y])
    model = tmp_path / "small.tflite"
    model.write_bytes(builder.build())
    image = build_project(render_project(compile_graph(read_model(model)), board, tmp_path / "fw"))
    assert flash(board, image).build_id == image.build_id
    with open_board(board, image) as stream:
        client = Client(stream, expected_build=image.build_id)
        client.connect()
        client.write_input(0, bytes(range(0, 256, 16)))
        first, second = client.run().ticks, client.run().ticks
        assert board.counter.value(first) == pytest.approx(board.counter.value(second), rel=0.01)


@pytest.mark.parametrize("name", BOARDS)
def test_a_qemu_without_the_machine_is_not_it(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Against this computer's own QEMU."""
    board = load_board(name)
    program = board.emulator.command[0]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    monkeypatch.setenv("IDF_TOOLS_PATH", str(tmp_path))
    said = subprocess.run([program, "-M", "help"], capture_output=True, text=True, check=True).stdout
    if "esp32" in said:
        pytest.skip(f"the {program} on PATH is Espressif's")
    with pytest.raises(ToolMissing) as caught:
        find_fork(board.emulator)
    assert caught.value.exit_code == 3
    assert os.path.realpath(shutil.which(program) or "") in str(caught.value)
    assert f"machine '{board.emulator.machine}'" in str(caught.value)
    assert f"idf_tools.py install {program.replace('-system', '')}" in str(caught.value)


def test_without_any_qemu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("IDF_TOOLS_PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="neither on PATH nor among ESP-IDF's tools"):
        find_fork(load_board("qemu-esp32").emulator)


def test_the_one_with_the_machine_is_taken_wherever_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    name = "qemu-system-xtensa"
    fork(tmp_path / "distribution", name, "sim")
    tools = tmp_path / "tools" / "qemu-xtensa"
    fork(tools / "esp_develop_8.2.0" / "qemu" / "bin", name, "esp32")
    newer = fork(tools / "esp_develop_9.0.0" / "qemu" / "bin", name, "esp32")
    monkeypatch.setenv("PATH", str(tmp_path / "distribution"))
    monkeypatch.setenv("IDF_TOOLS_PATH", str(tmp_path))
    settings = load_board("qemu-esp32").emulator
    assert find_fork(settings) == str(newer)
    first = fork(tmp_path / "mine", name, "esp32")
    monkeypatch.setenv("PATH", f"{tmp_path / 'distribution'}:{tmp_path / 'mine'}")
    assert find_fork(settings) == str(first)


def test_it_is_started_with_the_flash_image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fork(tmp_path / "bin", "qemu-system-xtensa", "esp32")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    folder = tmp_path / "one, two"
    folder.mkdir()
    (folder / FLASH_IMAGE).write_bytes(bytes(16))
    with QemuEsp(load_board("qemu-esp32"), folder / "firmware.elf") as stream, pytest.raises(DeviceDied) as caught:
        stream.read(10)
    said = str(caught.value)
    doubled = str(folder / FLASH_IMAGE).replace(",", ",,")
    assert f"<file={doubled},if=mtd,format=raw,snapshot=on>" in said
    assert "<chardev:serial0>" in said
    assert "-kernel" not in said


def test_qemu_itself_understands_the_drive(tmp_path: Path) -> None:
    """The option with its commas, as far as a QEMU without these machines can say: the same on another interface."""
    program = shutil.which("qemu-system-xtensa")
    if program is None:
        pytest.skip("qemu-system-xtensa is not installed")
    folder = tmp_path / "one, two"
    folder.mkdir()
    emulator = QemuEsp(load_board("qemu-esp32"), folder / "firmware.elf")
    (folder / FLASH_IMAGE).write_bytes(bytes(2 << 20))
    [option, drive] = emulator._load()
    run = subprocess.run(
        [program, "-M", "none", "-display", "none", "-S", "-monitor", "stdio",
         option, drive.replace("if=mtd", "if=none")],
        input="info block\nquit\n", capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert f"{folder / FLASH_IMAGE}" in run.stdout


def test_without_a_flash_image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fork(tmp_path / "bin", "qemu-system-xtensa", "esp32")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(InputError, match=FLASH_IMAGE), QemuEsp(load_board("qemu-esp32"), tmp_path / "firmware.elf"):
        pass
