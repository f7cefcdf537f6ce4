"""The driver, with a test double in the compiler's place: it replays logs and exit codes, and misbehaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from support.edgetpu_builder import small
from support.edgetpu_compiler_double import Plan, install
from support.tflite_builder import ModelBuilder
from tinykit.edgetpu.compiler.driver import compile_models
from tinykit.edgetpu.compiler.locate import NAME, VARIABLE, find_compiler
from tinykit.edgetpu.compiler.options import CompilerOptions
from tinykit.errors import CompilerFailed, InputError, ToolMissing, UnsupportedModel

from .conftest import Arrange
from .logs import ONE, REFUSED, SEARCHED

ROWS = "Edge TPU Compiler version 16.0.384591198\n\nOperator Count Status\n\nLOGISTIC 1 Mapped to Edge TPU\n"
FILES = {"net_edgetpu.tflite": small(), "net_edgetpu.log": ROWS.encode()}


@pytest.fixture(autouse=True)
def _model(tmp_path: Path) -> None:
    write_model(tmp_path / "net.tflite")


def write_model(path: Path) -> Path:
    m = ModelBuilder()
    x = m.input((1, 4, 4, 3), "int8", scale=0.5, zero_point=0, name="in")
    m.op("LOGISTIC", [x], [m.output((1, 4, 4, 3), "int8", scale=1 / 256, zero_point=-128, name="out")])
    path.write_bytes(m.build())
    return path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def run(tmp_path: Path, **options: object) -> object:
    return compile_models([tmp_path / "net.tflite"], tmp_path / "out", CompilerOptions(), **options)  # type: ignore[arg-type]


def test_a_run_that_succeeds(tmp_path: Path, arrange: Arrange) -> None:
    double = arrange(Plan(prints=ONE, files=FILES))
    made = compile_models([tmp_path / "net.tflite"], tmp_path / "out", CompilerOptions())
    (output,) = made.outputs
    assert output.path == tmp_path / "out" / "net_edgetpu.tflite"
    assert output.path.read_bytes() == FILES["net_edgetpu.tflite"]
    assert (output.compiled.cached_bytes, output.compiled.streamed_bytes) == (192, 48)
    assert output.log is not None
    assert output.log.counts() == {("LOGISTIC", True): 1}  # of the operation log's file
    assert left(tmp_path / "out") == ["net_edgetpu.log", "net_edgetpu.tflite", "net_edgetpu_compiler.log"]
    assert made.log_path.read_text() == ONE
    assert double.arguments() == ["-o", ".", str(tmp_path / "net.tflite")]


def test_an_operation_log_that_is_not_named(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints="Output model: net_edgetpu.tflite\n", files=FILES))
    (output,) = compile_models([tmp_path / "net.tflite"], tmp_path / "out", CompilerOptions()).outputs
    assert output.log is not None
    assert output.log.counts() == {("LOGISTIC", True): 1}


def test_all_flags(tmp_path: Path, arrange: Arrange) -> None:
    names = [f"net_segment_{i}_of_2_edgetpu.tflite" for i in range(2)]
    double = arrange(Plan(prints=ONE, files=dict.fromkeys(names, small())))
    options = CompilerOptions(
        show_operations=True, min_runtime=13, segments=2, intermediate_tensors=("a", "b;c"), search_delegate=True,
        search_step=7, timeout=60, multiple_subgraphs=True,
    )  # fmt: skip
    made = compile_models([tmp_path / "net.tflite"], tmp_path / "out", options)
    assert [(o.path.name, o.segment) for o in made.outputs] == [(names[0], 0), (names[1], 1)]
    assert double.arguments() == [
        "-s", "-d", "-a", "-m", "13", "-n", "2", "-i", "a,b;c", "-k", "7", "-t", "60", "-o", ".",
        str(tmp_path / "net.tflite"),
    ]  # fmt: skip


def test_several_models_at_once(tmp_path: Path, arrange: Arrange) -> None:
    models = [tmp_path / "net.tflite", write_model(tmp_path / "other.tflite")]
    log = ONE + "Input model: other.tflite\nOutput model: other_edgetpu.tflite\n"
    double = arrange(Plan(prints=log, files={**FILES, "other_edgetpu.tflite": small()}))
    made = compile_models(models, tmp_path / "out", CompilerOptions())
    assert [o.source for o in made.outputs] == models
    assert [o.log is not None and o.log.input for o in made.outputs] == ["net.tflite", "other.tflite"]
    assert double.arguments()[-2:] == [str(model) for model in models]


def test_a_search_that_fails_first(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints=SEARCHED, files=FILES))
    made = compile_models([tmp_path / "net.tflite"], tmp_path / "out", CompilerOptions(search_delegate=True))
    assert made.log.tried == (340, 330)


def test_a_result_without_any_operator_for_the_edge_tpu(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints=ONE, files={"net_edgetpu.tflite": (tmp_path / "net.tflite").read_bytes()}))
    (output,) = compile_models([tmp_path / "net.tflite"], tmp_path / "out", CompilerOptions()).outputs
    assert output.compiled.edgetpu_ops == ()


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_that_is_refused(name: str, tmp_path: Path, arrange: Arrange) -> None:
    text, said = REFUSED[name]
    arrange(Plan(prints=text, status=1))
    with pytest.raises(UnsupportedModel) as caught:
        run(tmp_path)
    assert said in (caught.value.why or "")
    assert str(tmp_path / "out" / "net_edgetpu_compiler.log") in (caught.value.hint or "")
    assert left(tmp_path / "out") == ["net_edgetpu_compiler.log"]


def test_an_internal_error_is_the_compilers_fault(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints="Edge TPU Compiler version 14.1.317412892\n\nInternal compiler error. Aborting! \n", status=1))
    with pytest.raises(CompilerFailed, match="Internal compiler error") as caught:
        run(tmp_path)
    assert caught.value.exit_code == 4
    assert "--search-delegate" in (caught.value.hint or "")


def test_one_that_fails_without_a_word(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(status=3))
    with pytest.raises(CompilerFailed, match="its exit status is 3"):
        run(tmp_path)
    assert left(tmp_path / "out") == []


def test_one_that_says_it_failed_and_leaves_with_0(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints="Compilation failed!\n", files=FILES))
    with pytest.raises(CompilerFailed, match="edgetpu_compiler failed"):
        run(tmp_path)
    assert "net_edgetpu.tflite" not in left(tmp_path / "out")


def test_a_crash(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints=ONE, files=FILES, signal=signal.SIGSEGV))
    with pytest.raises(CompilerFailed, match="ended by SIGSEGV"):
        run(tmp_path)
    assert left(tmp_path / "out") == ["net_edgetpu_compiler.log"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "did not make net_edgetpu.tflite"),
        ({"net_edgetpu.tflite": small()[:1200]}, "left a damaged net_edgetpu.tflite"),
        ({"net_edgetpu.tflite": b""}, "left a damaged net_edgetpu.tflite"),
    ],
)
def test_output_that_is_not_whole(files: dict[str, bytes], said: str, tmp_path: Path, arrange: Arrange) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "net_edgetpu.tflite").write_bytes(b"an earlier result")
    arrange(Plan(prints=ONE, files=files))
    with pytest.raises(CompilerFailed, match=said):
        run(tmp_path)
    assert (tmp_path / "out" / "net_edgetpu.tflite").read_bytes() == b"an earlier result"
    assert left(tmp_path / "out") == ["net_edgetpu.tflite", "net_edgetpu_compiler.log"]


def test_a_failure_in_words_that_nobody_knows(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints="license expired\n", status=1))
    with pytest.raises(CompilerFailed, match="it says 'license expired'; its exit status is 1"):
        run(tmp_path)


def test_a_file_of_another_model(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints=ONE, files={"net_edgetpu.tflite": small(names=("other", "out"))}))
    with pytest.raises(CompilerFailed, match=r"left another model in net_edgetpu\.tflite\n  why: .* other -> out"):
        run(tmp_path)
    assert left(tmp_path / "out") == ["net_edgetpu_compiler.log"]


def test_results_that_cannot_all_be_written_leave_the_earlier_ones(tmp_path: Path, arrange: Arrange) -> None:
    write_model(tmp_path / "two.tflite")
    (tmp_path / "out" / "two_edgetpu.tflite").mkdir(parents=True)
    (tmp_path / "out" / "net_edgetpu.tflite").write_bytes(b"an earlier result")
    arrange(Plan(prints=ONE, files={"net_edgetpu.tflite": small(), "two_edgetpu.tflite": small()}))
    with pytest.raises(InputError, match="--out-dir") as caught:
        compile_models([tmp_path / "net.tflite", tmp_path / "two.tflite"], tmp_path / "out", CompilerOptions())
    assert "two_edgetpu.tflite" in str(caught.value.where)
    assert (tmp_path / "out" / "net_edgetpu.tflite").read_bytes() == b"an earlier result"
    assert left(tmp_path / "out") == ["net_edgetpu.tflite", "net_edgetpu_compiler.log", "two_edgetpu.tflite"]


def test_one_of_two_segments_is_missing(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints=ONE, files={"net_segment_0_of_2_edgetpu.tflite": small()}))
    with pytest.raises(CompilerFailed, match=r"did not make net_segment_1_of_2_edgetpu\.tflite"):
        compile_models([tmp_path / "net.tflite"], tmp_path / "out", CompilerOptions(segments=2))
    assert left(tmp_path / "out") == ["net_edgetpu_compiler.log"]


def test_one_that_hangs_and_will_not_be_stopped(tmp_path: Path, arrange: Arrange) -> None:
    double = arrange(Plan(prints=ONE, files=FILES, sleep=60, stubborn=True))
    began = time.monotonic()
    with pytest.raises(CompilerFailed, match=r"did not end within 1\.5 s"):
        run(tmp_path, kill_after=1.5)
    assert time.monotonic() - began < 10
    assert not alive(double.pid())
    assert left(tmp_path / "out") == ["net_edgetpu_compiler.log"]


@pytest.mark.parametrize("endless_line", [False, True])
def test_one_that_prints_without_end(endless_line: bool, tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(flood=40, endless_line=endless_line, sleep=60))
    with pytest.raises(CompilerFailed, match="printed more than 16 MiB"):
        run(tmp_path)
    assert left(tmp_path / "out") == ["net_edgetpu_compiler.log"]
    assert (tmp_path / "out" / "net_edgetpu_compiler.log").stat().st_size <= 16 << 20


def test_output_that_is_no_utf8(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints=ONE + "Intermediate tensors: \xff\xfe\n\x80\x81\n", raw=True, files=FILES))
    made = compile_models([tmp_path / "net.tflite"], tmp_path / "out", CompilerOptions())
    assert made.log.intermediate_tensors == ("\ufffd\ufffd",)
    assert [line.text for line in made.log.unknown] == ["\ufffd\ufffd"]
    made.log_path.read_text(encoding="utf-8")


def test_a_program_for_another_machine(tmp_path: Path, arrange: Arrange) -> None:
    double = arrange(Plan())
    head = bytearray(64)
    head[:7] = b"\x7fELF\x02\x01\x01"
    head[16:20] = (2).to_bytes(2, "little") + (0xF3 if os.uname().machine != "riscv64" else 62).to_bytes(2, "little")
    double.program.write_bytes(head)
    with pytest.raises(ToolMissing, match="does not run on this computer") as caught:
        run(tmp_path)
    assert "it is a program for RISC-V" in (caught.value.why or "")
    assert left(tmp_path / "out") == []


def test_a_script_in_front_of_a_program_for_another_machine(tmp_path: Path, arrange: Arrange) -> None:
    """As the command of Coral's package is."""
    arrange(Plan(prints="edgetpu_compiler: 3: /usr/lib/edgetpu_compiler: Exec format error\n", status=126))
    with pytest.raises(ToolMissing, match="does not run on this computer"):
        run(tmp_path)


