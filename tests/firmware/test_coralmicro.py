"""Projects for the Coral Dev Board Micro over a stand-in of coralmicro, which says what that proves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from support.coralmicro_checkout import make_checkout, need_coralmicro_tools
from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.board.coralmicro import VARIABLE
from tinykit.errors import DoesNotFit, InputError, ToolMissing, UnsupportedModel
from tinykit.firmware.engine import Engine
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.firmware.tflm.arena import MARGIN, cmsis_nn_scratch
from tinykit.graph.reader import read_model
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"
BOARD = load_board("coral-micro")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return _checkout(tmp_path, monkeypatch)


def _checkout(folder: Path, monkeypatch: pytest.MonkeyPatch, *, of_2022: bool = True) -> Path:
    need_coralmicro_tools()
    root = make_checkout(folder, of_2022=of_2022)
    monkeypatch.setenv(VARIABLE, str(root))
    return root


@pytest.mark.slow
@pytest.mark.parametrize("of_2022", [False, True])
@pytest.mark.parametrize("engine", ["aot", "tflm"])
def test_cmake_takes_the_project_and_every_file_compiles(
    engine: Engine, of_2022: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "tflm":
        pytest.importorskip("tflite_micro", reason="the package tflite-micro is not installed")
    checkout = _checkout(tmp_path, monkeypatch, of_2022=of_2022)
    root = tmp_path / "fw"
    image = build_model(DIGITS, BOARD, root, BuildOptions(engine=engine))
    log = (root / "build" / "build.log").read_text()
    assert "warning" not in log
    compiled = set(re.findall(r"Building CX?X? object CMakeFiles/firmware.dir/(\S+)\.obj", log))
    assert compiled == {str(p.relative_to(root)) for p in (root / "src").rglob("*.c*")}
    assert image.elf == root / "build" / "firmware"
    assert (root / "coralmicro").resolve() == checkout.resolve()
    assert image.sizes.arena == image.project.manifest["model"]["arena_bytes"]
    assert image.sizes.static_ram < 64 << 10  # the heap is not counted
    assert "gcc-arm-none-eabi-9-2020-q2-update; coralmicro of unknown commit" in str(image.project.manifest["compiler"])
    symbols = subprocess.run(["arm-none-eabi-nm", image.elf], capture_output=True, text=True, check=True).stdout
    names = {line.split()[2]: line.split()[0] for line in symbols.splitlines() if len(line.split()) == 3}
    assert {"main", "tk_agent_main", "tk_model"} <= names.keys()
    assert names["tk_stack_bottom"] == names["tk_stack_top"]  # the stack is FreeRTOS's
    assert ("tk_tflm_run" in names) == (engine == "tflm")
    libraries = (root / "build" / "firmware.libs").read_text().split(";")
    assert libraries == ["libs_base-m7_freertos"] + ["libs_tensorflow-m7"] * (engine == "tflm")


@pytest.mark.slow
def test_tflite_micro_is_coralmicros(checkout: Path, tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro", reason="the package tflite-micro is not installed")
    image = build_model(DIGITS, BOARD, tmp_path / "fw", BuildOptions(engine="tflm"))
    root = image.project.root
    assert not (root / "tflm").exists()
    assert not (root / "src" / "model" / "tflm_platform.cc").exists()
    assert "`tflm`" not in (root / "README.md").read_text()
    model = image.project.manifest["model"]
    assert {layer["variant"] for layer in model["layers"]} == {"CMSIS-NN"}
    spare = model["arena_bytes"] - model["arena_used_on_host"] - MARGIN
    assert 0 <= spare - cmsis_nn_scratch(read_model(DIGITS)) < 16


def test_scratch_of_cmsis_nn(shared: Path) -> None:
    """By arm_convolve_s8_get_buffer_size: 2 * columns * 2 bytes; the widest kernel of ResNet is 3 x 3 x 64."""
    graph = read_model(shared / "models" / "mlperf_tiny" / "pretrainedResnet_quant.tflite")
    assert cmsis_nn_scratch(graph) == 4 * 3 * 3 * 64


def test_a_kernel_that_coralmicro_lacks(checkout: Path, tmp_path: Path) -> None:
    builder = ModelBuilder()
    x = builder.input((1, 4), scale=1 / 128, zero_point=0)
    builder.op("TANH", [x], [builder.output((1, 4), scale=1 / 128, zero_point=0)])
    model = tmp_path / "tanh.tflite"
    model.write_bytes(builder.build())
    with pytest.raises(InputError, match=r"lacks an operator of the model: Tanh"):
        build_model(model, BOARD, tmp_path / "fw", BuildOptions(engine="tflm"))


def test_constants_that_do_not_fit_next_to_coralmicro(checkout: Path, tmp_path: Path) -> None:
    builder = ModelBuilder()
    x = builder.input((1, 512), scale=0.1, zero_point=0)
    weights = builder.const(np.ones((512, 512), np.int8), scale=0.1, zero_point=0)
    y = builder.output((1, 512), scale=0.1, zero_point=0)
    builder.op("FULLY_CONNECTED", [x, weights], [y])
    model = tmp_path / "large.tflite"
    model.write_bytes(builder.build())
    with pytest.raises(DoesNotFit, match="flash"):
        build_model(model, BOARD, tmp_path / "fw")


@pytest.mark.slow
def test_the_ports_code_is_strict(checkout: Path, tmp_path: Path) -> None:
    image = build_model(DIGITS, BOARD, tmp_path / "fw")
    src = image.project.root / "src"
    flags = ["-std=c++17", "-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-d16", "-fno-exceptions"]
    warnings = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
    folders = [f"-I{src}", f"-I{src / 'agent'}", "-isystem", str(checkout)]
    command = ["arm-none-eabi-g++", *flags, *warnings, *folders, "-fsyntax-only", str(src / "port" / "port.cc")]
    subprocess.run(command, check=True)


def test_a_missing_checkout_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    clone = r"git clone --recurse-submodules https://github.com/google-coral/coralmicro"
    with pytest.raises(ToolMissing, match=rf"CORALMICRO_PATH is not set(.|\n)*{clone}"):
        build_model(DIGITS, BOARD, tmp_path / "fw")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ToolMissing, match=rf"it has no cmake/toolchain(.|\n)*{clone}"):
        build_model(DIGITS, BOARD, tmp_path / "fw")
    root = make_checkout(tmp_path)
    for file in (root / "third_party" / "freertos_kernel" / "include").iterdir():
        file.unlink()
    (root / "third_party" / "freertos_kernel" / "include").rmdir()
    monkeypatch.setenv(VARIABLE, str(root))
    with pytest.raises(
        ToolMissing, match=r"third_party/freertos_kernel: empty(.|\n)*submodule update --init --recursive"
    ):
        build_model(DIGITS, BOARD, tmp_path / "fw")
    assert not (tmp_path / "fw").exists()


@pytest.mark.slow
def test_a_checkout_of_the_users_in_the_project_stays(checkout: Path, tmp_path: Path) -> None:
    root = tmp_path / "fw"
    build_model(DIGITS, BOARD, root)
    (root / "coralmicro").unlink()
    make_checkout(root)
    build_model(DIGITS, BOARD, root)
    assert (root / "coralmicro" / "scripts" / "flashtool.py").is_file()
    assert not (root / "coralmicro").is_symlink()


@pytest.mark.slow
def test_without_a_link_cmake_says_what_is_missing(checkout: Path, tmp_path: Path) -> None:
    root = build_model(DIGITS, BOARD, tmp_path / "fw").project.root
    (root / "coralmicro").unlink()
    run = subprocess.run(["cmake", "-S", root, "-B", tmp_path / "b"], capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "no checkout of coralmicro" in " ".join(run.stderr.split())


def test_an_operator_that_no_tflite_micro_has(checkout: Path, tmp_path: Path) -> None:
    builder = ModelBuilder()
    x = builder.input((1, 4), scale=0.1, zero_point=0)
    builder.op("RELU_N1_TO_1", [x], [builder.output((1, 4), scale=0.1, zero_point=0)])
    model = tmp_path / "model.tflite"
    model.write_bytes(builder.build())
    with pytest.raises(UnsupportedModel, match="RELU_N1_TO_1"):
        build_model(model, BOARD, tmp_path / "fw", BuildOptions(engine="tflm"))
