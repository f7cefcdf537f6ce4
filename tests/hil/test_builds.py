"""However the firmware is built, the outputs are the same: optimisation levels, sanitizers, compilers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from tinykit.board import load_board
from tinykit.compiler import compile_graph
from tinykit.errors import ToolMissing
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.firmware.library import write_sources
from tinykit.firmware.project import OptLevel
from tinykit.graph.reader import read_model
from tinykit.hil.dataset import generated_dataset
from tinykit.hil.reference import run_reference
from tinykit.hil.session import Session
from tinykit.resources import data_dir

EVERY_KERNEL = ("kws_ref_model", "str_ww_ref_model", "pretrainedResnet_quant")
"""Models that have, together, all kinds of layers of the five."""
INT8_MODELS = ("ad01_int8", "kws_ref_model", "str_ww_ref_model", "pretrainedResnet_quant", "vww_96_int8")
ALL_MODELS = (*INT8_MODELS, "pretrainedResnet", "vww_96_float")
WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")


def model_file(shared: Path, name: str) -> Path:
    return shared / "models" / "mlperf_tiny" / f"{name}.tflite"


def output_for_generated_input(
    model: Path, board_name: str, folder: Path, opt_level: OptLevel = "O2", *, sanitize: bool = False
) -> bytes:
    board = load_board(board_name)
    try:
        image = build_model(model, board, folder, BuildOptions(opt_level=opt_level, sanitize=sanitize))
        with Session(board, image) as session:
            return session.infer(*generated_dataset(read_model(model), 1).sample(0)).outputs[0].tobytes()
    except ToolMissing as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("board", "name"),
    [*(("native", name) for name in INT8_MODELS), *(("qemu-mps2-an386", name) for name in EVERY_KERNEL)],
)
def test_optimisation_levels_agree(shared: Path, tmp_path: Path, name: str, board: str) -> None:
    levels: tuple[OptLevel, ...] = ("O0", "Os", "O2", "O3")
    outputs = {
        level: output_for_generated_input(model_file(shared, name), board, tmp_path / level, level) for level in levels
    }
    assert len(set(outputs.values())) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL_MODELS)
def test_clean_under_sanitizers(shared: Path, tmp_path: Path, name: str) -> None:
    # a finding would end the firmware, and the session with it
    model = model_file(shared, name)
    checked = output_for_generated_input(model, "native", tmp_path, sanitize=True)
    reference = run_reference(model, generated_dataset(read_model(model), 1))
    assert reference is not None
    (expected,) = reference.outputs
    if name in INT8_MODELS:
        assert checked == expected.tobytes()
    else:
        assert np.allclose(np.frombuffer(checked, np.float32), expected.reshape(-1), rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", INT8_MODELS)
def test_peers_output_is_reproduced(shared: Path, tmp_path: Path, name: str) -> None:
    rows = json.loads((shared / "baseline" / "peers.json").read_text())
    expected = {row["output_crc"] for row in rows if row["model"] == name and row.get("matches_python_tflm")}
    assert len(expected) == 1
    output = output_for_generated_input(model_file(shared, name), "qemu-mps2-an386", tmp_path)
    assert f"{zlib.crc32(output):08x}" in expected


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("name", ALL_MODELS)
def test_generated_c_has_no_warnings(shared: Path, tmp_path: Path, name: str, compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    files = write_sources(compile_graph(read_model(model_file(shared, name))), tmp_path)
    sources = [str(path) for path in files if path.suffix == ".c"]
    subprocess.run([compiler, *WARNINGS, "-fsyntax-only", f"-I{tmp_path}", *sources], check=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("compiler", "kinds"),
    [
        (("gcc",), ()),
        (("clang",), ()),
        (("arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m0"), ("m0",)),
        (("arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m4"), ("dsp",)),
        (("arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m55", "-mfloat-abi=hard"), ("dsp", "mve")),
        (("riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"), ("rv32",)),
        (("xtensa-lx106-elf-gcc",), ()),
    ],
    ids=lambda parts: "-".join(part.lstrip("-") for part in parts if "specs" not in part and "abi" not in part),
)
def test_runtime_has_no_warnings(compiler: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    """Portable kernels, and those of the kinds that are made for the core."""
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"{compiler[0]} is not installed")
    runtime = data_dir("firmware_templates") / "runtime"
    folders = [runtime, runtime / "kernels", *(runtime / "kernels" / kind for kind in kinds)]
    sources = sorted(str(path) for folder in folders for path in folder.glob("*.c"))
    assert all(any(Path(source).parent == folder for source in sources) for folder in folders)
    command = [*compiler, *WARNINGS, "-O2", "-S", *(f"-I{folder}" for folder in folders), "-o", os.devnull]
    for source in sources:
        subprocess.run([*command, source], check=True)
