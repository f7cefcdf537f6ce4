"""--target edgetpu: models in a form that the compiler reads, with the same results, and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.convert.front_end import for_old_front_end
from tinykit.convert.interpreter import run_all
from tinykit.convert.targets import check_graph
from tinykit.edgetpu.check import check_model
from tinykit.errors import UnsupportedModel
from tinykit.graph.reader import parse_model, read_model

from .conftest import Convert, Digits, refused

Q: dict[str, Any] = {"scale": 0.05, "zero_point": -128}


def transpose_conv(activation: str, **result: Any) -> ModelBuilder:
    m = ModelBuilder()
    x = m.input((1, 4, 4, 2), scale=0.05, zero_point=0)
    w = m.const(np.arange(-18, 18, dtype=np.int8).reshape(2, 3, 3, 2), scale=0.02, zero_point=0)
    size = m.const(np.array([1, 8, 8, 2], np.int32))
    y = m.output((1, 8, 8, 2), **{**Q, **result})
    options = dict(padding="SAME", stride_h=2, stride_w=2, fused_activation_function=activation)
    m.op("TRANSPOSE_CONV", [size, w, x], [y], version=4, **options)
    return m


def same_results(before: bytes, after: bytes) -> None:
    rng = np.random.default_rng(1)
    graph = parse_model(before, name="m", where="m")
    inputs = [rng.integers(-128, 128, (20, *graph.tensor(i).shape)).astype(np.int8) for i in graph.inputs]
    for want, have in zip(run_all(before, inputs, "m"), run_all(after, inputs, "m"), strict=True):
        assert np.array_equal(want, have)


@pytest.mark.parametrize(
    ("activation", "result", "version"),
    [
        ("NONE", {}, 2), ("RELU", {}, 2), ("RELU6", {"scale": 6 / 255}, 2),
        ("RELU6", {"scale": 0.05}, 4), ("RELU", {"zero_point": 0}, 4),
    ],
)  # fmt: skip
def test_an_activation_goes_where_int8_ends_there_anyway(activation: str, result: dict[str, Any], version: int) -> None:
    before = transpose_conv(activation, **result).build()
    after = for_old_front_end(before, "m")
    assert parse_model(after, name="m", where="m").ops[0].version == version
    same_results(before, after)


def test_versions_and_dense_layers() -> None:
    m = ModelBuilder()
    x = m.input((1, 8), **Q)
    a, b, y = m.tensor((1, 8), **Q), m.tensor((1, 4), **Q), m.output((1, 4), scale=1 / 256, zero_point=-128)
    m.op("ADD", [x, x], [a], version=1)
    w = m.const(np.arange(32, dtype=np.int8).reshape(4, 8), scale=0.02, zero_point=0)
    m.op("FULLY_CONNECTED", [a, w], [b], version=6, keep_num_dims=True)
    m.op("SOFTMAX", [b], [y], version=1, beta=1.0)
    after = for_old_front_end(m.build(), "m")
    graph = parse_model(after, name="m", where="m")
    assert [(op.kind, op.version) for op in graph.ops] == [("ADD", 2), ("FULLY_CONNECTED", 4), ("SOFTMAX", 2)]
    assert graph.ops[1].inputs[2] == -1
    same_results(m.build(), after)


def test_float_operators_keep_their_versions() -> None:
    m = ModelBuilder()
    x, y = m.input((1, 8), "float32"), m.output((1, 8), "float32")
    m.op("ADD", [x, x], [y], version=1)
    assert parse_model(for_old_front_end(m.build(), "m"), name="m", where="m").ops[0].version == 1


def test_what_the_compiler_refuses_is_refused() -> None:
    m = ModelBuilder()
    x, y = m.input((1, 8), **Q), m.output((1, 8), **Q)
    m.op("GELU", [x], [y])
    with pytest.raises(UnsupportedModel, match="would refuse the result") as caught:
        check_graph(parse_model(m.build(), name="m", where="m"), "edgetpu", "m")
    assert "GELU" in str(caught.value.why)


def test_a_model_of_which_nothing_maps_is_refused() -> None:
    m = ModelBuilder()
    x, y = m.input((1, 8), **Q), m.output((1, 8), **Q)
    m.op("HARD_SWISH", [x], [y])
    graph = parse_model(m.build(), name="m", where="m")
    with pytest.raises(UnsupportedModel, match="nothing of the model would run"):
        check_graph(graph, "edgetpu", "m")
    check_graph(graph, "mcu", "m")


@pytest.mark.slow
def test_a_report_says_what_runs_there(convert: Convert, mlp_file: Path, digits: Digits) -> None:
    done = convert(mlp_file, "--trust", "-c", digits.calibration, "-t", "edgetpu", "--no-identity", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)["edgetpu"]
    assert (found["compiles"], found["on_host"]) == (True, 0)
    done = convert(mlp_file, "--trust", "-c", digits.calibration, "-t", "edgetpu", "--no-identity", "--html", "r.html")
    assert "operators on the Edge TPU, 0 on the host" in done.out


@pytest.mark.slow
def test_keras(convert: Convert, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras", reason="keras is not installed")
    pytest.importorskip("tensorflow", reason="tensorflow is not installed")
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)), layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.DepthwiseConv2D(3, padding="same", activation="relu6"), layers.Conv2D(16, 1),
            layers.BatchNormalization(), layers.ReLU(),
            layers.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu"),
            layers.UpSampling2D(2, interpolation="bilinear"), layers.MaxPooling2D(), layers.GlobalAveragePooling2D(),
            layers.Dense(16, activation="relu"), layers.Dense(10, activation="softmax"),
        ]
    )  # fmt: skip
    model.save(tmp_path / "m.keras")
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "c.npz", x=rng.random((128, 32, 32, 3), np.float32))
    done = convert("m.keras", "-c", "c.npz", "-t", "edgetpu")
    assert done.code == 0, done.err
    result = check_model(tmp_path / "out.tflite", multi=False)
    assert not result.refusals
    assert not result.on_host, [(op.op, op.reason) for op in result.on_host]
    graph = read_model(tmp_path / "out.tflite")
    versions = {op.kind: op.version for op in graph.ops}
    assert (versions["CONV_2D"], versions["DEPTHWISE_CONV_2D"], versions["FULLY_CONNECTED"]) == (3, 3, 4)
    dense = [op for op in graph.ops if op.kind == "FULLY_CONNECTED"]
    assert not any(graph.tensors[op.inputs[1]].quant.per_channel for op in dense)  # type: ignore[union-attr]
    assert {graph.tensors[i].dtype.label for i in (*graph.inputs, *graph.outputs)} == {"int8"}


@pytest.mark.slow
def test_torch(convert: Convert, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(1)
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU6(), nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.ReLU(),
        nn.Conv2d(8, 16, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 5),
    ).eval()  # fmt: skip
    exported = torch.export.export(model, (torch.zeros(1, 3, 32, 32),))
    torch.export.save(exported, tmp_path / "m.pt2")
    np.savez(tmp_path / "c.npz", x=np.random.default_rng(0).random((128, 3, 32, 32), np.float32))
    done = convert("m.pt2", "--trust", "-c", "c.npz", "-t", "edgetpu")
    if done.code == 3:
        pytest.skip(done.err)
    assert done.code == 0, done.err
    result = check_model(tmp_path / "out.tflite")
    assert not result.refusals
    assert result.mapped >= len(result.ops) - 2, [(op.op, op.reason) for op in result.on_host]


@pytest.mark.slow
def test_float_inputs_stay_on_the_host(convert: Convert, mlp_file: Path, digits: Digits, tmp_path: Path) -> None:
    arguments = ("-c", digits.calibration, "-t", "edgetpu", "-q", "int8-float-io", "--no-identity")
    assert convert(mlp_file, "--trust", *arguments).code == 0
    result = check_model(tmp_path / "out.tflite")
    assert [op.op for op in result.on_host] == ["QUANTIZE", "DEQUANTIZE"]


@pytest.mark.slow
def test_an_operator_that_is_too_new(convert: Convert, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras", reason="keras is not installed")
    pytest.importorskip("tensorflow", reason="tensorflow is not installed")
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, activation="gelu"), keras.layers.Dense(3)])
    model.save(tmp_path / "m.keras")
    np.savez(tmp_path / "c.npz", x=np.random.default_rng(0).standard_normal((128, 8)).astype(np.float32))
    done = convert("m.keras", "-c", "c.npz", "-t", "edgetpu", "--no-identity")
    refused(done, 2, "GELU")
    assert not (tmp_path / "out.tflite").exists()
