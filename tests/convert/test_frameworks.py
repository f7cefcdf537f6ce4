"""Digits classifiers of every framework: int8, as accurate as in float, and bit-identical on an emulated Cortex-M4."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.convert import ConvertOptions, convert, load_source
from tinykit.convert.interpreter import run_all
from tinykit.errors import InputError, UnsupportedModel
from tinykit.hil.run import RunOptions, run_model

from .conftest import TRAINING, Digits

BOARD = "qemu-mps2-an386"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def keras_model(digits: Digits) -> Any:
    pytest.importorskip("tensorflow", reason="the extra [keras] is not installed")
    keras = pytest.importorskip("keras", reason="the extra [keras] is not installed")
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(12, 3, padding="same", activation="relu"),
            layers.DepthwiseConv2D(3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(24, 1, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(4e-3), "sparse_categorical_crossentropy")
    model.fit(digits.images[:TRAINING], digits.labels[:TRAINING], epochs=12, batch_size=64, verbose=0)
    return model


@pytest.fixture(scope="module")
def torch_model(digits: Digits) -> Any:
    pytest.importorskip("litert_torch", reason="the extra [torch] is not installed")
    torch = pytest.importorskip("torch", reason="the extra [torch] is not installed")
    torch.manual_seed(1)
    torch.set_num_threads(1)
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, 16, 3, padding=1, stride=2), nn.BatchNorm2d(16),
        nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    x = torch.tensor(digits.images[:TRAINING].transpose(0, 3, 1, 2).copy())
    y = torch.tensor(digits.labels[:TRAINING])
    optimizer = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(15):
        for batch in torch.randperm(TRAINING).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
    return model.eval()


def check(source: str, digits: Digits, folder: Path, *, channels_first: bool = False, flat: bool = False) -> None:
    """Convert to int8, hold accuracy and engines, then run it on the emulated board."""
    images = digits.images.reshape(-1, 64) if flat else digits.images
    given = images.transpose(0, 3, 1, 2) if channels_first else images
    np.savez(folder / "cal.npz", x=given[:300])
    np.savez(folder / "test.npz", x=given[TRAINING:], y=digits.labels[TRAINING:])
    options = ConvertOptions(
        calibration=str(folder / "cal.npz"), data=folder / "test.npz", max_accuracy_drop=0.5, trust=True
    )
    out = folder / "out.tflite"
    result = convert(source, out, options)
    assert result.before is not None
    assert result.before.value > 0.92
    assert result.identity is not None
    engines = {engine.name: engine for engine in result.identity.engines}
    assert engines["compiled"].identical == result.identity.samples, engines
    for tool in ("arm-none-eabi-gcc", "qemu-system-arm", "make"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    np.savez(folder / "board.npz", x=images[TRAINING:], y=digits.labels[TRAINING:])
    report = run_model(out, BOARD, RunOptions(data=folder / "board.npz", limit=50))
    assert report.accuracy.identical == 50


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["d.keras", "d.h5", "savedmodel"])
def test_keras(kind: str, keras_model: Any, digits: Digits, folder: Path) -> None:
    path = folder / kind
    if kind == "savedmodel":
        keras_model.export(path, verbose=False)
    else:
        keras_model.save(path)
    check(str(path), digits, folder)


@pytest.mark.slow
def test_keras_gives_what_it_computes(keras_model: Any, digits: Digits, folder: Path) -> None:
    keras_model.save(folder / "same.keras")
    model = load_source(str(folder / "same.keras"))
    have = run_all(model.tflite, [digits.images[:20, np.newaxis]], "m")[0]
    assert np.allclose(have[:, 0], keras_model.predict(digits.images[:20], verbose=0), atol=1e-5)


@pytest.mark.slow
def test_keras_with_an_open_shape(folder: Path) -> None:
    pytest.importorskip("tensorflow", reason="the extra [keras] is not installed")
    import keras

    layers = [keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D()]
    keras.Sequential(layers).save(folder / "open.keras")
    with pytest.raises(InputError, match=r"open shape \[\?, \?, \?, 3\]") as caught:
        load_source(str(folder / "open.keras"))
    assert "--input-shape 1,N,N,3" in str(caught.value.hint)
    assert load_source(str(folder / "open.keras"), input_shapes=[(1, 16, 16, 3)]).tflite


@pytest.mark.slow
def test_keras_with_code_in_it(folder: Path) -> None:
    pytest.importorskip("tensorflow", reason="the extra [keras] is not installed")
    import keras

    layers = [keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(2)]
    keras.Sequential(layers).save(folder / "lambda.keras")
    with pytest.raises(InputError, match="Lambda"):
        load_source(str(folder / "lambda.keras"))
    assert load_source(str(folder / "lambda.keras"), trust=True).tflite


@pytest.mark.slow
def test_keras_with_operators_that_tflite_does_not_have(folder: Path) -> None:
    pytest.importorskip("tensorflow", reason="the extra [keras] is not installed")
    import keras

    @keras.saving.register_keras_serializable()
    class Odd(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            import tensorflow

            return tensorflow.math.bessel_i0(x)

    keras.Sequential([keras.Input((4,)), Odd(), keras.layers.Dense(2)]).save(folder / "odd.keras")
    with pytest.raises(UnsupportedModel, match="BesselI0"):
        load_source(str(folder / "odd.keras"))


@pytest.mark.slow
def test_exported_program(torch_model: Any, digits: Digits, folder: Path) -> None:
    import torch

    example = torch.tensor(digits.images[:1].transpose(0, 3, 1, 2).copy())
    path = folder / "d.pt2"
    torch.export.save(torch.export.export(torch_model, (example,)), path)
    check(str(path), digits, folder, channels_first=True)


@pytest.mark.slow
def test_a_function_that_returns_a_module(
    torch_model: Any, digits: Digits, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    torch.save(torch_model, folder / "whole.pt")
    (folder / "my_net.py").write_text(
        "import torch\n"
        f"def model(): return torch.load({str(folder / 'whole.pt')!r}, weights_only=False), torch.zeros(1, 1, 8, 8)\n"
        "def alone(): return model()[0]\n"
        "def wrong(): return model()[0], [1, 2]\n"
    )
    monkeypatch.chdir(folder)
    check("my_net:model", digits, folder, channels_first=True)
    with pytest.raises(InputError, match="does not say what it takes"):
        load_source("my_net:alone")
    with pytest.raises(InputError, match="no tensor"):
        load_source("my_net:wrong")


def onnx_cnn(digits: Digits, torch_model: Any, path: Path) -> None:
    """The PyTorch network, written with onnx's own helpers (torch's exporter needs onnxscript)."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    state = {name: value.numpy() for name, value in torch_model.state_dict().items()}
    weights = {name: v.astype(np.float32) for name, v in state.items() if "num_batches" not in name}
    nodes = [
        helper.make_node("Conv", ["image", "0.weight", "0.bias"], ["a"], pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "2.weight", "2.bias"], ["c"], pads=[1] * 4, strides=[2, 2]),
        helper.make_node(
            "BatchNormalization", ["c", "3.weight", "3.bias", "3.running_mean", "3.running_var"], ["d"], epsilon=1e-5
        ),
        helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("MaxPool", ["e"], ["f"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["f"], ["g"]),
        helper.make_node("Gemm", ["g", "7.weight", "7.bias"], ["logits"], transB=1),
    ]
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


