"""Checkpoints: what is found again, and what is not taken for it."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pytest

from tinykit.compress.checkpoint import RunFolder, alone
from tinykit.compress.recipe import Train
from tinykit.errors import InputError

STEP = Train(kind="train", epochs=3)


def folder(path: Path, base: str = "a", first: Train = STEP) -> RunFolder:
    run = RunFolder(path, [base])
    run.step(0, None)
    run.step(1, first)
    return run


def test_a_finished_step_is_found_under_the_same_key_only(tmp_path: Path) -> None:
    folder(tmp_path).step(2, STEP).finish(b"model", {"loss": 0.5})
    assert folder(tmp_path).step(2, STEP).finished() == (b"model", {"loss": 0.5})
    assert folder(tmp_path, base="b").step(2, STEP).finished() is None
    assert folder(tmp_path).step(2, STEP.model_copy(update={"epochs": 4})).finished() is None
    changed_before = folder(tmp_path, first=Train(kind="train", epochs=9))
    assert changed_before.step(2, STEP).finished() is None


@pytest.mark.parametrize("name", ["model.bin", "step.json"])
@pytest.mark.parametrize("content", [b"", b"spoiled", None])
def test_a_damaged_step_counts_as_not_done(name: str, content: bytes | None, tmp_path: Path) -> None:
    step = folder(tmp_path).step(2, STEP)
    step.finish(b"model", {})
    if content is None:
        (step.path / name).unlink()
    else:
        (step.path / name).write_bytes(content)
    assert step.finished() is None


def test_epochs(tmp_path: Path) -> None:
    step = folder(tmp_path).step(2, STEP)
    assert step.epoch() is None
    state = [np.arange(6, dtype=np.float32).reshape(2, 3), np.asarray(7)]
    step.keep_epoch(2, 0.25, state)
    found = step.epoch()
    assert found is not None
    assert found[:2] == (2, 0.25)
    assert all(np.array_equal(a, b) for a, b in zip(found[2], state, strict=True))
    assert folder(tmp_path, base="b").step(2, STEP).epoch() is None
    raw = (step.path / "epoch.npz").read_bytes()
    (step.path / "epoch.npz").write_bytes(raw[: len(raw) // 2])
    assert step.epoch() is None
    step.finish(b"", {})
    assert not (step.path / "epoch.npz").exists()


def test_what_a_killed_write_left_is_removed(tmp_path: Path) -> None:
    step = folder(tmp_path).step(2, STEP)
    step.finish(b"model", {})
    (step.path / ".model.bin.x7").write_bytes(b"half")
    again = folder(tmp_path).step(2, STEP)
    assert sorted(p.name for p in again.path.iterdir()) == ["model.bin", "step.json"]


def _hold(path: Path, held: Event, release: Event) -> None:
    with alone(path):
        held.set()
        release.wait(60)


@pytest.mark.slow
def test_a_second_run_in_the_folder_is_refused_until_the_first_dies(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    first = context.Process(target=_hold, args=(tmp_path / "w", held, release))
    first.start()
    try:
        assert held.wait(60)
        with pytest.raises(InputError, match="another run"), alone(tmp_path / "w"):
            pass
    finally:
        first.kill()
        first.join(60)
    with alone(tmp_path / "w"):
        assert list((tmp_path / "w").iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="checkpoints"), alone(tmp_path / "file" / "w"):
        pass
