"""A model as a library: built by what it is for, with nothing of tinykit around."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tinykit.cli.main import main
from tinykit.compiler import compile_graph
from tinykit.errors import InputError
from tinykit.firmware.library import write_library
from tinykit.graph.reader import read_model
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits"
MODEL = DIGITS / "digits.tflite"
USER_PROGRAM = """
#include "digits.h"
#include <stdio.h>
static uint8_t arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGNMENT)));
int main(void)
{
    int8_t in[DIGITS_INPUT_BYTES], out[DIGITS_OUTPUT_BYTES];
    if (digits_init(arena) != 0) return 1;
    while (fread(in, sizeof in, 1, stdin) == 1) {
        digits_run(in, out);
        fwrite(out, sizeof out, 1, stdout);
    }
    return 0;
}
"""
BARE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    write_library(compile_graph(read_model(MODEL)), tmp_path / "digits")
    return tmp_path / "digits"


@pytest.fixture
def samples() -> Iterator[bytes]:
    with np.load(DIGITS / "digits_test.npz") as data:
        yield data["x"][:50].astype(np.int8).tobytes()


def _run(*command: str | Path, cwd: Path, stdin: bytes = b"") -> bytes:
    run = subprocess.run([str(c) for c in command], cwd=cwd, env=BARE, input=stdin, capture_output=True, check=False)
    assert run.returncode == 0, (run.stdout + run.stderr).decode()
    return run.stdout


def _by_hand(library: Path, folder: Path, samples: bytes) -> bytes:
    """What the library's README says for any other build system."""
    (folder / "main.c").write_text(USER_PROGRAM)
    sources = sorted((library / "src").glob("*.c"))
    _run("cc", "-O2", "-ffp-contract=off", f"-I{library}/src", "main.c", *sources, "-lm", "-o", "by_hand", cwd=folder)
    return _run(folder / "by_hand", cwd=folder, stdin=samples)


@pytest.mark.slow
def test_a_cmake_project_uses_it(library: Path, tmp_path: Path, samples: bytes) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    (tmp_path / "main.c").write_text(USER_PROGRAM)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.13)\nproject(user C)\nadd_subdirectory(digits)\n"
        "add_executable(user main.c)\ntarget_link_libraries(user digits)\n"
    )
    _run("cmake", "-S", ".", "-B", "out", cwd=tmp_path)
    _run("cmake", "--build", "out", cwd=tmp_path)
    with np.load(DIGITS / "digits_test.npz") as data:
        labels = data["y"][:50]
    outputs = np.frombuffer(_run(tmp_path / "out" / "user", cwd=tmp_path, stdin=samples), np.int8).reshape(50, -1)
    assert (outputs.argmax(1) == labels).mean() > 0.9
    assert outputs.tobytes() == _by_hand(library, tmp_path, samples)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["all", "clean", "help", "install", "test", "m", "stdint", "string", "math"])
def test_a_name_that_is_taken_breaks_nothing(name: str, tmp_path: Path) -> None:
    """In CMake with tests on, beside a program that uses the C library's own header and library of that name."""
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    model = tmp_path / f"{name}.tflite"
    model.write_bytes(MODEL.read_bytes())
    compiled = compile_graph(read_model(model))
    write_library(compiled, tmp_path / "lib")
    user = USER_PROGRAM.replace("digits", compiled.name).replace("DIGITS", compiled.name.upper())
    (tmp_path / "main.c").write_text("#include <math.h>\n#include <stdint.h>\n#include <string.h>\n" + user)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.13)\nproject(user C)\nenable_testing()\nadd_subdirectory(lib)\n"
        f"add_executable(user main.c)\ntarget_link_libraries(user {compiled.name} m)\n"
        "install(TARGETS user DESTINATION bin)\nadd_test(NAME user COMMAND user)\n"
    )
    _run("cmake", "-S", ".", "-B", "out", cwd=tmp_path)
    _run("cmake", "--build", "out", cwd=tmp_path)
    _run(tmp_path / "out" / "user", cwd=tmp_path)


