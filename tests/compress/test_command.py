"""The command as a user runs it: reports, checkpoints that outlive kill -9, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.graph.reader import read_model

from .conftest import BOARD, Files, Run, command, environment

STEPS = """
[[step]]
kind = "channels"
remove = 0.5
epochs = 4
learning_rate = 3e-3

[[step]]
kind = "qat"
epochs = 2

[[step]]
kind = "int8"
"""


def refused(outcome: Any, code: int, *words: str) -> None:
    assert outcome.code == code, outcome
    assert outcome.err.count("error: ") == 1, outcome.err
    text = " ".join(outcome.err.split())
    for word in words:
        assert word in text, outcome.err


@pytest.mark.slow
def test_reports_and_files(run: Run, files: Files, net: Path, tmp_path: Path) -> None:
    for tool in ("arm-none-eabi-gcc", "qemu-system-arm", "make"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    recipe = files.recipe(STEPS, board=f'"{BOARD}"')
    outcome = run(recipe.name, "--json", "--html", "r/report.html")
    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    stages = report["stages"]
    assert [stage["kind"] for stage in stages] == ["source", "channels", "qat", "int8"]
    first, last = stages[0], stages[-1]
    assert last["size"]["int8"] == (tmp_path / "out.tflite").stat().st_size < first["size"]["int8"]
    assert last["macs"] < 0.6 * first["macs"]
    assert last["on_board"]["unit"] == "instructions"
    assert last["on_board"]["value"] < 0.7 * first["on_board"]["value"]
    assert last["accuracy"]["int8"] > 0.8
    assert read_model(tmp_path / "out.tflite").ops
    page = (tmp_path / "r" / "report.html").read_text()
    assert page.count("<svg") == 5 * len(stages)
    assert "http" not in page
    assert "<script" not in page

    changed = files.recipe(STEPS.replace("epochs = 2", "epochs = 1"), board=f'"{BOARD}"')
    again = run(changed.name)
    assert again.code == 0, again.err
    assert "1 finished steps were taken from" in " ".join(again.out.split())
    assert all(len(line.rstrip()) <= 80 for line in again.out.splitlines() if "finished steps" not in line)
    for words in ("0 source", "1 channels", "3 int8", "instructions", "% less than", "wrote out.tflite"):
        assert words in again.out


@pytest.mark.slow
def test_a_killed_run_goes_on_from_its_last_epoch(run: Run, files: Files, net: Path, tmp_path: Path) -> None:
    recipe = files.recipe(STEPS.replace("epochs = 4", "epochs = 40"))
    arguments = command(recipe.name, "-o", "out.tflite")
    folder = tmp_path / "out.steps" / "01-channels"
    with subprocess.Popen(
        arguments, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 200
        while not (folder / "epoch.npz").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "out.tflite").exists()
    with np.load(folder / "epoch.npz") as kept:
        done = int(kept["done"])
    assert 1 <= done < 40
    shutil.rmtree(tmp_path / "tmp")
    before = (folder / "epoch.npz").stat().st_mtime_ns
    outcome = run(recipe.name, "--json")
    assert outcome.code == 0, outcome.err
    counts = [line.split(": ")[1].split(" of ") for line in outcome.err.splitlines() if line.startswith("1 channels: ")]
    batches = int(counts[0][1]) // 40
    assert int(counts[0][0]) > done * batches, "it began anew"
    assert json.loads(outcome.out)["resumed"] == 0
    assert not (folder / "epoch.npz").exists()
    assert (folder / "model.bin").stat().st_mtime_ns > before
    assert not [path for path in (tmp_path / "out.steps").rglob(".*")]


@pytest.mark.slow
def test_interrupted_by_hand(files: Files, net: Path, tmp_path: Path) -> None:
    recipe = files.recipe(STEPS.replace("epochs = 4", "epochs = 400"))
    arguments = command(recipe.name, "-o", "out.tflite")
    with subprocess.Popen(
        arguments, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 200
        while not list(tmp_path.glob("out.steps/01-*/epoch.npz")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert not (tmp_path / "out.tflite").exists()
    assert not list((tmp_path / "tmp").iterdir())
    assert not list((tmp_path / "out.steps").rglob(".*"))


@pytest.mark.slow
def test_a_floor_that_is_not_held(run: Run, files: Files, net: Path, tmp_path: Path) -> None:
    steps = '[[step]]\nkind = "channels"\nremove = 0.8\nepochs = 0\n[[step]]\nkind = "int8"\n'
    outcome = run(files.recipe(steps, max_accuracy_drop="1.0").name)
    refused(outcome, 1, "accuracy falls by", "more than 1", "channels 0.", "nothing was written")
    assert not (tmp_path / "out.tflite").exists()


@pytest.mark.slow
def test_what_is_wrong_is_said_before_any_framework_is_loaded(run: Run, files: Files, tmp_path: Path) -> None:
    refused(run("none.toml"), 2, "none.toml: no such recipe")
    refused(run(files.recipe('[[step]]\nkind = "shrink"\n').name), 2, "step[1].kind", "'channels'")
    refused(run(files.recipe('[[step]]\nkind = "train"\n').name), 2, "does not end in int8")
    refused(run(files.recipe(STEPS, train='"gone.npz"').name), 2, "the file of train is not there", "gone.npz")
    refused(run(files.recipe(STEPS, board='"qemu-mps2-an38"').name), 2, "unknown board")
    refused(run(files.recipe(STEPS, board='"pico2"').name), 2, "has no emulator", "qemu-mps2-an386")
    refused(run(files.recipe(STEPS).name), 2, "net.keras: no such model file")
    (tmp_path / "net.tflite").write_bytes(b"x")
    refused(run(files.recipe(STEPS, source='"net.tflite"').name), 2, "this model cannot be trained on", ".keras")
    refused(run(files.recipe(STEPS).name, "--work", "r.toml"), 2, "cannot write checkpoints")
    refused(run(files.recipe(STEPS).name, "--html", "r.toml/x.html"), 2, "cannot write the file")
    assert not (tmp_path / "out.tflite").exists()


@pytest.mark.slow
def test_data_and_models_that_do_not_fit(run: Run, files: Files, net: Path, tmp_path: Path) -> None:
    x, y = files.x, files.y

    def save(name: str, **arrays: np.ndarray) -> str:
        np.savez(tmp_path / name, **arrays)  # type: ignore[arg-type]
        return f'"{name}"'

    flawed = save("nolabels.npz", x=x[:200])
    refused(run(files.recipe(STEPS, train=flawed).name), 2, "nolabels.npz: there are no labels", "y=labels")
    flawed = save("shape.npz", x=x[:200, :7], y=y[:200])
    refused(run(files.recipe(STEPS, train=flawed).name), 2, "shape.npz", "wrong shape", "[200, 7, 8, 1]")
    flawed = save("classes.npz", x=x[:200], y=y[:200] + 5)
    refused(run(files.recipe(STEPS, test=flawed).name), 2, "y goes from 5 to 14", "0 to 9")
    assert not (files.folder / "out.steps").exists()
    flawed = save("nan.npz", x=x[:200] * np.nan, y=y[:200])
    refused(run(files.recipe(STEPS, train=flawed).name), 2, "nan.npz", "not finite")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "train.npz").read_bytes()[:900])
    refused(run(files.recipe(STEPS, train='"cut.npz"').name), 2, "cut.npz", "the zip archive is cut off")
    (tmp_path / "cut.keras").write_bytes(net.read_bytes()[:5000])
    refused(run(files.recipe(STEPS, source='"cut.keras"').name), 2, "cut.keras", "the zip archive is cut off")
    assert not (tmp_path / "out.tflite").exists()


@pytest.mark.slow
def test_the_extra_is_named_where_it_is_missing(
    run: Run, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of that name that is not there hides one that is."""
    (tmp_path / "tensorflow.py").write_text("raise ModuleNotFoundError('gone', name='tensorflow')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    refused(run(files.recipe(STEPS).name), 3, "extra [keras]", "tensorflow-cpu==")
