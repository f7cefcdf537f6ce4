"""The recipes' models on an emulated Cortex-M4, with their whole test sets."""

from __future__ import annotations

import pytest

from tinykit.errors import ToolMissing
from tinykit.hil.run import RunOptions, run_model

from .conftest import Recipe


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "metric", "least"), [("gestures", "top1", 0.97), ("keywords", "top1", 0.95), ("vibration", "auc", 0.92)]
)
def test_quality_on_cortex_m4(name: str, metric: str, least: float) -> None:
    model, data = Recipe(name).files()
    try:
        report = run_model(model, "qemu-mps2-an386", RunOptions(data=data))
    except ToolMissing as error:
        pytest.skip(str(error))
    accuracy = report.accuracy
    assert accuracy.identical == accuracy.n
    assert accuracy.metric == metric
    assert accuracy.device is not None
    assert accuracy.device >= least
