"""The demo's model shows what a real one is made of."""

from __future__ import annotations

import numpy as np

from tinykit.graph.reader import read_model

from .conftest import Recipe


def test_model_shows_real_layers() -> None:
    graph = read_model(Recipe("digits").files()[0])
    kinds = {op.kind for op in graph.ops}
    assert {"CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "FULLY_CONNECTED", "SOFTMAX"} <= kinds
    filters = graph.input(graph.ops[0], 1)
    assert filters is not None
    assert filters.quant is not None
    assert filters.quant.per_channel


def test_test_set_is_balanced_enough_to_judge_every_class() -> None:
    data = np.load(Recipe("digits").files()[1])
    assert data["x"].dtype == np.int8
    assert data["x"].shape == (500, 8, 8, 1)
    assert np.bincount(data["y"], minlength=10).min() >= 35
