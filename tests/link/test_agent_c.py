"""The agent's C: not a warning from any compiler, whatever the model and the payload size."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.probe import need_tools
from support.slow import rest_slow
from tinykit.board import Board, load_board
from tinykit.firmware import render_sources
from tinykit.firmware.manifest import Facts
from tinykit.firmware.mlperf import MlperfId
from tinykit.resources import data_dir

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")
COMPILERS = {
    "gcc": ("gcc",),
    "clang": ("clang",),
    "arm-m0": ("arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m0"),
    "arm-m4": ("arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"),
    "rv32imc": ("riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"),
}
MODELS = {
    "no layers": ((16,), ()),
    "many inputs": ((1, 3000, 7), ({"label": "a"},) * 400),
    "with state": ((16,), ({"label": "a"},)),
    "ad01": ((640,), ()),
    "kws01": ((490,), ()),
}
MLPERF: dict[str, MlperfId] = {"ad01": "ad01", "kws01": "kws01"}


def board_with(max_payload: int, folder: Path) -> Board:
    path = folder / "native.toml"
    text = (data_dir("boards") / "native.toml").read_text()
    path.write_text(text.replace("max_payload = 1024", f"max_payload = {max_payload}"))
    board = load_board(path)
    assert board.link.max_payload == max_payload
    return board


@pytest.fixture(scope="module", params=MODELS)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder src of a rendered project."""
    need_tools("native")
    folder = tmp_path_factory.mktemp("agent")
    input_bytes, layers = MODELS[request.param]
    state = 16 if request.param == "with state" else 0
    facts = Facts("model", "00" * 32, input_bytes, 64, 64, {}, layers, state_bytes=state)
    board = board_with(4096 if request.param == "many inputs" else 64, folder)
    return render_sources({}, facts, board, folder / "project", mlperf=MLPERF.get(request.param)).root / "src"


def compile_all(command: tuple[str, ...], source: Path, files: list[Path], out: Path) -> str:
    """What the compiler says of the files; empty when it is content."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    includes = [f"-I{source}", f"-I{source / 'agent'}", f"-I{source / 'port'}"]
    run = subprocess.run(
        [*command, *WARNINGS, "-O2", *includes, "-c", *map(str, files)],
        cwd=out, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0 or run.stderr
    return run.stdout + run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_agent(compiler: str, source: Path, tmp_path: Path) -> None:
    files = sorted((source / "agent").glob("*.c"))
    assert {file.name for file in files} >= {"tk_agent.c", "tk_frame.c", "tk_run.c", "tk_info.c", "tk_crc32.c"}
    for_mlperf = "TK_MLPERF" in (source / "tk_config.h").read_text()
    assert for_mlperf == ({"tk_mlperf.c", "tk_text.c"} <= {file.name for file in files})
    assert compile_all(COMPILERS[compiler], source, files, tmp_path) == ""


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_port_of_the_host(compiler: str, source: Path, tmp_path: Path) -> None:
    assert compile_all(COMPILERS[compiler], source, sorted((source / "port").glob("*.c")), tmp_path) == ""


@pytest.mark.parametrize("compiler", rest_slow(COMPILERS))
def test_every_header_stands_alone(compiler: str, source: Path, tmp_path: Path) -> None:
    headers = sorted((source / "agent").glob("*.h"))
    assert headers
    files = []
    for header in headers:
        # twice: the include guard; the variable: a file of C must not be empty
        file = tmp_path / f"{header.stem}.c"
        file.write_text(f'#include "{header.name}"\n#include "{header.name}"\nextern int unused;\n')
        files.append(file)
    assert compile_all(COMPILERS[compiler], source, files, tmp_path) == ""


def test_a_warning_would_be_seen(source: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.c"
    bad.write_text("unsigned char low(int x);\nunsigned char low(int x)\n{\n    return x;\n}\n")
    assert "conversion" in compile_all(COMPILERS["gcc"], source, [bad], tmp_path)
