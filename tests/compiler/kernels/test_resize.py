"""RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR: what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from support.native import compile_bytes
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel


def model(size: int, out: int, dtype: str = "int8") -> bytes:
    m = ModelBuilder()
    x = m.input((1, size, 1, 1), dtype, scale=1.0, zero_point=0)
    y = m.output((1, out, 1, 1), dtype, scale=1.0, zero_point=0)
    m.op("RESIZE_BILINEAR", [x, m.const(np.array([out, 1], np.int32))], [y])
    return m.build()


def test_refuses_what_1024ths_lead_out_of_the_input_for() -> None:
    with pytest.raises(UnsupportedModel, match="resizing 1 elements to 2000 in 1024ths leads out of the input"):
        compile_bytes(model(1, 2000))
    compile_bytes(model(1, 2000, "float32"))


def test_refuses_a_size_that_the_output_does_not_have() -> None:
    m = ModelBuilder()
    x, y = m.input((1, 2, 2, 1), "float32"), m.output((1, 4, 4, 1), "float32")
    m.op("RESIZE_NEAREST_NEIGHBOR", [x, m.const(np.array([4, 2], np.int32))], [y])
    with pytest.raises(UnsupportedModel, match="which follows from its input and size"):
        compile_bytes(m.build())
