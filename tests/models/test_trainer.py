"""What the recipes share: gradients are those of the loss, and a quantized network answers as the float one."""

from __future__ import annotations

import numpy as np
import pytest

from support.oracle import run_oracle
from trainer.fit import Schedule, cross_entropy, fit, squared_error
from trainer.network import (
    Conv2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePool,
    Layer,
    MaxPool2x2,
    predict,
    run,
    same_padding,
)
from trainer.quantize import Scale, quantize_network, scale_of

RNG = np.random.default_rng(0)
LAYERS = {
    "conv": (Conv2D("a", (3, 3), 2, 3, RNG), (6, 4, 2)),
    "conv, stride": (Conv2D("a", (3, 2), 2, 3, RNG, stride=(2, 1)), (5, 4, 2)),
    "conv along time": (Conv2D("a", (1, 5), 2, 3, RNG, stride=(1, 2)), (1, 8, 2)),
    "depthwise": (DepthwiseConv2D("a", (3, 3), 2, RNG), (4, 6, 2)),
    "depthwise, stride": (DepthwiseConv2D("a", (1, 4), 2, RNG, stride=(1, 3)), (1, 10, 2)),
    "largest": (MaxPool2x2("a"), (4, 4, 2)),
    "average": (GlobalAveragePool("a"), (3, 4, 2)),
    "dense": (Dense("a", 24, 5, RNG), (3, 4, 2)),
    "dense, relu": (Dense("a", 6, 5, RNG, relu=True), (6,)),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    layer, shape = LAYERS[kind]
    layer.parameters = [p.astype(np.float64) for p in layer.parameters]
    x = RNG.standard_normal((2, *shape))
    weights = RNG.standard_normal(layer.forward(x).shape)
    dx = layer.backward(weights)
    places = [(x, dx), *zip(layer.parameters, layer.gradients if layer.parameters else [], strict=True)]
    for values, gradient in places:
        numeric = np.empty(values.size)
        for i in range(values.size):
            old = values.flat[i]
            values.flat[i] = old + 1e-6
            above = np.sum(layer.forward(x) * weights)
            values.flat[i] = old - 1e-6
            numeric[i] = (above - np.sum(layer.forward(x) * weights)) / 2e-6
            values.flat[i] = old
        assert np.asarray(gradient).ravel() == pytest.approx(numeric, abs=1e-6)


@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
def test_gradients_of_losses(loss: object) -> None:
    output = RNG.standard_normal((4, 3))
    targets = np.array([0, 2, 1, 1]) if loss is cross_entropy else RNG.standard_normal((4, 3))
    _, gradient = loss(output, targets)  # type: ignore[operator]
    for i in range(output.size):
        moved = output.copy()
        moved.flat[i] += 1e-6
        numeric = (loss(moved, targets)[0] - loss(output, targets)[0]) / 1e-6  # type: ignore[operator]
        assert gradient.flat[i] == pytest.approx(numeric, abs=1e-5)


@pytest.mark.parametrize(("size", "kernel", "stride"), [(8, 3, 1), (8, 3, 2), (7, 4, 3), (5, 1, 2), (49, 5, 2)])
def test_same_padding_gives_tensorflows_output_size(size: int, kernel: int, stride: int) -> None:
    before, after = same_padding(size, kernel, stride)
    assert (size + before + after - kernel) // stride + 1 == -(-size // stride)
    assert 0 <= after - before <= 1


def layers_of(kind: str, rng: np.random.Generator) -> tuple[list[Layer], tuple[int, ...]]:
    if kind == "along time":
        layers = [
            Conv2D("stem", (1, 5), 3, 8, rng, stride=(1, 2)),
            DepthwiseConv2D("depthwise", (1, 4), 8, rng, stride=(1, 2)),
            GlobalAveragePool("pool"),
            Dense("out", 8, 4, rng),
        ]
        return layers, (1, 22, 3)
    if kind == "dense":
        return [Dense("a", 10, 8, rng, relu=True), Dense("out", 8, 10, rng)], (10,)
    layers = [Conv2D("stem", (3, 2), 2, 6, rng, stride=(2, 1)), MaxPool2x2("pool"), Dense("out", 6 * 2 * 3, 4, rng)]
    return layers, (7, 6, 2)


@pytest.mark.parametrize("kind", ["along time", "dense", "image"])
def test_a_quantized_network_answers_as_the_float_one(kind: str) -> None:
    rng = np.random.default_rng(4)
    layers, shape = layers_of(kind, rng)
    x = rng.standard_normal((200, *shape)).astype(np.float32)
    scale = scale_of(x)
    model = quantize_network(
        layers,
        scale.real(scale.quantize(x)).astype(np.float32),
        input_name="x",
        input_scale=scale,
        description="",
        softmax=False,
    )
    answer = run_oracle(model, [scale.quantize(x)[:, np.newaxis]]).outputs[0].reshape(200, -1)
    wanted = predict(layers, x)
    real = scale_of(run(layers, x)[-1]).real(answer)
    assert np.sqrt(np.mean((real - wanted) ** 2)) < 0.03 * wanted.std()


def test_softmax_is_added_where_asked_for() -> None:
    rng = np.random.default_rng(4)
    layers, shape = layers_of("along time", rng)
    x = rng.standard_normal((50, *shape)).astype(np.float32)
    model = quantize_network(layers, x, input_name="x", input_scale=scale_of(x), description="", softmax=True)
    answer = run_oracle(model, [scale_of(x).quantize(x)[:, np.newaxis]]).outputs[0].reshape(50, -1)
    assert np.mean(answer.argmax(-1) == predict(layers, x).argmax(-1)) > 0.95


def test_scales() -> None:
    assert scale_of(np.array([1.0, 3.0])) == Scale(pytest.approx(3 / 255), -128)
    scale = scale_of(np.array([-1.0, 1.0]))
    assert scale.real(scale.quantize(np.zeros(1)))[0] == 0
    assert list(Scale(1.0, 0).quantize(np.array([-1000.0, 1000.0]))) == [-128, 127]


def test_training_lowers_the_loss(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(4)
    x = rng.standard_normal((256, 10)).astype(np.float32)
    layers = layers_of("dense", rng)[0]
    before = squared_error(predict(layers, x), x)[0]
    fit(layers, x, x, squared_error, Schedule(8, batch=32, learning_rate=1e-2, weight_decay=0), rng)
    assert squared_error(predict(layers, x), x)[0] < before / 2
    assert capsys.readouterr().out.count("loss") == 4
