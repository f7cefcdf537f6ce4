"""An exported project builds with the board's own tools, and with nothing of tinykit around."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.probe import need_tools
from support.slow import rest_slow
from tinykit.board import list_boards, load_board
from tinykit.compiler.kernels import variants
from tinykit.firmware import load_image
from tinykit.firmware.from_model import build_model, export_model
from tinykit.hil.run import RunOptions, run_project
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"
DATA = DIGITS.with_name("digits_test.npz")
M4 = "qemu-mps2-an386"
BARE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def by_hand(folder: Path, *commands: str) -> None:
    """Runs commands of the project's README where tinykit cannot be found."""
    for command in commands:
        run = subprocess.run(command.split(), cwd=folder, env=BARE, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        assert "warning" not in run.stdout + run.stderr


@pytest.mark.parametrize("board", rest_slow([board.name for board in list_boards()], 5))
def test_every_board_without_its_compiler(board: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    folder = tmp_path / "project"
    project = export_model(DIGITS, load_board(board), folder)
    assert (folder / "README.md").is_file()
    assert "exported" in project.manifest["compiler"]["version"]
    for path in folder.rglob("*"):
        assert path.is_dir() or str(tmp_path).encode() not in path.read_bytes(), path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["with space", "quo'te", 'double"quote', "$(touch run)", "#hash;semicolon"])
def test_any_name_of_the_folder(name: str, tmp_path: Path) -> None:
    need_tools(M4)
    folder = tmp_path / name
    image = build_model(DIGITS, load_board(M4), folder)
    assert name.encode() not in image.elf.read_bytes()
    assert not [*tmp_path.rglob("run")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "commands",
    [("make",), ("cmake -B build", "cmake --build build")],
    ids=["make", "cmake"],
)
@pytest.mark.parametrize("board", [M4, "native", "qemu-riscv32"])
def test_it_is_built_without_tinykit_and_passes(board: str, commands: tuple[str, ...], tmp_path: Path) -> None:
    need_tools(board)
    if shutil.which("cmake", path=BARE["PATH"]) is None and "cmake" in commands[0]:
        pytest.skip("cmake is not installed")
    folder = tmp_path / "with space"
    export_model(DIGITS, load_board(board), folder)
    assert not (folder / "build").exists()
    by_hand(folder, *commands)
    report = run_project(folder, RunOptions(data=DATA, limit=20))
    assert (report.result, report.accuracy.identical) == ("pass", 20)


@pytest.mark.slow
def test_make_and_cmake_make_the_same_firmware(tmp_path: Path) -> None:
    need_tools(M4)
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    image = build_model(DIGITS, load_board(M4), tmp_path)
    by_hand(tmp_path, "cmake -B other", "cmake --build other")
    flashes = []
    for elf in (image.elf, tmp_path / "other" / "firmware.elf"):
        subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, tmp_path / "flash.bin"], check=True)
        flashes.append((tmp_path / "flash.bin").read_bytes())
    assert flashes[0] == flashes[1]
    assert len(flashes[0]) == load_image(tmp_path).sizes.flash


MODEL_USER = """
#include "model.h"
static uint8_t arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGNMENT)));
{hook}
int main(void)
{{
    if (digits_init(arena) != 0) {{
        return 1;
    }}
    digits_run(0, 0);
    return {check};
}}
"""
HOOK = """static unsigned layers;
static void count(unsigned layer) { layers += layer < DIGITS_LAYERS; }
void (*tk_layer_hook)(unsigned layer) = count;"""


@pytest.mark.parametrize(("hook", "check"), [("", "0"), (HOOK, "layers != DIGITS_LAYERS")], ids=["without", "with"])
@pytest.mark.parametrize("board", rest_slow(["esp32c3", "pico"]))
def test_the_model_alone_links_into_another_program(
    board: str, hook: str, check: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the READMEs of the projects say: the component or library, with its flags, without the agent.

    The program is one for this computer, so that it can be run: with portable kernels.
    """
    monkeypatch.setattr(variants, "_VARIANTS", {})
    folder = tmp_path / "project"
    export_model(DIGITS, load_board(board), folder)
    described = folder / ("src/model" if board == "esp32c3" else ".") / "CMakeLists.txt"
    text = described.read_text()
    listed = text[text.index("SRCS" if board == "esp32c3" else "add_library(model STATIC") :]
    sources = [described.parent / name for name in re.findall(r"[\w./]+\.c\b", listed.partition(")")[0])]
    assert "TK_LAYER_HOOK" in text
    folders = [f"-I{path}" for path in sorted({path.parent for path in (folder / "src").rglob("*.h")})]
    (tmp_path / "user.c").write_text(MODEL_USER.format(hook=hook, check=check))
    build = ["cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-DTK_LAYER_HOOK", *folders]
    objects = []
    for source in [*sources, tmp_path / "user.c"]:
        objects.append(tmp_path / f"{source.stem}.o")
        subprocess.run([*build, "-c", source, "-o", objects[-1]], check=True)
    library = tmp_path / "libmodel.a"
    subprocess.run(["ar", "rcs", library, *objects[:-1]], check=True)
    subprocess.run(["cc", objects[-1], library, "-lm", "-o", tmp_path / "user"], check=True)
    subprocess.run([tmp_path / "user"], check=True)
