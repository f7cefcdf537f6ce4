"""Projects for ESP-IDF, as far as they can be held to something without it: CMake, compilers, linker, esptool.

ESP-IDF itself is not needed: support/idf stands in for it, and says what that proves.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.compiler import compile_graph
from tinykit.errors import BoardError, BuildFailed, ToolMissing
from tinykit.firmware import Project, build_project, render_project
from tinykit.graph.reader import read_model

BOARDS = ("esp32", "esp32s3", "esp32c3", "esp32c6")
STUB = Path(__file__).resolve().parents[1] / "support" / "idf"
RISCV = ("riscv64-unknown-elf-gcc", {"esp32c3": "-march=rv32imc", "esp32c6": "-march=rv32imac"})
XTENSA = "xtensa-lx106-elf-gcc"


def _model(folder: Path) -> Path:
    builder = ModelBuilder()
    x = builder.input((1, 16), scale=0.1, zero_point=3)
    y = builder.output((1, 16), scale=0.1, zero_point=3)
    builder.op("RELU", [x], [y])
    path = folder / "small.tflite"
    path.write_bytes(builder.build())
    return path


def _render(board: str, folder: Path) -> Project:
    if board in ("esp32", "esp32s3"):
        _need_xtensa()
    model = _model(folder)
    return render_project(compile_graph(read_model(model)), load_board(board), folder / "fw", model_file=model)


def _need_xtensa() -> None:
    """Skip without the compiler, or without its C library."""
    if shutil.which(XTENSA) is None:
        pytest.skip(f"{XTENSA} is not installed")
    found = subprocess.run([XTENSA, "-print-file-name=libc.a"], capture_output=True, text=True, check=True).stdout
    if not Path(found.strip()).is_file():
        pytest.skip("picolibc-xtensa-lx106-elf is not installed")


def _flags(board: str) -> str:
    return f"{RISCV[1][board]} -mabi=ilp32 -misa-spec=2.2 --specs=picolibc.specs"


@pytest.mark.slow
@pytest.mark.parametrize("board", RISCV[1])
@pytest.mark.usefixtures("idf")
def test_cmake_accepts_the_project_and_every_file_compiles(
    board: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_CFLAGS", _flags(board))
    project = _render(board, tmp_path)
    image = build_project(project)
    assert image.elf == project.root / "build" / "firmware.elf"
    log = (project.root / "build" / "build.log").read_text()
    assert "warning" not in log.replace("entry symbol", "")
    compiled = set(re.findall(r"Building C object \S*?/([\w.]+\.c)\.", log))
    assert compiled >= {path.name for path in (project.root / "src").rglob("*.c")}
    # The stack is the task's; FreeRTOS watches the 64 bytes below what the agent measures.
    assert image.sizes.stack == 64 + load_board(board).port.stack
    assert image.sizes.static_ram < 64 * 1024
    symbols = subprocess.run(
        ["riscv64-unknown-elf-nm", str(image.elf)], capture_output=True, text=True, check=True
    ).stdout
    at = {
        name: int(address, 16) for address, _, name in (line.split() for line in symbols.splitlines() if line[0] != " ")
    }
    assert at["tk_stack_bottom"] - at["tk_stack"] == 64
    assert at["tk_stack_top"] - at["tk_stack_bottom"] == load_board(board).port.stack


@pytest.mark.parametrize("board", ["esp32", "esp32s3"])
@pytest.mark.usefixtures("idf")
def test_every_file_compiles_for_xtensa(board: str, tmp_path: Path) -> None:
    """With the ESP8266's compiler, the only one of the Xtensa family that Debian has: syntax, types and warnings."""
    root = _render(board, tmp_path).root
    folders = sorted({path.parent for path in (root / "src").rglob("*.h")} | {STUB / "include"})
    for source in sorted((root / "src").rglob("*.c")):
        run = subprocess.run(
            [XTENSA, "-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Wconversion", "-Werror",
             "-DTK_LAYER_HOOK", *(f"-I{folder}" for folder in folders), str(source)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("board", RISCV[1])
@pytest.mark.usefixtures("idf")
def test_esptool_makes_an_image_of_it(board: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("esptool", reason="esptool is not installed (pip install esptool)")
    monkeypatch.setenv("STUB_CFLAGS", _flags(board))
    image = build_project(_render(board, tmp_path))
    target = tmp_path / "firmware.bin"
    esptool = [sys.executable, "-m", "esptool"]
    subprocess.run(
        [*esptool, "--chip", board, "elf2image", "--flash-mode", "dio", "--flash-size", "4MB", "-o", target, image.elf],
        check=True, capture_output=True,
    )  # fmt: skip
    info = subprocess.run(
        [*esptool, "--chip", board, "image-info", target], check=True, capture_output=True, text=True
    ).stdout
    assert re.search(r"Checksum: 0x[0-9a-f]+ \(valid\)", info)
    assert re.search(r"Validation hash: \S+ \(valid\)", info)
    assert bytes.fromhex(image.build_id) in target.read_bytes()


@pytest.mark.parametrize("board_name", BOARDS)
@pytest.mark.usefixtures("idf")
def test_configuration_says_what_the_board_is(board_name: str, tmp_path: Path) -> None:
    project, board = _render(board_name, tmp_path), load_board(board_name)
    defaults = (project.root / "sdkconfig.defaults").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in defaults if line and line[0] != "#")
    assert settings["CONFIG_IDF_TARGET"] == f'"{board_name}"'
    assert settings[f"CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ_{board.counter.hz // 10**6}"] == "y"
    assert settings["CONFIG_ESPTOOLPY_FLASHSIZE_4MB"] == "y"
    [row] = [r for r in csv.reader((project.root / "partitions.csv").read_text().splitlines()) if r[0][0] != "#"]
    offset, size = int(row[3], 0), int(row[4], 0)
    assert board.flasher.esptool is not None
    assert offset == board.flasher.esptool.app
    assert offset + size == 4 << 20
    assert "ESP-IDF 5.3.1" in project.manifest["compiler"]["version"]
    assert json.loads((project.root / "manifest.json").read_text())["builder"] == "esp-idf"


@pytest.mark.usefixtures("idf")
def test_the_model_is_a_component_without_the_agent(tmp_path: Path) -> None:
    """src/model and src/kernels alone, copied elsewhere, compile."""
    root = _render("esp32c3", tmp_path).root
    for folder in ("model", "kernels"):
        shutil.copytree(root / "src" / folder, tmp_path / "mine" / folder)
    text = (tmp_path / "mine" / "model" / "CMakeLists.txt").read_text()
    sources = re.findall(r'"([^"]+\.c)"', text)
    assert sources
    assert "model_info.c" not in text
    for source in sources:
        subprocess.run(
            [RISCV[0], *_flags("esp32c3").split(), "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
             f"-I{tmp_path}/mine/kernels", str(tmp_path / "mine" / "model" / source)],
            check=True,
        )  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("idf")
def test_a_full_region_of_idfs_linker_script_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinykit.errors import DoesNotFit

    monkeypatch.setenv("STUB_CFLAGS", _flags("esp32c3"))
    project = _render("esp32c3", tmp_path)
    port = project.root / "src" / "port" / "port.c"
    port.write_text(port.read_text().replace("STACK_GUARD + TK_STACK_BYTES", "STACK_GUARD + 400000"))
    with pytest.raises(DoesNotFit, match=r"dram is full: \d+ bytes too few"):
        build_project(project)


@pytest.mark.usefixtures("idf")
def test_what_idf_says_reaches_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_CFLAGS", _flags("esp32c3"))
    project = _render("esp32c3", tmp_path)
    (project.root / "main" / "CMakeLists.txt").write_text("idf_component_register(SRCS PRIV_REQUIRES nonsense)")
    with pytest.raises(BuildFailed, match=r"build\.log"):
        build_project(project)


def test_without_idf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDF_PATH", raising=False)
    with pytest.raises(ToolMissing, match=r"IDF_PATH is not set(.|\n)*export\.sh"):
        _render("esp32c3", tmp_path)
    monkeypatch.setenv("IDF_PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="where no ESP-IDF is"):
        _render("esp32c3", tmp_path)
    monkeypatch.setenv("IDF_PATH", str(STUB))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolMissing, match=r"idf\.py not found(.|\n)*install\.sh esp32c3"):
        _render("esp32c3", tmp_path)
    assert not (tmp_path / "fw").exists()


@pytest.mark.usefixtures("idf")
def test_an_idf_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "idf"
    shutil.copytree(STUB / "tools", old / "tools")
    version = old / "tools" / "cmake" / "version.cmake"
    version.write_text(version.read_text().replace("MAJOR 5", "MAJOR 4"))
    monkeypatch.setenv("IDF_PATH", str(old))
    with pytest.raises(ToolMissing, match=r"4\.3 is too old"):
        _render("esp32c3", tmp_path)


@pytest.mark.usefixtures("idf")
def test_a_board_without_its_pins(tmp_path: Path) -> None:
    board = load_board("esp32c3")
    bare = board.model_copy(update={"port": board.port.model_copy(update={"defines": {"TK_UART_NUMBER": 0}})})
    bare._path = board.path
    with pytest.raises(BoardError, match="TK_UART_TX, TK_UART_RX missing"):
        render_project(compile_graph(read_model(_model(tmp_path))), bare, tmp_path / "fw")
