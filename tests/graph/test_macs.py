"""Multiply-accumulates of operators whose counts do not follow from their outputs alone."""

from __future__ import annotations

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.graph.macs import total_macs
from tinykit.graph.reader import parse_model


def macs(model: ModelBuilder) -> int:
    return total_macs(parse_model(model.build(), name="m", where="m.tflite"))


def test_every_input_of_a_transposed_convolution_goes_through_every_filter() -> None:
    m = ModelBuilder()
    x = m.input((2, 4, 5, 3), "float32")
    w = m.const(np.zeros((7, 3, 2, 3), np.float32))
    y = m.output((2, 8, 10, 7), "float32")
    m.op("TRANSPOSE_CONV", [m.const(np.array([2, 8, 10, 7], np.int32)), w, x], [y], stride_h=2, stride_w=2)
    assert macs(m) == 2 * 4 * 5 * 3 * 7 * 3 * 2


@pytest.mark.parametrize("adjoint", [False, True])
def test_products_of_matrices(adjoint: bool) -> None:
    m = ModelBuilder()
    x = m.input((2, 3, 4), "float32")
    y = m.input((2, 5, 4) if adjoint else (2, 4, 5), "float32")
    m.op("BATCH_MATMUL", [x, y], [m.output((2, 3, 5), "float32")], adj_y=adjoint)
    assert macs(m) == 2 * 3 * 4 * 5


def test_groups_of_a_convolution_see_some_channels_each() -> None:
    m = ModelBuilder()
    x = m.input((1, 4, 4, 8), "float32")
    w = m.const(np.zeros((6, 3, 3, 4), np.float32))
    m.op("CONV_2D", [x, w], [m.output((1, 4, 4, 6), "float32")], stride_h=1, stride_w=1)
    assert macs(m) == 4 * 4 * 6 * 3 * 3 * 4
