"""A firmware has the kernels that its model needs, and no others: an operator costs those nothing who do not use it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.compiler import compile_graph
from tinykit.compiler.emit import render_model
from tinykit.firmware.from_model import build_model, target_of
from tinykit.graph.reader import read_model
from tinykit.resources import data_dir

KERNELS = {path.stem for path in (data_dir("firmware_templates") / "runtime").rglob("tk_*.[cS]")}


def functions(elf: Path) -> dict[str, int]:
    """Sizes of the functions in a firmware, in bytes, by name."""
    listed = subprocess.run(["arm-none-eabi-nm", "-S", elf], capture_output=True, text=True, check=True).stdout
    return {name: int(size, 16) for size, name in re.findall(r"^\w+ (\w+) [tT] (\S+)$", listed, re.MULTILINE)}


@pytest.mark.parametrize("kinds", [("ABS",), ("COS",), ("ABS", "COS"), ("RELU",)])
def test_kernels_in_a_firmware(kinds: tuple[str, ...], tmp_path: Path) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    model = ModelBuilder()
    value = model.input((8,), "float32")
    for kind in kinds:
        following = model.tensor((8,), "float32")
        model.op(kind, [value], [following])
        value = following
    model.outputs.append(value)
    path = tmp_path / "model.tflite"
    path.write_bytes(model.build())
    board = load_board("qemu-mps2-an386")
    compiled = compile_graph(read_model(path), target_of(board))
    needed = {Path(name).stem for name in render_model(compiled)} & KERNELS
    image = build_model(path, board, tmp_path / "firmware")
    found = functions(image.elf)
    assert {name for name in found if name in KERNELS} == {name for name in needed if name in found}
    assert set(compiled.kernels) <= {name for name, size in found.items() if size > 0}
    assert len(needed) <= len(kinds), "one kernel for each operator, and nothing beside"
