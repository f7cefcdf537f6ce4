"""ONNX models: the order of an input's dimensions, several outputs, and conversions that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.convert import load_source
from tinykit.convert.interpreter import run_all
from tinykit.convert.model import FloatModel
from tinykit.convert.samples import load_samples
from tinykit.errors import ModelError, UnsupportedModel
from tinykit.graph.reader import parse_model

onnx = pytest.importorskip("onnx", reason="the extra [onnx] is not installed")
runtime = pytest.importorskip("onnxruntime", reason="the extra [onnx] is not installed")
pytest.importorskip("onnx2tf", reason="onnx2tf is not installed")
pytestmark = pytest.mark.slow
RNG = np.random.default_rng(5)


def write(path: Path, nodes: list[Any], shape: tuple[int, ...], weights: dict[str, np.ndarray], *outputs: str) -> Path:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [onnx.numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(onnx.shape_inference.infer_shapes(model), path)
    return path


def convolution(path: Path, shape: tuple[int, ...], bad: float = 0.0) -> Path:
    """A convolution over everything but batch and channels, and a dense layer: the order of dimensions counts."""
    kernel = RNG.normal(size=(4, shape[1], *[3] * (len(shape) - 2)))
    kernel.flat[0] += bad
    size = 4 * int(np.prod([n - 2 for n in shape[2:]]))
    node = onnx.helper.make_node
    nodes = [node("Conv", ["x", "k"], ["a"]), node("Flatten", ["a"], ["b"]), node("MatMul", ["b", "w"], ["y"])]
    return write(path, nodes, shape, {"k": kernel, "w": RNG.normal(size=(size, 3))}, "y")


def expected(path: Path, x: np.ndarray) -> list[np.ndarray]:
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return [
        np.concatenate(column) for column in zip(*(session.run(None, {"x": v[np.newaxis]}) for v in x), strict=True)
    ]


def through_samples(model: FloatModel, x: np.ndarray, folder: Path) -> tuple[np.ndarray, ...]:
    """Outputs for samples in a file, as the command reads them."""
    np.savez(folder / "x.npz", x=x)
    graph = parse_model(model.tflite, name="m", where="m")
    tensors = [graph.tensor(i) for i in graph.inputs]
    samples = load_samples(str(folder / "x.npz"), tensors, channels_moved=model.channels_moved)
    return run_all(model.tflite, samples.inputs, "m")


@pytest.mark.parametrize("shape", [(1, 6, 8), (1, 8, 8), (1, 3, 6, 8), (1, 6, 6, 6), (1, 1, 8, 8)])
def test_samples_in_the_order_of_the_onnx_model(shape: tuple[int, ...], tmp_path: Path) -> None:
    path = convolution(tmp_path / "m.onnx", shape)
    model = load_source(str(path))
    assert model.channels_moved == (() if len(shape) == 3 else (0,))
    x = RNG.normal(size=(4, *shape[1:])).astype(np.float32)
    have = through_samples(model, x, tmp_path)[0]
    assert np.allclose(have[:, 0], expected(path, x)[0], atol=1e-4)


def test_a_sequence_keeps_its_shape(tmp_path: Path) -> None:
    node = onnx.helper.make_node
    nodes = [node("MatMul", ["x", "w"], ["a"]), node("Flatten", ["a"], ["b"]), node("MatMul", ["b", "v"], ["y"])]
    weights = {"w": RNG.normal(size=(8, 5)), "v": RNG.normal(size=(40, 3))}
    path = write(tmp_path / "m.onnx", nodes, (1, 8, 8), weights, "y")
    x = RNG.normal(size=(4, 8, 8)).astype(np.float32)
    have = through_samples(load_source(str(path)), x, tmp_path)[0]
    assert np.allclose(have[:, 0], expected(path, x)[0], atol=1e-4)


def test_outputs_of_one_shape_keep_their_order(tmp_path: Path) -> None:
    names = list("fedcba")
    nodes = [onnx.helper.make_node("MatMul", ["x", f"w{n}"], [n]) for n in reversed(names)]
    path = write(tmp_path / "m.onnx", nodes, (1, 8), {f"w{n}": RNG.normal(size=(8, 3)) for n in names}, *names)
    x = RNG.normal(size=(4, 8)).astype(np.float32)
    have = through_samples(load_source(str(path)), x, tmp_path)
    for one, other in zip(have, expected(path, x), strict=True):
        assert np.allclose(one[:, 0], other, atol=1e-4)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_weights_that_are_not_finite(bad: float, tmp_path: Path) -> None:
    path = convolution(tmp_path / "m.onnx", (1, 3, 6, 6), bad)
    with pytest.raises(ModelError, match=r"not finite .* in k\n"):
        load_source(str(path))


def test_a_wrong_conversion_is_refused(tmp_path: Path) -> None:
    from tinykit.convert.onnx_check import compare

    one, other = convolution(tmp_path / "a.onnx", (1, 3, 6, 6)), convolution(tmp_path / "b.onnx", (1, 3, 6, 6))
    data = load_source(str(one)).tflite
    assert compare(one, data, "m") == (0,)
    with pytest.raises(UnsupportedModel, match="another one"):
        compare(other, data, "m")
