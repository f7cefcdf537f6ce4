"""Builder zig: the firmware that gcc builds, by a compiler that comes with pip."""

from __future__ import annotations

import ctypes
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from support.probe import FACTS, SOURCE, Console, need_tools
from tinykit.board import load_board
from tinykit.board.tools import find_tool
from tinykit.emulate import open_board
from tinykit.errors import BoardError, BuildFailed, DoesNotFit, InputError, ToolMissing
from tinykit.firmware import Project, build_project, render_sources
from tinykit.firmware.builders.zig_target import target_flags
from tinykit.hil.report import Report
from tinykit.hil.run import RunOptions, run_model
from tinykit.link import Client
from tinykit.resources import data_dir

M4 = "qemu-mps2-an386"
EMULATED = ("qemu-mps2-an385", M4, "qemu-mps2-an500", "qemu-mps3-an547", "qemu-microbit", "qemu-riscv32")
DIGITS = data_dir("models") / "digits" / "digits.tflite"


@pytest.fixture(autouse=True)
def zig() -> str:
    path = find_tool("zig")
    if path is None:
        pytest.skip("zig is not installed (pip install ziglang)")
    return path


def _probe(folder: Path, board: str = M4, source: bytes | None = None) -> Project:
    sources = {"src/probe/probe.c": SOURCE.read_bytes() if source is None else source}
    return render_sources(sources, FACTS, load_board(board), folder, agent=False, builder="zig")


def _run(
    model: Path, board: str, builder: str | None, out: Path, data: Path | None = None, samples: int = 20
) -> Report:
    need_tools(board)
    return run_model(model, board, RunOptions(data=data, limit=samples, builder=builder), out_dir=out)


@pytest.mark.slow
@pytest.mark.parametrize("board", ["native", *EMULATED])
def test_results_are_identical_on_every_board_and_the_build_is_silent(board: str, tmp_path: Path) -> None:
    report = _run(DIGITS, board, "zig", tmp_path, DIGITS.with_name("digits_test.npz"))
    assert report.accuracy.identical == report.accuracy.n == 20
    assert report.build.compiler.startswith("zig ")
    log = (tmp_path / "firmware" / "build" / "build.log").read_text()
    assert "warning" not in log


@pytest.mark.slow
def test_gcc_and_zig_side_by_side(shared: Path, tmp_path: Path, record_property: pytest.RecordProperty) -> None:
    model = shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite"
    data = shared / "datasets" / "kws01.npz"
    reports = {name: _run(model, M4, name, tmp_path / name, data) for name in ("gcc", "zig")}
    for name, report in reports.items():
        assert report.accuracy.identical == report.accuracy.n == 20, name
        assert report.latency.unit == "instructions"
        record_property(name, report.latency.p50)
        print(f"{name}: {report.latency.p50:,.0f} instructions, {report.memory.code:,} bytes of code")
    assert reports["gcc"].build.compiler != reports["zig"].build.compiler
    # Neither compiler is twice the other: that would be a flag forgotten.
    assert 0.5 < reports["zig"].latency.p50 / reports["gcc"].latency.p50 < 2


@pytest.mark.slow
@pytest.mark.parametrize(("board", "samples"), [(M4, 5), ("qemu-riscv32", 1)])  # RV32 has no FPU
def test_float_models_link_and_are_within_1e_5(shared: Path, tmp_path: Path, board: str, samples: int) -> None:
    report = _run(
        shared / "models" / "mlperf_tiny" / "pretrainedResnet.tflite", board, "zig", tmp_path, samples=samples
    )
    assert report.accuracy.tolerance == 1e-5
    assert report.accuracy.identical == samples


def test_an_fpu_is_used_where_there_is_one(zig: str, tmp_path: Path) -> None:
    """zig's Cortex-M processors have none unless it is asked for, whatever the triple's ABI says."""
    source = tmp_path / "f.c"
    source.write_text("float f(float a, float b);\nfloat f(float a, float b) { return a * b; }\n")
    for board, instruction in ((M4, "vmul.f32"), ("qemu-mps3-an547", "vmul.f32"), ("qemu-mps2-an385", "__aeabi_fmul")):
        flags = target_flags(load_board(board))
        subprocess.run([zig, "cc", *flags, "-O2", "-S", str(source), "-o", str(tmp_path / "f.s")], check=True)
        assert instruction in (tmp_path / "f.s").read_text(), board


