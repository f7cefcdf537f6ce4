"""The compiled C as a shared library: as cffi sees it, and what it computes."""

from __future__ import annotations

import re
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from tinykit.board import load_board
from tinykit.compiler import Target, compile_graph
from tinykit.errors import InputError, ToolMissing
from tinykit.firmware.runner import library as build
from tinykit.graph.reader import read_model
from tinykit.hil.reference import outputs_of_bytes
from tinykit.resources import data_dir
from tinykit.runner.engines import library as engine_module
from tinykit.runner.engines.library import LibraryEngine

pytest.importorskip("cffi", reason="cffi is not installed")
DIGITS = data_dir("models") / "digits"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiled = compile_graph(read_model(DIGITS / "digits.tflite"), Target())
    path = tmp_path_factory.mktemp("library") / build.LIBRARY_FILE
    path.write_bytes(build.build_library(compiled, load_board("native"), "O2")[0])
    return path


def test_it_computes_what_the_reference_does(library: Path) -> None:
    engine = LibraryEngine(library)
    with np.load(DIGITS / "digits_test.npz") as data:
        sample = (
            ((data["x"][0] / engine.inputs[0].scale).round() + engine.inputs[0].zero_point).astype(np.int8).tobytes()
        )
    assert engine.output(0) == bytes(engine.outputs[0].nbytes)
    assert engine.run([sample]) > 0
    assert (engine.output(0),) == outputs_of_bytes(DIGITS / "digits.tflite", [sample])


def test_layers_are_called_in_order_and_the_arena_can_be_seen(library: Path) -> None:
    engine = LibraryEngine(library)
    seen: list[int] = []
    engine.run([bytes(engine.inputs[0].nbytes)], seen.append)
    assert seen == list(range(engine.n_layers))
    assert len(seen) > 3
    assert zlib.crc32(engine.arena(0, engine.arena_bytes)) != zlib.crc32(bytes(engine.arena_bytes))


def test_the_same_model_gives_the_same_bytes(library: Path) -> None:
    compiled = compile_graph(read_model(DIGITS / "digits.tflite"), Target())
    assert build.build_library(compiled, load_board("native"), "O2")[0] == library.read_bytes()


def test_it_builds_for_a_raspberry_pi() -> None:
    board = load_board("rpi5")
    try:
        data, version, flags = build.build_library(
            compile_graph(read_model(DIGITS / "digits.tflite"), Target(board.core)), board, "O2"
        )
    except ToolMissing as error:
        pytest.skip(str(error))
    assert data[:4] == b"\x7fELF"
    assert int.from_bytes(data[18:20], "little") == 183  # EM_AARCH64 (elf.h)
    assert "-mcpu=cortex-a76" in flags
    assert version


def test_the_declarations_are_those_of_the_header() -> None:
    header = (data_dir("firmware_templates") / "agent" / "tk_model_info.h").read_text()
    header = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL).replace("TK_MAX_RANK", "6")

    def fields(text: str) -> list[str]:
        return re.findall(r"^    (.*;)", re.sub(r"[ \t]+$", "", re.sub(r" +;", ";", text), flags=re.M), flags=re.M)

    wanted, have = fields(header), fields(engine_module._DECLARATIONS)
    assert [re.sub(r"\s+", " ", line).strip() for line in have] == [
        re.sub(r"\s+", " ", line).strip() for line in wanted
    ]


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "libmodel.so").write_bytes(b"\x7fELF nothing")
    with pytest.raises(InputError, match="cannot be loaded"):
        LibraryEngine(tmp_path / "libmodel.so")


def test_without_cffi_it_says_so(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cffi", None)
    with pytest.raises(ToolMissing, match="cffi"):
        LibraryEngine(library)
