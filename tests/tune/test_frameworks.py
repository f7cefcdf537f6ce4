"""Functions that return models of Keras and PyTorch, and files; what a search costs in carbon dioxide."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from .conftest import Tune

KERAS = """
import keras
import numpy as np

DATA = np.load("train.npz")


def model(trial):
    network = keras.Sequential([
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(trial.suggest_int("width", 2, 8), 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(0.01), loss)
    network.fit(DATA["x"].reshape(-1, 8, 8, 1), DATA["y"], epochs=3, verbose=0)
    return network
"""

TORCH = '''
import numpy as np
import torch
from tinykit.tune import Candidate

DATA = np.load("train.npz")


def model(trial):
    """Channels first, as PyTorch has them."""
    width = trial.suggest_int("width", 2, 8)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, width, 3), torch.nn.ReLU(), torch.nn.Conv2d(width, 4, 3, stride=2), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(16, 10)
    )
    x, y = torch.tensor(DATA["x"]).reshape(-1, 1, 8, 8), torch.tensor(DATA["y"])
    optimizer = torch.optim.Adam(network.parameters(), 0.02)
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()
    prepare = lambda samples: samples.reshape(-1, 1, 8, 8)
    return Candidate((network.eval(), torch.zeros(1, 1, 8, 8)), prepare=prepare)
'''

FILES = '''
from pathlib import Path


def model(trial):
    """A quantized .tflite, once as bytes and once as a file."""
    path = Path("digits.tflite")
    return path.read_bytes() if trial.suggest_categorical("as_bytes", [True, False]) else path
'''


def installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) is not None for module in modules)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "modules"), [(KERAS, ("tensorflow", "keras")), (TORCH, ("torch", "litert_torch"))])
def test_models_of_frameworks_are_seeded(tune: Tune, source: str, modules: tuple[str, ...]) -> None:
    if not installed(*modules):
        pytest.skip(f"{' and '.join(modules)} are not installed")
    (tune.folder / "train.py").write_text(source)
    reports = []
    for out in ("one", "two"):
        # the emulated board is this computer: it checks that the model is given its samples as it takes them
        outcome = tune.search("model", "-n", 1, "--out", out, "--latency", "emulator", "--objective", "accuracy",
                              "--objective", "flash", "--json")  # fmt: skip
        assert outcome.code == 0, outcome.err
        reports.append(json.loads(outcome.out))
    points = [[(t["params"], t["point"]["accuracy"], t["point"]["flash"]) for t in r["trials"]] for r in reports]
    assert points[0] == points[1]
    assert all(accuracy > 0.5 for _, accuracy, _ in points[0])
    assert reports[0]["trials"][0]["point"]["unit"] == "us"


@pytest.mark.slow
def test_a_quantized_tflite_is_taken_as_it_is(tune: Tune) -> None:
    from tinykit.resources import data_dir

    (tune.folder / "digits.tflite").write_bytes((data_dir("models") / "digits" / "digits.tflite").read_bytes())
    (tune.folder / "train.py").write_text(FILES)
    outcome = tune.search("model", "-n", 2, "--limit", 200, "--json")
    assert outcome.code == 0, outcome.err
    trials = json.loads(outcome.out)["trials"]
    assert {trial["point"]["tflite_bytes"] for trial in trials} == {(tune.folder / "digits.tflite").stat().st_size}
    assert all(trial["point"]["accuracy"] > 0.95 for trial in trials)
    kept = [trial for trial in trials if trial["front"]]
    assert kept
    for trial in kept:
        model = tune.folder / "tune" / trial["model"]
        assert model.read_bytes() == (tune.folder / "digits.tflite").read_bytes()


@pytest.mark.slow
def test_carbon_is_estimated_without_the_network(tune: Tune) -> None:
    if not installed("codecarbon"):
        pytest.skip("codecarbon is not installed")
    # whoever would open a connection fails
    (tune.folder / "offline.py").write_text(
        "import runpy, socket, sys\n"
        "def refused(*arguments): raise AssertionError(f'connects to {arguments}')\n"
        "socket.socket.connect = refused\n"
        "sys.argv = ['tinykit', *sys.argv[1:]]\n"
        "runpy.run_module('tinykit.cli.main', run_name='__main__')\n"
    )
    arguments = ["tune", "train.py:model", "-b", "native", "-d", "val.npz", "-c", "train.npz", "-n", "2", "--json"]
    done = subprocess.run(
        [sys.executable, "offline.py", *arguments, "--carbon", "CHE"],
        cwd=tune.folder, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    carbon = json.loads(done.stdout)["carbon"]
    assert carbon["countries"] == ["CHE"]
    assert carbon["trials"] == 2
    assert carbon["kwh"] > 0
    assert 0.001 < carbon["kg_co2eq"] / carbon["kwh"] < 0.5
    assert not list(tune.folder.glob("emissions*"))
    outcome = tune.search("model", "--carbon", "XXX")
    assert outcome.code == 2
    assert "is no country" in outcome.err
