"""An interpreter that refuses a model or dies of it is an error with a name; it takes nothing else down."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.errors import InputError
from tinykit.hil.dataset import Dataset
from tinykit.hil.interpret import interpret, version_of
from tinykit.hil.reference import run_litert, run_reference

pytestmark = pytest.mark.skipif(version_of("tflite-micro") is None, reason="tflite-micro is not installed")


def pool(folder: Path) -> tuple[Path, Dataset]:
    """A pooling layer of one element: its output is its input."""
    model = ModelBuilder()
    x = model.input((1, 4, 4, 1), scale=0.5, zero_point=0)
    y = model.output((1, 4, 4, 1), scale=0.5, zero_point=0)
    model.op("MAX_POOL_2D", [x], [y], padding="SAME", stride_h=1, stride_w=1, filter_height=1, filter_width=1)
    path = folder / "pool.tflite"
    path.write_bytes(model.build())
    return path, Dataset((np.arange(32, dtype=np.int8).reshape(2, 1, 4, 4, 1),), None, "samples", "of a file")


def test_both_interpreters_give_what_the_layer_is(tmp_path: Path) -> None:
    path, data = pool(tmp_path)
    seen: list[tuple[int, int]] = []
    (output,) = interpret("tflite-micro", path, data, lambda done, total: seen.append((done, total)))
    np.testing.assert_array_equal(output, data.inputs[0])
    assert seen == [(1, 2), (2, 2)]
    if version_of("ai-edge-litert") is not None:
        other = run_litert(path, data)
        assert other is not None
        np.testing.assert_array_equal(other.outputs[0], data.inputs[0])


def test_a_crash_is_an_error(tmp_path: Path) -> None:
    """TFLite-Micro divides by the channels of a filter without a look at them."""
    model = ModelBuilder()
    x = model.input((1, 4, 4, 1), scale=0.5, zero_point=0)
    w = model.const(np.ones((1, 1, 1, 0), np.int8), scale=[0.5], zero_point=[0])
    y = model.output((1, 4, 4, 1), scale=0.5, zero_point=0)
    model.op("CONV_2D", [x, w, None], [y], padding="SAME", stride_h=1, stride_w=1)
    path = tmp_path / "crash.tflite"
    path.write_bytes(model.build())
    with pytest.raises(InputError) as caught:
        run_reference(path, pool(tmp_path)[1])
    assert caught.value.where == str(path)
    assert "it crashed (SIGFPE)" in str(caught.value)
    assert "--no-reference" in str(caught.value)


def test_a_refusal_is_an_error(tmp_path: Path) -> None:
    model = ModelBuilder()
    x = model.input((4,), scale=0.5, zero_point=0)
    y = model.output((1,), scale=0.5, zero_point=0)
    model.op("GATHER", [x, model.const(np.array([1 << 29], np.int32))], [y], axis=0)
    path = tmp_path / "refused.tflite"
    path.write_bytes(model.build())
    with pytest.raises(InputError) as caught:
        run_reference(path, Dataset((np.zeros((1, 4), np.int8),), None, "samples", "of a file"))
    assert caught.value.why == "Node GATHER (number 0) failed to invoke with status 1; Interpreter invocation failed."


@pytest.mark.parametrize(("kind", "custom", "named"), [("SIGN", "", "SIGN"), ("CUSTOM", "FlexErf", "FlexErf")])
def test_an_operator_that_is_not_there_is_named(tmp_path: Path, kind: str, custom: str, named: str) -> None:
    model = ModelBuilder()
    model.op(kind, [model.input((1, 4), "float32")], [model.output((1, 4), "float32")], custom_code=custom)
    path = tmp_path / "absent.tflite"
    path.write_bytes(model.build())
    with pytest.raises(InputError) as caught:
        run_reference(path, Dataset((np.zeros((1, 1, 4), np.float32),), None, "samples", "of a file"))
    assert caught.value.why is not None
    assert "no kernel" in caught.value.why
    assert caught.value.why.endswith(named)


def test_the_program_is_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, data = pool(tmp_path)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert Path(sys.executable).exists()
    assert len(interpret("tflite-micro", path, data)) == 1
