"""Releases for Linux boards: what is in them, what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.runners import compiled_model
from tinykit.board import load_board
from tinykit.errors import InputError, ModelError, ToolMissing
from tinykit.firmware import load_image
from tinykit.firmware.from_model import BuildOptions, build_model, export_model
from tinykit.firmware.runner import ReleaseOptions, render_release
from tinykit.resources import data_dir
from tinykit.runner.release import ModelPackage, build_id_of, load_release

DIGITS = data_dir("models") / "digits" / "digits.tflite"


def test_a_release_is_a_project_that_can_be_loaded_again(tmp_path: Path) -> None:
    project = render_release([DIGITS], load_board("rpi5"), tmp_path, ReleaseOptions(listen="0.0.0.0"))
    image = load_image(tmp_path)
    release = load_release(tmp_path)
    assert image.build_id == project.build_id == release.build_id == build_id_of(release)
    assert image.served_at == ("0.0.0.0", release.port)
    assert 24600 <= release.port < 25000
    assert (image.project.engine, image.sizes.flash) == ("litert", DIGITS.stat().st_size)
    assert not image.project.changed_files()
    for name, digest in release.files.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest


def test_what_differs_has_another_build_id_and_what_does_not_has_not(tmp_path: Path) -> None:
    board = load_board("rpi5")
    options = [ReleaseOptions(), ReleaseOptions(), ReleaseOptions(threads=2), ReleaseOptions(port=24601)]
    ids = [render_release([DIGITS], board, tmp_path / str(i), one).build_id for i, one in enumerate(options)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_the_runner_starts_without_tinykit_and_without_packages(tmp_path: Path) -> None:
    """Its file alone, with Python's own modules alone (-S): what a board has before anything is installed."""
    render_release([DIGITS], load_board("rpi5"), tmp_path, ReleaseOptions())
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-S", "-E", str(tmp_path / "runner.pyz")]
    run = subprocess.run(
        [*command, "infer", str(tmp_path)], input="[]", capture_output=True, text=True, env=environment
    )
    assert run.returncode == ToolMissing.exit_code, run.stderr
    assert json.loads(run.stdout)["what"] == "LiteRT cannot be imported"
    run = subprocess.run(
        [*command, "diagnose", "--root", str(tmp_path)], capture_output=True, text=True, env=environment
    )
    assert json.loads(run.stdout)["made"] is True, run.stderr


@pytest.mark.parametrize(
    ("board", "options", "words"),
    [
        ("qemu-microbit", ReleaseOptions(), "needs Linux"),
        ("rpi5", ReleaseOptions(name="../other"), "cannot be called"),
        ("rpi5", ReleaseOptions(name="Digits"), "cannot be called"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, board: str, options: ReleaseOptions, words: str) -> None:
    with pytest.raises(InputError, match=words):
        render_release([DIGITS], load_board(board), tmp_path / "release", options)
    assert not (tmp_path / "release").exists()


def test_a_compiled_model_needs_the_engine_for_it(tmp_path: Path) -> None:
    model = compiled_model(tmp_path)
    for engine in ("litert", "library"):
        with pytest.raises(InputError, match="compiled for the Edge TPU"):
            render_release([model], load_board("rpi5"), tmp_path / "release", ReleaseOptions(engine=engine))


def test_segments_have_devices_and_packages_in_their_order(tmp_path: Path) -> None:
    model, other = compiled_model(tmp_path), compiled_model(tmp_path, token=8)
    options = ReleaseOptions(engine="edgetpu", devices=("usb:0", "usb:1"))
    render_release([model, other, DIGITS], load_board("rpi5"), tmp_path / "release", options)
    models = load_release(tmp_path / "release").models
    assert [entry.device for entry in models] == ["usb:0", "usb:1", "usb:1"]
    assert [entry.package for entry in models] == [
        ModelPackage(14, (7,), 192, 48), ModelPackage(14, (8,), 192, 48), None,
    ]  # fmt: skip


def test_a_damaged_compiled_model_is_not_deployed(tmp_path: Path) -> None:
    model = compiled_model(tmp_path)
    data = model.read_bytes()
    model.write_bytes(data.replace(b"DWN1", b"DWN0"))
    with pytest.raises(ModelError, match="damaged"):
        render_release([model], load_board("rpi5"), tmp_path / "release", ReleaseOptions(engine="edgetpu"))


def test_an_engine_of_the_runner_is_built_like_any_other(tmp_path: Path) -> None:
    image = build_model(DIGITS, load_board("rpi4"), tmp_path / "built", BuildOptions(engine="litert"))
    assert image.release is not None
    assert image.release.engine == "litert"
    with pytest.raises(InputError, match="deployed, not exported"):
        export_model(DIGITS, load_board("rpi4"), tmp_path / "exported", BuildOptions(engine="litert"))
