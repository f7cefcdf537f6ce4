"""Engine tflm over the stand-in of support/tflm, which says what that proves; and over the real thing where it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.board import Board, load_board
from tinykit.errors import BuildFailed, InputError, ToolMissing, UnsupportedModel
from tinykit.firmware import Image, build_project
from tinykit.firmware.engine import parse_engines
from tinykit.firmware.from_model import BuildOptions, export_model
from tinykit.firmware.tflm import render_tflm_project
from tinykit.firmware.tflm.arena import MARGIN, arena_size
from tinykit.firmware.tflm.checkout import VARIABLE, find_checkout
from tinykit.firmware.tflm.cxx import find_cxx
from tinykit.firmware.tflm.operators import _IRREGULAR, _REGULAR, method_name, registrations
from tinykit.firmware.tflm.sources import collect
from tinykit.graph.operators import BUILTIN_OPERATORS
from tinykit.graph.reader import parse_model, read_model
from tinykit.graph.types import Graph
from tinykit.hil.run import RunOptions, run_model

STAND_IN = Path(__file__).resolve().parents[1] / "support" / "tflm"
PREFIX = "x86_64-linux-gnu-"
M4 = "qemu-mps2-an386"


def reshape_model(folder: Path) -> Path:
    """The one operator for which the stand-in is right."""
    builder = ModelBuilder()
    x = builder.input((1, 4, 4), scale=0.1, zero_point=3)
    shape = builder.const(np.array([1, 16], np.int32))
    y = builder.output((1, 16), scale=0.1, zero_point=3)
    builder.op("RESHAPE", [x, shape], [y], new_shape=[1, 16])
    path = folder / "small.tflite"
    path.write_bytes(builder.build())
    return path


def graph_with(*kinds: str, dtype: str = "int8", custom: str = "") -> Graph:
    builder = ModelBuilder()
    at = builder.input((1, 4), dtype, scale=0.1, zero_point=0)
    for i, kind in enumerate(kinds):
        to = (builder.output if i == len(kinds) - 1 else builder.tensor)((1, 4), dtype, scale=0.1, zero_point=0)
        builder.op(kind, [at], [to], **({"custom_code": custom} if custom else {}))
        at = to
    return parse_model(builder.build(), name="model", where="model")


def need(board: Board, *programs: str) -> None:
    """Skip without the C++ compiler of a board or its library."""
    for program in ("make", *programs):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    try:
        find_cxx(board)
    except ToolMissing as error:
        pytest.skip(f"{error.what} ({error.hint})")
    pytest.importorskip("tflite_micro", reason="the package tflite-micro is not installed")


def build(model: Path, board_name: str, folder: Path) -> Image:
    board = load_board(board_name)
    return build_project(render_tflm_project(read_model(model), board, folder, model_file=model, tflm_path=STAND_IN))


@pytest.mark.slow
@pytest.mark.parametrize(("board_name", "programs"), [("native", ()), (M4, ("arm-none-eabi-gcc", "qemu-system-arm"))])
def test_a_model_runs_in_an_interpreter(board_name: str, programs: tuple[str, ...], tmp_path: Path) -> None:
    """Rendered, compiled, linked, started, profiled and reported; outputs pass through the interpreter's tensors."""
    need(load_board(board_name), *programs)
    options = RunOptions(engine="tflm", tflm_path=STAND_IN, limit=3)
    report = run_model(reshape_model(tmp_path), board_name, options, out_dir=tmp_path / "out")
    assert report.engine == "tflm"
    assert report.failures == ()
    assert report.accuracy.identical == 3
    assert [(layer.label, layer.kernel, layer.variant) for layer in report.latency.layers] == [
        ("RESHAPE 0", "Register_RESHAPE", "reference")
    ]
    assert 0 < report.latency.layers[0].value <= report.latency.max
    assert report.memory.arena_lower_bound is None
    assert report.memory.weights == (tmp_path / "small.tflite").stat().st_size
    log = (tmp_path / "out" / "firmware" / "build" / "build.log").read_text()
    assert "warning" not in log
    assert "Arena over time" not in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.slow