@pytest.mark.slow
def test_onnx(torch_model: Any, digits: Digits, folder: Path) -> None:
    pytest.importorskip("onnx", reason="the extra [onnx] is not installed")
    pytest.importorskip("onnx2tf", reason="onnx2tf is not installed")
    onnx_cnn(digits, torch_model, folder / "d.onnx")
    check(str(folder / "d.onnx"), digits, folder, channels_first=True)


@pytest.mark.slow
def test_onnx_that_cannot_be_converted(folder: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="the extra [onnx] is not installed")
    pytest.importorskip("onnx2tf", reason="onnx2tf is not installed")
    from onnx import TensorProto, helper

    def write(name: str, node: Any, shape: list[Any]) -> str:
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
        onnx.save(helper.make_model(helper.make_graph([node], "g", [x], [y]), opset_imports=opsets), folder / name)
        return str(folder / name)

    foreign = write("foreign.onnx", helper.make_node("Magic", ["x"], ["y"], domain="mine"), [1, 4])
    with pytest.raises(UnsupportedModel, match=r"mine\.Magic"):
        load_source(foreign)
    open_shape = write("open.onnx", helper.make_node("Relu", ["x"], ["y"]), ["n", 3, "h", "w"])
    with pytest.raises(InputError, match="open shape") as caught:
        load_source(open_shape)
    assert "--input-shape 1,3,N,N" in str(caught.value.hint)
    assert load_source(open_shape, input_shapes=[(1, 3, 8, 8)]).tflite


@pytest.mark.slow
def test_scikit_learn(mlp_file: Path, digits: Digits, tmp_path: Path) -> None:
    check(str(mlp_file), digits, tmp_path, flat=True)


@pytest.mark.parametrize("hidden", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.parametrize("classes", [2, 3, 0])
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_gives_what_it_computes(hidden: str, classes: int) -> None:
    """``classes`` 0: a regressor with two outputs, behind scalers."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

    from tinykit.convert.sklearn import convert_sklearn

    rng = np.random.default_rng(2)
    x = (rng.normal(size=(80, 5)) * [1, 10, 100, 0.1, 1] + 3).astype(np.float32)
    if classes:
        model = MLPClassifier((6, 4), activation=hidden, max_iter=20, random_state=0)
        y = rng.integers(0, classes, 80) + 5
    else:
        model = MLPRegressor(hidden_layer_sizes=(6,), activation=hidden, max_iter=20, random_state=0)
        y = rng.normal(size=(80, 2))
    pipeline = make_pipeline(RobustScaler(), MinMaxScaler(), StandardScaler(), model).fit(x, y)
    found = convert_sklearn(pipeline, "m")
    have = run_all(found.tflite, [x[:, np.newaxis]], "m")[0][:, 0]
    want = pipeline.predict_proba(x) if classes else pipeline.predict(x)
    assert np.allclose(have, want, rtol=1e-4, atol=1e-5)
    if classes:
        assert found.classes == tuple(range(5, 5 + classes))
        assert "0: 5" in found.notes[0]