def test_a_program_whose_interpreter_is_missing(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan()).program.write_text("#!/no/such/interpreter\n")
    with pytest.raises(ToolMissing, match="does not start"):
        run(tmp_path)


def test_none_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="not installed") as caught:
        run(tmp_path)
    assert caught.value.exit_code == 3
    assert "Coral's own apt repository" in (caught.value.hint or "")
    assert not (tmp_path / "out").exists()


def test_the_variable_goes_before_path(tmp_path: Path, arrange: Arrange, monkeypatch: pytest.MonkeyPatch) -> None:
    arrange(Plan())
    assert find_compiler() == tmp_path / "bin" / NAME
    other = install(tmp_path / "elsewhere", Plan())
    monkeypatch.setenv(VARIABLE, str(other.program))
    assert find_compiler() == other.program
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(ToolMissing, match="leads to no program") as caught:
        find_compiler()
    assert caught.value.why == "there is no such file"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "net.tflite"))
    with pytest.raises(ToolMissing, match="it is not executable"):
        find_compiler()


def test_inputs_are_read_before_anything_is_started(tmp_path: Path, arrange: Arrange) -> None:
    double = arrange(Plan(prints=ONE, files=FILES))
    out = tmp_path / "out"
    (tmp_path / "net_edgetpu.tflite").write_bytes(small())
    (tmp_path / "folder").mkdir()
    twin = write_model(tmp_path / "folder" / "net.tflite")
    bad = tmp_path / "bad.tflite"
    bad.write_bytes(b"nothing")
    for models, said in (
        ([tmp_path / "missing.tflite"], "no such model file"),
        ([bad], "not a .tflite file"),
        ([tmp_path / "net_edgetpu.tflite"], "compiled already"),
        ([tmp_path / "net.tflite", twin], "two models have the same name"),
    ):
        with pytest.raises(InputError, match=said):
            compile_models(models, out, CompilerOptions())
    with pytest.raises(InputError, match="needs --search-delegate"):
        compile_models([twin], out, CompilerOptions(search_step=3))
    with pytest.raises(InputError, match="empty or has a comma"):
        compile_models([twin], out, CompilerOptions(intermediate_tensors=("a", "")))
    assert not double.record.exists()
    assert not out.exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path, arrange: Arrange) -> None:
    arrange(Plan(prints=ONE, files=FILES))
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="cannot write the results"):
        run(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_nothing(number: int, tmp_path: Path, arrange: Arrange) -> None:
    marker = tmp_path / "sleeps"
    double = arrange(Plan(prints=ONE, files=FILES, sleep=60, stubborn=True, marker=str(marker)))
    command = [sys.executable, "-m", "tinykit.cli.main", "edgetpu", "compile", "net.tflite", "--out-dir", "out"]
    tinykit = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while not marker.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        tinykit.send_signal(number)
        _, said = tinykit.communicate(timeout=20)
    finally:
        tinykit.kill()
    assert tinykit.returncode == 128 + number
    assert "Traceback" not in said
    assert not alive(double.pid())
    assert left(tmp_path / "out") == ["net_edgetpu_compiler.log"]


def test_two_runs_into_one_folder(tmp_path: Path, arrange: Arrange) -> None:
    """Each has a folder of its own until it is done."""
    arrange(Plan(prints=ONE, files=FILES, sleep=0.3))
    failures: list[BaseException] = []

    def one() -> None:
        try:
            run(tmp_path)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (tmp_path / "out" / "net_edgetpu.tflite").read_bytes() == FILES["net_edgetpu.tflite"]