def test_the_linux_builder(tmp_path: Path) -> None:
    """With the name that Debian's own compiler has beside gcc, as a cross compiler would have it."""
    text = load_board("native").path.read_text()  # type: ignore[union-attr]
    text = text.replace('name = "native"', 'name = "here"').replace('prefix = ""', f'prefix = "{PREFIX}"')
    board_file = tmp_path / "here.toml"
    board_file.write_text(text.replace('kind = "gcc"\n\n[flasher]', 'kind = "linux"\n\n[flasher]'))
    need(load_board(str(board_file)), f"{PREFIX}gcc", "cmake")
    options = RunOptions(engine="tflm", tflm_path=STAND_IN, limit=2)
    report = run_model(reshape_model(tmp_path), str(board_file), options, out_dir=tmp_path / "out")
    assert report.accuracy.identical == 2
    assert "warning" not in (tmp_path / "out" / "firmware" / "build" / "build.log").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(("board_name", "programs"), [("native", ()), (M4, ("arm-none-eabi-gcc",))])
def test_a_real_models_engine_compiles_without_a_warning(
    board_name: str, programs: tuple[str, ...], tmp_path: Path, shared: Path
) -> None:
    need(load_board(board_name), *programs)
    image = build(shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite", board_name, tmp_path)
    engine = (tmp_path / "src" / "model" / "tflm_engine.cc").read_text()
    assert "MicroMutableOpResolver<6>" in engine
    assert re.findall(r"resolver\.(\w+\(\w*)", engine) == [
        "AddConv2D(Register_CONV_2D_INT8",  # the stand-in's conv.h offers one
        "AddDepthwiseConv2D(",
        "AddAveragePool2D(",
        "AddReshape(",
        "AddFullyConnected(",
        "AddSoftmax(",
    ]
    assert "warning" not in (tmp_path / "build" / "build.log").read_text()
    assert image.sizes.arena == image.project.manifest["model"]["arena_bytes"]
    assert len(image.project.manifest["model"]["layers"]) == 13


@pytest.mark.slow
def test_a_project_stands_alone_and_is_reproducible(tmp_path: Path) -> None:
    need(load_board("native"))
    model = reshape_model(tmp_path)
    first, second = (build(model, "native", tmp_path / name) for name in ("first", "second"))
    assert first.build_id == second.build_id
    assert first.elf.read_bytes() == second.elf.read_bytes()
    assert str(STAND_IN) not in "".join(p.read_text() for p in (tmp_path / "first").rglob("*.cc"))
    assert str(STAND_IN) not in (tmp_path / "first" / "Makefile").read_text()
    # The platform's part, tests, and kernels of other operators stay behind.
    assert sorted(path.name for path in (tmp_path / "first" / "tflm").rglob("*.cc")) == [
        "micro_interpreter.cc",
        "reshape.cc",
    ]


@pytest.mark.slow
def test_an_arena_that_is_too_small_is_told(tmp_path: Path) -> None:
    need(load_board("native"))
    model = reshape_model(tmp_path)
    project = render_tflm_project(
        read_model(model), load_board("native"), tmp_path / "fw", model_file=model, tflm_path=STAND_IN
    )
    info = project.root / "src" / "model" / "model_info.c"
    info.write_text(re.sub(r"(define ARENA_BYTES) \d+", r"\1 32", info.read_text()))
    image = build_project(project)
    from tinykit.errors import DeviceError
    from tinykit.hil.session import Session

    with Session(image.board, image) as session, pytest.raises(DeviceError):
        session.infer(np.zeros((1, 4, 4), np.int8))


def test_what_a_resolver_registers() -> None:
    found = registrations(graph_with("RELU", "SOFTMAX", "RELU"), "model")
    assert [(r.method, r.function, r.int8) for r in found] == [
        ("AddRelu", "Register_RELU", ""),
        ("AddSoftmax", "Register_SOFTMAX", "Register_SOFTMAX_INT8"),
    ]
    assert registrations(graph_with("SOFTMAX", dtype="float32"), "model")[0].int8 == ""


def test_operators_that_tflite_micro_lacks_are_named() -> None:
    with pytest.raises(UnsupportedModel, match=r"RELU_N1_TO_1 \(operator 0, 2\); COMPLEX_ABS \(operator 3\)"):
        registrations(graph_with("RELU_N1_TO_1", "RELU", "RELU_N1_TO_1", "COMPLEX_ABS"), "model")


def test_every_name_is_of_an_operator() -> None:
    named = [kind for kind in BUILTIN_OPERATORS if method_name(kind)]
    assert len(named) == len(_IRREGULAR) + len(_REGULAR)
    assert len({method_name(kind) for kind in named}) == len(named)


@pytest.mark.slow
def test_the_arena_is_what_the_host_used_and_a_margin(shared: Path) -> None:
    pytest.importorskip("tflite_micro", reason="the package tflite-micro is not installed")
    size = arena_size(shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite")
    assert size.used + MARGIN <= size.reserved < size.used + MARGIN + 16
    assert size.reserved % 16 == 0


def test_a_model_that_tflite_micro_refuses(tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro", reason="the package tflite-micro is not installed")
    path = tmp_path / "model.tflite"
    path.write_bytes(b"TFL3 is somewhere else")
    with pytest.raises(InputError, match="cannot run this model"):
        arena_size(path)


def test_without_tflite_micro(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ToolMissing, match=r"TFLite-Micro not found(.|\n)*git clone(.|\n)*--tflm-path"):
        find_checkout(None)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ToolMissing, match=r"no TFLite-Micro in this folder(.|\n)*create_tflm_tree"):
        find_checkout(None)
    shutil.copytree(STAND_IN, tmp_path / "tree")
    assert find_checkout(tmp_path / "tree").third_party == tmp_path / "tree" / "third_party"
    (tmp_path / "tree" / "third_party" / "gemmlowp" / "fixedpoint" / "fixedpoint.h").unlink()
    with pytest.raises(ToolMissing, match="third_party_downloads"):
        find_checkout(tmp_path / "tree")


def test_a_checkout_keeps_third_party_code_in_its_downloads(tmp_path: Path) -> None:
    shutil.copytree(STAND_IN, tmp_path / "tree")
    downloads = tmp_path / "tree" / "tensorflow" / "lite" / "micro" / "tools" / "make" / "downloads"
    downloads.parent.mkdir(parents=True)
    (tmp_path / "tree" / "third_party").rename(downloads)
    sources, files = collect(find_checkout(tmp_path / "tree"), registrations(graph_with("SOFTMAX"), "model"))
    assert not [name for name in files if ".." in name]
    assert "tensorflow/lite/micro/kernels/softmax.cc" in sources
    # gemmlowp's headers find each other by "../".
    assert files["third_party/gemmlowp/internal/detect_platform.h"].is_file()
    assert files["third_party/flatbuffers/include/flatbuffers/flatbuffers.h"].is_relative_to(downloads)


def test_a_version_without_a_kernel(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks an operator of the model: Tanh(.|\n)*OPTIMIZED_KERNEL_DIR"):
        collect(find_checkout(STAND_IN), registrations(graph_with("TANH"), "model"))


def test_a_board_whose_builder_knows_no_cpp(tmp_path: Path) -> None:
    model = reshape_model(tmp_path)
    with pytest.raises(InputError, match=r"cannot be built for pico yet"):
        render_tflm_project(
            read_model(model), load_board("pico"), tmp_path / "fw", model_file=model, tflm_path=STAND_IN
        )


def test_a_missing_cpp_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "arm-none-eabi-g++"
    fake.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo fake && exit 0\necho "fatal error: no algorithm" >&2; exit 1\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(ToolMissing, match=r"no algorithm(.|\n)*libstdc\+\+-arm-none-eabi-newlib"):
        find_cxx(load_board(M4))


def test_engines_by_name() -> None:
    assert parse_engines("aot") == ("aot",)
    assert parse_engines("tflm, aot,tflm") == ("tflm", "aot")
    for text in ("", "aot,", "tvm"):
        with pytest.raises(InputError, match="one of aot, tflm"):
            parse_engines(text)


@pytest.mark.slow
def test_an_exported_project_needs_no_compiler_here_and_builds_with_cmake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(load_board(M4), "arm-none-eabi-gcc", "cmake")
    model = reshape_model(tmp_path)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path / "empty"))
        project = export_model(model, load_board(M4), tmp_path / "fw", BuildOptions(engine="tflm", tflm_path=STAND_IN))
    assert project.manifest["compiler"]["version"] == "not known: exported"
    for command in ("cmake -B build", "cmake --build build"):
        run = subprocess.run(command.split(), cwd=project.root, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert "warning" not in run.stdout + run.stderr
    assert (project.root / "build" / "firmware.elf").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(("board_name", "programs"), [("native", ()), (M4, ("arm-none-eabi-gcc", "qemu-system-arm"))])
def test_the_real_tflite_micro(board_name: str, programs: tuple[str, ...], tmp_path: Path, shared: Path) -> None:
    """KWS in TFLite-Micro itself, on this computer and on a Cortex-M4: every output is the package's."""
    if not os.environ.get(VARIABLE):
        pytest.skip(f"{VARIABLE} does not say where TFLite-Micro's sources are")
    need(load_board(board_name), *programs)
    model = shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite"
    try:
        report = run_model(model, board_name, RunOptions(engine="tflm", limit=10), out_dir=tmp_path)
    except BuildFailed as error:
        pytest.fail(str(error))
    assert report.accuracy.identical == 10
    assert all(layer.value > 0 for layer in report.latency.layers)