def test_a_cortex_m33_has_the_dsp_extension_where_the_board_says_so() -> None:
    board = load_board("pico2")
    assert target_flags(board)[-1] == "-mcpu=cortex_m33+fp_armv8d16sp+dsp"
    without = board.model_copy(update={"features": tuple(f for f in board.features if f != "dsp")})
    assert target_flags(without)[-1] == "-mcpu=cortex_m33+fp_armv8d16sp"


def test_a_single_precision_fpu_is_not_taken_for_a_double_one() -> None:
    board = load_board("qemu-mps2-an500")
    assert target_flags(board)[-1] == "-mcpu=cortex_m7+fp_armv8d16"
    toolchain = board.toolchain.model_copy(update={"cflags": ("-mcpu=cortex-m7", "-mfpu=fpv5-sp-d16")})
    single = board.model_copy(update={"toolchain": toolchain})
    assert target_flags(single)[-1] == "-mcpu=cortex_m7+fp_armv8d16sp"


def test_a_core_without_a_zig_compiler_is_refused(tmp_path: Path) -> None:
    board = load_board(M4).model_copy(update={"core": "lx106"})
    with pytest.raises(BoardError, match=r"'zig' does not build(.|\n)*gcc or platformio"):
        render_sources({}, FACTS, board, tmp_path / "out", builder="zig")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("board", "kind"), [("qemu-microbit", "m0"), (M4, "dsp"), ("qemu-riscv32", "rv32")])
def test_every_kernel_finds_its_functions(zig: str, tmp_path: Path, board: str, kind: str) -> None:
    """All of the runtime for a core in one program: what zig does not bring would be undefined."""
    templates = data_dir("firmware_templates")
    headers = templates / "projects" / "zig" / "freestanding"
    runtime = templates / "runtime"
    main = tmp_path / "main.c"
    main.write_text("int main(void);\nint main(void) { return 0; }\n")
    made_for_it = runtime / "kernels" / kind
    folders = [runtime, runtime / "kernels", made_for_it]
    sources = [*(f for folder in folders for f in folder.glob("*.c")), *made_for_it.glob("*.S"), headers / "tk_math.c"]
    subprocess.run(
        [zig, "cc", *target_flags(load_board(board)), "-Os", "-ffreestanding", "-std=c99", "-Wall", "-Wextra",
         "-Wpedantic", "-Wconversion", "-Werror", *(f"-I{folder}" for folder in [*folders, headers]),
         "-Wl,-e,main", *map(str, [*sources, main]), "-o", str(tmp_path / "all.elf")],
        check=True,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "exactly"), [("tanhf", np.tanh), ("expm1f", np.expm1)])
def test_our_functions_are_as_exact_as_a_float(tmp_path: Path, name: str, exactly: np.ufunc) -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not installed")
    source = data_dir("firmware_templates") / "projects" / "zig" / "freestanding" / "tk_math.c"
    library = tmp_path / "tk_math.so"
    # The host's <math.h>, and other names than the host's functions have.
    text = re.sub(r"\b(tanhf|expm1f)\b", r"tk_\1", source.read_text())
    (tmp_path / "tk_math.c").write_text("float tk_tanhf(float x);\nfloat tk_expm1f(float x);\n" + text)
    flags = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, str(tmp_path / "tk_math.c"), "-lm", "-o", str(library)], check=True)
    function = getattr(ctypes.CDLL(str(library)), f"tk_{name}")
    function.restype, function.argtypes = ctypes.c_float, [ctypes.c_float]
    magnitudes = np.geomspace(1e-30, 80, 20_000).astype(np.float32)
    x = np.concatenate([magnitudes, -magnitudes, np.float32([0, np.inf, -np.inf])])
    got = np.array([function(float(value)) for value in x], np.float32)
    exact = exactly(x.astype(np.float64))
    finite = np.isfinite(exact)
    assert (got[~finite] == exact[~finite]).all()
    error = np.abs(got[finite] - exact[finite])
    assert (error <= 0.501 * np.spacing(np.abs(exact[finite]).astype(np.float32))).all()
    assert np.isnan(function(float("nan")))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("declaration", "memory"),
    [("volatile uint8_t big[20000];", "ram"), ("const volatile uint8_t big[300000] = {1};", "flash")],
)
def test_what_lld_finds_too_large_is_explained(tmp_path: Path, declaration: str, memory: str) -> None:
    source = declaration + SOURCE.read_text().replace("boots[0] = 0xB0075u;", "boots[0] = 0xB0075u + big[0];")
    project = _probe(tmp_path, "qemu-microbit", ("#include <stdint.h>\n" + source).encode())
    with pytest.raises(DoesNotFit, match=rf"{memory} is full: \d+ bytes are needed, the board has \d+") as caught:
        build_project(project)
    needed, size, over = map(int, re.findall(r"\d+", str(caught.value.why))[:3])
    assert needed == size + over
    # Each section after the first that has no room says its own number; the last one is the sum.
    big = int(re.findall(r"\d+", declaration)[1])
    assert big < needed < big + 10_000