def test_esp_idf_is_given_a_component(library: Path, tmp_path: Path) -> None:
    """The file in CMake's own interpreter, with ESP-IDF's function standing in as one that only records."""
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    (tmp_path / "check.cmake").write_text(
        "set(ESP_PLATFORM 1)\nset(COMPONENT_LIB fake)\n"
        "function(idf_component_register)\n"
        '  cmake_parse_arguments(A "" "" "SRCS;INCLUDE_DIRS" ${ARGN})\n'
        '  message("SRCS=${A_SRCS} DIRS=${A_INCLUDE_DIRS} REST=${A_UNPARSED_ARGUMENTS}")\nendfunction()\n'
        "function(target_compile_options)\nendfunction()\n"
        f"include({library}/CMakeLists.txt)\n"
    )
    run = subprocess.run(["cmake", "-P", "check.cmake"], cwd=tmp_path, capture_output=True, text=True, check=True)
    sources = run.stderr.split("SRCS=")[1].split(" DIRS=")[0].split(";")
    assert {library / source for source in sources} == set((library / "src").glob("*.c"))
    assert "DIRS=src REST=\n" in run.stderr


@pytest.mark.slow
def test_platformio_accepts_it(library: Path) -> None:
    pio = shutil.which("pio") or shutil.which("pio", path=str(Path(sys.executable).parent))
    if pio is None:
        pytest.skip("platformio is not installed")
    subprocess.run([pio, "pkg", "pack", str(library), "-o", str(library.parent)], check=True, capture_output=True)
    assert list(library.parent.glob("*.tar.gz"))


def test_arduino_properties_are_complete(library: Path) -> None:
    lines = (library / "library.properties").read_text().splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    assert {
        "name",
        "version",
        "author",
        "maintainer",
        "sentence",
        "paragraph",
        "category",
        "url",
        "architectures",
    } <= set(properties)
    assert (library / "src" / properties["includes"]).is_file()
    # a sketch is C++
    subprocess.run(["c++", "-fsyntax-only", "-x", "c++", str(library / "src" / "digits.h")], check=True)


@pytest.mark.slow
def test_two_models_link_together(library: Path, tmp_path: Path) -> None:
    other = tmp_path / "second.tflite"
    other.write_bytes(MODEL.read_bytes())
    write_library(compile_graph(read_model(other)), tmp_path / "second")
    (tmp_path / "main.c").write_text(
        '#include "digits.h"\n#include "second.h"\nint main(void) { return digits_init(0) != second_init(0); }\n'
    )
    for name in ("digits", "second"):
        folder = tmp_path / name / "src"
        _run("cc", "-c", *folder.glob("*.c"), cwd=folder)
        _run("ar", "rcs", tmp_path / f"lib{name}.a", *folder.glob("*.o"), cwd=folder)
    includes = [f"-I{tmp_path}/{name}/src" for name in ("digits", "second")]
    _run("cc", *includes, "main.c", "-L.", "-ldigits", "-lsecond", "-lm", "-o", "both", cwd=tmp_path)
    _run(tmp_path / "both", cwd=tmp_path)


def test_written_again_it_replaces_itself_and_nothing_else(library: Path) -> None:
    (library / "notes.txt").write_text("mine")
    (library / "src" / "old_kernel.c").write_text("from an earlier version")
    write_library(compile_graph(read_model(MODEL)), library)
    assert (library / "notes.txt").read_text() == "mine"
    assert not (library / "src" / "old_kernel.c").exists()
    (library / "manifest.json").unlink()
    with pytest.raises(InputError, match="did not write"):
        write_library(compile_graph(read_model(MODEL)), library)


def test_the_command_names_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["compile", str(MODEL), "--as-library", "--out", str(tmp_path / "lib"), "--json"]
    old, sys.argv = sys.argv, ["tinykit", *command]
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv = old
    assert end.value.code == os.EX_OK
    files = json.loads(capsys.readouterr().out)["files"]
    assert str(tmp_path / "lib" / "library.json") in files
    assert all(Path(name).is_file() for name in files)
