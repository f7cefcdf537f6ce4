"""Structured pruning of a PyTorch module, with a residual sum, and its checkpoints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinykit.compress.network import Data
from tinykit.compress.recipe import Channels, Distil, Train
from tinykit.compress.run import CompressOptions, compress
from tinykit.errors import InputError

from .conftest import Files

MODULE = """
import numpy as np, torch
from torch import nn

class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16)

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)) + x)

def net():
    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), Residual(), nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(96, 10),
    )
    data = np.load("train.npz")
    x, y = torch.tensor(data["x"].transpose(0, 3, 1, 2).copy()), torch.tensor(data["y"])
    optimizer = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(5):
        for batch in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
    return model, torch.zeros(1, 1, 8, 8)
"""
STEPS = """
[[step]]
kind = "channels"
remove = 0.5
epochs = 4
learning_rate = 3e-3
[[step]]
kind = "int8"
"""


@pytest.fixture
def torch() -> Any:
    pytest.importorskip("torch_pruning", reason="torch-pruning is not installed")
    return pytest.importorskip("torch", reason="the extra [torch] is not installed")


@pytest.mark.slow
def test_half_of_the_channels(torch: Any, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("litert_torch", reason="the extra [torch] is not installed")
    (files.folder / "torchnet.py").write_text(MODULE)
    monkeypatch.chdir(files.folder)
    recipe = files.recipe(STEPS, source='"torchnet:net"')
    result = compress(recipe, files.folder / "o.tflite", CompressOptions(files.folder / "w"))
    first, last = result.stages[0], result.stages[-1]
    assert first.float_score.value > 0.9
    assert last.macs < 0.35 * first.macs
    assert last.int8_bytes < 0.6 * first.int8_bytes
    assert last.int8_score.value > first.float_score.value - 0.04
    assert "28 of 56 channels" in result.stages[1].what
    again = compress(recipe, files.folder / "o.tflite", CompressOptions(files.folder / "w"))
    assert again.resumed == 1
    assert again.tflite == result.tflite


@pytest.fixture
def data() -> Data:
    rng = np.random.default_rng(1)
    return Data((rng.random((96, 1, 8, 8), np.float32),), rng.integers(0, 10, 96), "classes")


def make(torch: Any) -> tuple[Any, Any]:
    from tinykit.compress.torch.framework import TorchFramework

    torch.manual_seed(1)
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.Flatten(), nn.Linear(128, 10)
    )
    framework = TorchFramework("m")
    return framework, framework.take(model, torch.zeros(1, 1, 8, 8), "m")


@pytest.mark.parametrize("criterion", ["l2", "taylor"])
def test_going_on_from_a_checkpoint(torch: Any, data: Data, criterion: str) -> None:
    framework, model = make(torch)
    step = Channels(kind="channels", remove=0.5, criterion=criterion, epochs=4, batch=32)  # type: ignore[arg-type]
    through, first = (framework.begin(step, model, None, data, 1) for _ in range(2))
    for epoch in range(4):
        through.epoch(epoch, lambda done, total: None)
    for epoch in range(2):
        first.epoch(epoch, lambda done, total: None)
    second = framework.begin(step, model, None, data, 1)
    second.restore(first.state())
    for epoch in range(2, 4):
        second.epoch(epoch, lambda done, total: None)
    x = torch.from_numpy(data.x[0])
    wanted = through.finish()(x)
    assert torch.allclose(wanted, second.finish()(x), atol=1e-5)
    assert through.finish()[0].out_channels == 4
    restored = framework.restore(framework.dump(through.finish()))
    assert torch.allclose(restored(x), wanted)
    assert model[0].out_channels == 8, "the source was changed"
    with pytest.raises(ValueError, match=r"\w"):
        framework.restore(framework.dump(model)[:-30])


def test_what_is_refused(torch: Any, data: Data, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    framework, model = make(torch)
    with pytest.raises(InputError, match=r"skip names a layer .*: 9"):
        framework.begin(Channels(kind="channels", remove=0.5, skip=["9"]), model, None, data, 1)
    nn = torch.nn
    other = nn.Sequential(nn.Flatten(), nn.Linear(64, 7))
    with pytest.raises(InputError, match="the teacher gives 7 values, the student 10"):
        framework.begin(Distil(kind="distil", teacher="t"), model, other, data, 1)
    bad = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    with torch.no_grad():
        bad[1].bias[0] = float("nan")
    with pytest.raises(InputError, match="not finite"):
        framework.take(bad, torch.zeros(1, 1, 8, 8), "m")
    with pytest.raises(InputError, match="cannot run its example"):
        framework.take(other, torch.zeros(1, 3, 9, 9), "m")
    (files.folder / "tiny.py").write_text(
        "import torch\nfrom torch import nn\n"
        "def net(): return nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), torch.zeros(1, 1, 8, 8)\n"
    )
    monkeypatch.chdir(files.folder)
    recipe = files.recipe('[[step]]\nkind = "qat"\n', source='"tiny:net"')
    with pytest.raises(InputError, match=r"step 1 \(qat\) is not for models of torch"):
        compress(recipe, None, CompressOptions(files.folder / "w"))


def test_training_lowers_the_loss(torch: Any, data: Data) -> None:
    framework, model = make(torch)
    work = framework.begin(Train(kind="train", epochs=20, learning_rate=5e-3, batch=32), model, None, data, 1)
    losses = [work.epoch(epoch, lambda done, total: None) for epoch in range(20)]
    assert losses[-1] < 0.7 * losses[0]