@pytest.mark.slow
def test_a_function_zig_does_not_bring_is_named(tmp_path: Path) -> None:
    for source in (b"#include <math.h>\nint main(void) { return (int)erff(1.0f); }\n",
                   b"float erff(float x);\nint main(void) { return (int)erff(1.0f); }\n"):  # fmt: skip
        with pytest.raises(BuildFailed, match=r"no erff(.|\n)*--builder gcc"):
            build_project(_probe(tmp_path, source=source))


@pytest.mark.slow
def test_a_compiler_error_shows_the_log(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=r"zig \d(.|\n)*nothing"):
        build_project(_probe(tmp_path, source=b"int main(void) { return nothing; }\n"))


@pytest.mark.slow
@pytest.mark.parametrize("board", [M4, "qemu-riscv32"])
def test_two_builds_in_different_folders_are_identical(board: str, tmp_path: Path) -> None:
    first = build_project(_probe(tmp_path / "a", board))
    second = build_project(_probe(tmp_path / "deeper" / "b", board))
    assert first.build_id == second.build_id
    assert first.elf.read_bytes() == second.elf.read_bytes()
    assert b"deeper" not in second.elf.read_bytes()


@pytest.mark.slow
def test_the_project_builds_by_hand_from_anywhere(tmp_path: Path) -> None:
    project = _probe(tmp_path / "p")
    image = build_project(project)
    built = image.elf.read_bytes()
    shutil.rmtree(tmp_path / "p" / "build")
    command = [sys.executable, str(tmp_path / "p" / "build.py"), "--jobs", "1"]
    subprocess.run(command, check=True, capture_output=True, cwd="/", env={"HOME": str(Path.home())})
    assert image.elf.read_bytes() == built


@pytest.mark.slow
def test_zig_takes_the_place_of_a_missing_gcc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    qemu = shutil.which("qemu-system-arm")
    (tmp_path / "bin").mkdir()
    if qemu is not None:
        (tmp_path / "bin" / "qemu-system-arm").symlink_to(qemu)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))  # neither gcc nor make
    source = {"src/probe/probe.c": SOURCE.read_bytes()}
    project = render_sources(source, FACTS, load_board(M4), tmp_path / "p", agent=False)
    assert project.builder == "zig"
    assert project.note is not None
    assert "arm-none-eabi-gcc not found" in project.note
    manifest = json.loads((tmp_path / "p" / "manifest.json").read_text())
    assert (manifest["builder"], manifest["note"]) == ("zig", project.note)
    image = build_project(project)
    if qemu is not None:
        with open_board(image.board, image) as stream:
            assert Console(stream).line() == "ready"
    # Asked for gcc by name, nothing takes its place.
    with pytest.raises(ToolMissing, match="arm-none-eabi-gcc"):
        render_sources(source, FACTS, load_board(M4), tmp_path / "q", agent=False, builder="gcc")


@pytest.mark.slow
def test_a_report_says_that_zig_took_the_place_of_gcc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("CC", raising=False)
    report = run_model(DIGITS, "native", RunOptions(limit=2), out_dir=tmp_path)
    assert report.accuracy.identical == 2
    assert any("cc not found" in note for note in report.notes)


def test_without_zig_the_missing_compiler_is_named_with_both_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("tinykit.board.tools._packaged_zig", lambda: None)
    with pytest.raises(ToolMissing, match="arm-none-eabi-gcc not found"):
        render_sources({}, FACTS, load_board(M4), tmp_path / "p")
    with pytest.raises(ToolMissing, match=r"zig not found(.|\n)*pip install 'ziglang"):
        render_sources({}, FACTS, load_board(M4), tmp_path / "p", builder="zig")
    with pytest.raises(InputError, match="gcc, zig"):
        render_sources({}, FACTS, load_board(M4), tmp_path / "p", builder="gxx")


@pytest.mark.slow
def test_the_agent_answers(tmp_path: Path) -> None:
    need_tools(M4)
    from tinykit.firmware.from_model import BuildOptions, build_model

    image = build_model(DIGITS, load_board(M4), tmp_path, BuildOptions(builder="zig"))
    with open_board(image.board, image) as stream:
        assert Client(stream, expected_build=image.build_id).connect().build_id == image.build_id
