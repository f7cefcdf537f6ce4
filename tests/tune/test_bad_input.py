"""What is wrong is said: what, where, why, and what to try; nothing is trained in vain, and no study is left behind."""

from __future__ import annotations

import sqlite3
import sys

import numpy as np
import pytest

from .conftest import Tune

CASES = [
    (("nobody",), 2, "has no function 'nobody'"),
    (("raises", "-n", 5), 2, "no "),
    (("nothing",), 2, "returned no model"),
    (("a_number",), 2, "which is no model"),
    (("unasked",), 2, "asks its trial for nothing"),
    (("unfit",), 2, "prepare() of the candidate failed"),
    (("model", "-n", 0), 2, "--trials 0 is no search"),
    (("model", "--seed", -1), 2, "--seed -1 is out of range"),
    (("model", "--seed", 1 << 31), 2, "give a number from 0 to 2147483647"),
    (("model", "--stale-after", 0), 2, "too short"),
    (("model", "--storage", "train.py"), 2, "is not a study that can be read"),
    (("model", "--storage", "nodatabase://x"), 2, "cannot be used"),
    (("model", "--storage", "postgresql://me:secret@127.0.0.1:1/x"), (2, 3), "postgresql://me@127.0.0.1:1/x"),
    (("model", "--space", "train.py"), 2, "search space is not valid TOML"),
    (("model", "--space", "nothere.toml"), 2, "no such search space"),
    (("model", "--board", "nothere"), 2, "unknown board"),
    (("model", "--board", "esp32", "--latency", "emulator"), 2, "esp32"),
    (("model", "--data", "nothere.npz"), 2, "cannot read the samples"),
    (("model", "--data", "unlabelled.npz"), 2, "there are no labels"),
    (("model", "--data", "odd.npz"), 2, "prepare() of the candidate failed"),
    (("few", "--data", "odd.npz"), 2, "wrong shape"),
    (("model", "--against", "nothere.tflite"), 2, "no such model file"),
    (("model", "-q", "int16x8"), 2, "'int16x8' is not for searches"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "code", "words"), CASES, ids=[" ".join(map(str, c[0])) for c in CASES])
def test_what_is_wrong_is_said(tune: Tune, arguments: tuple[object, ...], code: object, words: str) -> None:
    np.savez(tune.folder / "unlabelled.npz", x=np.zeros((4, 64), np.float32))
    np.savez(tune.folder / "odd.npz", x=np.zeros((4, 63), np.float32), y=np.zeros(4, int))
    outcome = tune.search(*arguments)
    assert outcome.code in (code if isinstance(code, tuple) else (code,)), outcome.err
    assert words in outcome.err
    assert "secret" not in outcome.err
    assert "error:" in outcome.err
    assert outcome.out == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[width]\nkind = "int"\nlow = 9\nhigh = 3\n[depth]\nkind = "int"\nlow = 1\nhigh = 2\n', "is above high"),
        ('[width]\nkind = "whole"\nlow = 1\nhigh = 3\n', "width"),
        ('[width]\nkind = "int"\nlow = 1\n', "high"),
        ('[width]\nkind = "int"\nlow = 1\nhigh = 3\n', "missing a required argument: 'depth'"),
        ('[precision]\nkind = "choice"\nchoices = ["int7"]\n', "precision has to be a choice"),
        ("", "declares no parameter"),
    ],
)
def test_a_wrong_space_is_said(tune: Tune, text: str, words: str) -> None:
    (tune.folder / "space.toml").write_text(text)
    outcome = tune.search("of_values", "--space", "space.toml")
    assert outcome.code == 2, outcome.err
    assert words in outcome.err
    assert tune.calls == []


@pytest.mark.slow
def test_int8_without_samples_is_refused(tune: Tune) -> None:
    outcome = tune("train.py:model", "-b", "native", "-d", "val.npz")
    assert outcome.code == 2
    assert "needs calibration samples" in outcome.err


@pytest.mark.slow
def test_workers_need_a_study(tune: Tune) -> None:
    outcome = tune("worker", "--storage", "nothere.db")
    assert outcome.code == 2
    assert "no such study file" in outcome.err
    assert not (tune.folder / "nothere.db").exists()
    with sqlite3.connect(tune.folder / "other.db") as other:
        other.execute("create table things (x)")
    outcome = tune("worker", "--storage", "other.db")
    assert outcome.code == 2
    assert "other.db" in outcome.err


@pytest.mark.slow
def test_a_study_of_somebody_else_is_left_alone(tune: Tune) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = f"sqlite:///{tune.folder / 'study.db'}"
    optuna.create_study(storage=url, study_name="mine").ask()
    for arguments in (("worker", "--storage", "study.db"),):
        outcome = tune(*arguments)
        assert outcome.code == 2
        assert "was not made by `tinykit tune`" in outcome.err
    outcome = tune.search("model", "--storage", "study.db", "--study", "mine")
    assert outcome.code == 2
    assert "was not made by `tinykit tune`" in outcome.err


@pytest.mark.slow
def test_a_study_of_another_space_board_or_seed_is_not_mixed(tune: Tune) -> None:
    assert tune.search("model", "-n", 1).code == 0
    same = ("--study", "train.py-model-native")
    for arguments, words in (
        (("--seed", 1), "the seed (0, not 1)"),
        (("--objective", "accuracy"), "the objectives (accuracy+flash+ram+latency, not accuracy)"),
        (("--board", "qemu-mps2-an386", "--latency", "macs", *same), "the board (native, not qemu-mps2-an386)"),
        (("--data", "train.npz"), "the data"),
    ):
        outcome = tune.search("model", *arguments)
        assert outcome.code == 2, outcome.err
        assert words in outcome.err
    path = tune.folder / "train.py"
    path.write_text(path.read_text().replace('"width", 4, 64', '"width", 8, 64'))
    for outcome in (tune.search("model"), tune("worker", "--storage", "tune/study.db")):
        assert outcome.code == 2
        assert "the file of the function" in outcome.err
    assert len(tune.calls) == 1


@pytest.mark.slow
def test_a_missing_extra_is_named(tune: Tune) -> None:
    try:
        import codecarbon  # noqa: F401
    except ImportError:
        outcome = tune.search("model", "--carbon", "CHE")
        assert outcome.code == 3
        assert "extra [carbon]" in outcome.err
    (tune.folder / "optuna.py").write_text("raise ModuleNotFoundError(\"No module named 'optuna'\", name='optuna')")
    outcome = tune.search("model", PYTHONPATH=":".join([str(tune.folder), *sys.path[1:]]))
    assert outcome.code == 3, outcome.err
    assert "extra [tune]" in outcome.err
    assert "pip install optuna==" in outcome.err
