"""What goes wrong with the Edge TPU's runtime: real failures where there are such, else those of a test double.

``fake_delegate.c`` is that double, a library that fails in the ways of libedgetpu, and computes nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.runners import compiled_model
from tinykit.errors import (
    AcceleratorMissing,
    DelegateCrashed,
    DelegateMissing,
    DelegateNeeded,
    InputError,
    NotADelegate,
    RuntimeTooOld,
    TinykitError,
    ToolMissing,
)
from tinykit.firmware.runner.bundle import runner_bundle
from tinykit.resources import data_dir
from tinykit.runner.engines import delegate, open_engine
from tinykit.runner.engines.delegate import load, package_error, try_in_child
from tinykit.runner.engines.litert import LiteRtEngine
from tinykit.runner.error_json import decoded, encoded
from tinykit.runner.release import ModelEntry, Release

pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
DIGITS = data_dir("models") / "digits" / "digits.tflite"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner as it is on a board."""
    path = tmp_path_factory.mktemp("runner") / "runner.pyz"
    path.write_bytes(runner_bundle())
    return path


def library(folder: Path, failure: int) -> str:
    """The test double, compiled to fail in one way."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    path = folder / f"libfails{failure}.so"
    source = Path(__file__).with_name("fake_delegate.c")
    subprocess.run([compiler, "-shared", "-fPIC", f"-DFAILURE={failure}", "-o", path, source], check=True)
    return str(path)


def release(model: Path, delegate_library: str, *, fallback: bool = False) -> Release:
    entry = ModelEntry(model.name, "", 0, "usb")
    return Release(
        "digits", "", "rpi5", "edgetpu", "digits", "", (entry,), 1, delegate=delegate_library, cpu_fallback=fallback
    )


@pytest.mark.parametrize(
    ("failure", "error", "words"),
    [
        (0, DelegateMissing, "feranick/libedgetpu"),
        (1, AcceleratorMissing, "--diagnose"),
        (2, DelegateCrashed, "SIGABRT"),
        (4, NotADelegate, "tflite_plugin_create_delegate"),
    ],
    ids=["no-library", "no-device", "crash", "no-delegate"],
)
def test_each_failure_says_what_it_is(
    failure: int, error: type[TinykitError], words: str, tmp_path: Path, runner: Path
) -> None:
    name = library(tmp_path, failure) if failure else str(tmp_path / "libedgetpu.so.1")
    with pytest.raises(error) as caught:
        open_engine(DIGITS.parent, release(DIGITS, name), runner)
    assert type(caught.value) is error
    assert words in str(caught.value)


def test_a_runtime_that_hangs_is_ended(tmp_path: Path, runner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delegate, "_TRIAL_SECONDS", 4.0)
    with pytest.raises(DelegateCrashed, match="did not come back"):
        open_engine(DIGITS.parent, release(DIGITS, library(tmp_path, 3)), runner)


def test_a_plain_model_falls_back_to_the_cpu_only_when_told(tmp_path: Path, runner: Path) -> None:
    missing = str(tmp_path / "libedgetpu.so.1")
    engine = open_engine(DIGITS.parent, release(DIGITS, missing, fallback=True), runner)
    assert engine.name == "litert"
    assert "not on the Edge TPU" in engine.notes[0]
    engine.run([bytes(engine.inputs[0].nbytes)])


def test_a_compiled_model_does_not_run_on_the_cpu(tmp_path: Path, runner: Path) -> None:
    model = compiled_model(tmp_path)
    with pytest.raises(DelegateNeeded, match="edgetpu-custom-op"):
        LiteRtEngine(model)
    with pytest.raises(DelegateNeeded, match="cannot fall back") as caught:
        open_engine(tmp_path, release(model, str(tmp_path / "no.so"), fallback=True), runner)
    assert "feranick" in str(caught.value)


def test_a_published_compiled_model_does_not_run_on_the_cpu(shared: Path) -> None:
    models = sorted((shared / "edgetpu" / "pairs").rglob("*_edgetpu.tflite"), key=lambda path: path.stat().st_size)
    if not models:
        pytest.skip("no compiled models")
    with pytest.raises(DelegateNeeded, match="compiled for the Edge TPU"):
        LiteRtEngine(models[0])


def test_a_newer_package_names_both_versions(tmp_path: Path) -> None:
    said = InputError(
        "LiteRT refuses the model",
        why="Failed to prepare for TPU. Failed precondition: Package requires runtime version (14), which is newer "
        "than this runtime version (13). Node number 2 (EdgeTpuDelegateForCustomOp) failed to prepare.",
    )
    error = package_error(said, tmp_path / "model_edgetpu.tflite")
    assert isinstance(error, RuntimeTooOld)
    assert "needs version 14" in str(error)
    assert "--min_runtime_version 13" in str(error)
    assert package_error(InputError("another thing"), tmp_path) is not error


def test_a_library_of_other_words_is_no_library(tmp_path: Path) -> None:
    text = tmp_path / "libedgetpu.so.1"
    text.write_text("not a library")
    with pytest.raises(DelegateMissing, match="libedgetpu"):
        load(str(text), {})


def test_a_trial_that_says_nothing(tmp_path: Path) -> None:
    with pytest.raises(DelegateCrashed, match="trial"):
        try_in_child([sys.executable, "-c", "import sys; sys.exit('what is this')"], "lib.so")


def test_errors_go_through_json() -> None:
    error = ToolMissing("what", where="where", hint="hint")
    again = decoded(encoded(error))
    assert (type(again), str(again)) == (ToolMissing, str(error))
    for value in ({"error": "SystemExit", "what": "x"}, {"error": "annotations", "what": "x"}, {"what": "x"}):
        with pytest.raises((ValueError, KeyError)):
            decoded(value)
