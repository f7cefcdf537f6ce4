"""PyTorch modules whose weights went wrong, through both ways in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.convert.sources import load_source, returned_model
from tinykit.errors import ModelError

torch: Any = pytest.importorskip("torch", reason="the extra [torch] is not installed")
pytest.importorskip("litert_torch", reason="the extra [torch] is not installed")

EXAMPLE = (torch.zeros(1, 4),)


def net(bad: float | None = None) -> Any:
    layers = [torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2)]
    if bad is not None:
        with torch.no_grad():
            layers[2].weight[1, 0] = bad
    return torch.nn.Sequential(*layers).eval()


@pytest.mark.slow
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_weights_that_are_not_finite(bad: float, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"mine:net: weights that are not finite \(NaN or infinity\) in 2\.weight"):
        returned_model((net(bad), EXAMPLE), "mine:net")
    torch.export.save(torch.export.export(net(bad), EXAMPLE), tmp_path / "m.pt2")
    with pytest.raises(ModelError, match=r"not finite .* in 2\.weight"):
        load_source(str(tmp_path / "m.pt2"), trust=True)


@pytest.mark.slow
def test_a_mask_of_infinities_is_no_weight() -> None:
    class Masked(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = net()
            self.register_buffer("mask", torch.tensor([0.0, -torch.inf]))

        def forward(self, x: Any) -> Any:
            return torch.softmax(self.inner(x) + self.mask, dim=1)

    assert returned_model((Masked().eval(), EXAMPLE), "mine:masked").tflite
