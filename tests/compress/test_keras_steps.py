"""Steps on a small Keras model: what each promises of the weights, and that later steps keep it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.compress.keras.framework import KerasFramework
from tinykit.compress.keras.hold import cluster
from tinykit.compress.keras.model import KerasModel
from tinykit.compress.keras.quantized import add_fake_quant, fold_normalization, round_kernel
from tinykit.compress.keras.topology import flat
from tinykit.compress.network import Data
from tinykit.compress.recipe import Cluster, Distil, Prune, Qat, Step, Train
from tinykit.convert.interpreter import run_all
from tinykit.convert.keras import load_keras
from tinykit.errors import CheckFailed, InputError, UnsupportedModel
from tinykit.graph.reader import parse_model

pytestmark = pytest.mark.slow  # TensorFlow takes seconds to load

KERNELS = ("stem", "pw", "features", "classes")


@pytest.fixture
def framework(keras: Any) -> KerasFramework:
    return KerasFramework("net", trust=False)


@pytest.fixture
def model(framework: KerasFramework, net: Path) -> KerasModel:
    return framework.take(load_keras(net, trust=False), "net")


@pytest.fixture
def data(digits: tuple[np.ndarray, np.ndarray]) -> Data:
    x, y = digits
    return Data((x[:320],), y[:320].astype(np.int64), "classes")


def go(
    framework: KerasFramework, model: KerasModel, data: Data, steps: Sequence[Step], teacher: KerasModel | None = None
) -> KerasModel:
    for step in steps:
        work = framework.begin(step, model, teacher, data, seed=1)
        for epoch in range(step.epochs):  # type: ignore[union-attr]
            work.epoch(epoch, lambda done, total: None)
        model = work.finish()
    return model


def kernel(model: KerasModel, name: str) -> np.ndarray:
    return np.asarray(model.model.get_layer(name).kernel.value)


@pytest.mark.slow
def test_pruned_weights_stay_zero_in_later_steps(framework: KerasFramework, model: KerasModel, data: Data) -> None:
    pruned = go(framework, model, data, [Prune(kind="prune", sparsity=0.6, until=1.0, epochs=3, skip=["classes"])])
    for name in KERNELS[:3]:
        assert np.mean(kernel(pruned, name) == 0) == pytest.approx(0.6, abs=0.01)
    assert np.all(kernel(pruned, "classes") != 0)
    assert framework.parameters(pruned)[1] == sum(int(np.sum(kernel(pruned, name) == 0)) for name in KERNELS)
    zeros = {name: kernel(pruned, name) == 0 for name in KERNELS[:3]}
    stored = framework.restore(framework.dump(pruned))
    later = go(framework, stored, data, [Train(kind="train", epochs=2), Qat(kind="qat", epochs=1)])
    for name, was_zero in zeros.items():
        assert np.all(kernel(later, name)[was_zero] == 0), name
        assert not np.array_equal(kernel(later, name), kernel(pruned, name))


@pytest.mark.slow
def test_clustered_weights_share_few_values(framework: KerasFramework, model: KerasModel, data: Data) -> None:
    steps = [Prune(kind="prune", sparsity=0.5, epochs=1), Cluster(kind="cluster", clusters=8, epochs=2)]
    clustered = go(framework, model, data, steps)
    assert all("BatchNormalization" not in type(layer).__name__ for layer in clustered.model.layers)
    later = go(framework, framework.restore(framework.dump(clustered)), data, [Qat(kind="qat", epochs=1)])
    for found in (clustered, later):
        for name in KERNELS:
            assert len(np.unique(kernel(found, name))) <= 8
            assert np.mean(kernel(found, name) == 0) >= 0.49


def test_clusters_are_the_best_of_their_number() -> None:
    values = np.array([[0.0, 0.0, 1.0, 1.1], [0.9, -2.0, -2.2, 0.0]], np.float32)
    assert np.allclose(cluster(values, 3, keep_zeros=True), [[0, 0, 1, 1], [1, -2.1, -2.1, 0]])
    assert np.array_equal(cluster(values, 8, keep_zeros=False), values)


@pytest.mark.slow
def test_folding_changes_no_result(
    framework: KerasFramework, model: KerasModel, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    x = digits[0][:50]
    folded = fold_normalization(model.model, "net")
    assert not [layer for layer in folded.layers if type(layer).__name__ == "BatchNormalization"]
    assert np.allclose(np.asarray(folded(x)), np.asarray(model.model(x)), atol=1e-5)


def test_normalization_that_cannot_be_folded_is_named(keras: Any) -> None:
    layers = keras.layers
    image = keras.Input((4, 4, 2))
    x = layers.BatchNormalization(name="early")(image)
    x = layers.BatchNormalization(name="late")(layers.Conv2D(2, 1, activation="relu")(x))
    with pytest.raises(UnsupportedModel, match="early, late"):
        fold_normalization(flat(keras.Model(image, x), "m"), "m")


@pytest.mark.slow
def test_what_training_computes_is_what_int8_computes(
    framework: KerasFramework, model: KerasModel, data: Data, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    trained = go(framework, model, data, [Qat(kind="qat", epochs=2)])
    tflite = framework.quantized(trained, "net")
    assert tflite is not None
    graph = parse_model(tflite, name="net", where="net")
    assert {graph.tensor(t).dtype.label for op in graph.ops for t in op.outputs} == {"int8"}
    source, target = graph.tensor(graph.inputs[0]).quant, graph.tensor(graph.outputs[0]).quant
    assert source is not None
    assert target is not None
    images = digits[0][-100:]
    quantized = np.clip(np.round(images / source.scale) + source.zero_point, -128, 127).astype(np.int8)
    have = (run_all(tflite, [quantized[:, np.newaxis]], "net")[0][:, 0] - float(target.zero_point)) * target.scale
    for layer in trained.model.layers:
        if layer.name in (*KERNELS, "dw"):
            layer.kernel.assign(round_kernel(layer, layer.kernel.value))
    want = np.asarray(trained.model(images))
    assert np.abs(have - want).max() < 0.05  # a step or two of the logits' grid
    assert np.mean(np.abs(have - want)) < 0.003
    plain = np.asarray(add_fake_quant(fold_normalization(model.model, "net"))(images))
    assert np.abs(plain - want).max() > 0.1, "the comparison could not fail"


@pytest.mark.slow
def test_a_student_learns_from_its_teacher_alone(framework: KerasFramework, model: KerasModel, data: Data) -> None:
    """All labels are wrong, and their weight is zero."""
    import keras

    keras.utils.set_random_seed(2)
    fresh = KerasModel(keras.models.clone_model(model.model))
    wrong = Data(data.x, np.zeros_like(data.y), "classes")
    taught = go(framework, fresh, wrong, [Distil(kind="distil", soft=1.0, epochs=20, learning_rate=1e-2)], model)
    same = np.asarray(taught.model(data.x[0])).argmax(1) == np.asarray(model.model(data.x[0])).argmax(1)
    assert same.mean() > 0.8


def test_a_teacher_with_other_classes(framework: KerasFramework, model: KerasModel, data: Data, keras: Any) -> None:
    image = keras.Input((8, 8, 1))
    other = keras.Model(image, keras.layers.Dense(7)(keras.layers.Flatten()(image)))
    with pytest.raises(InputError, match="the teacher gives 7 values, the student 10"):
        framework.begin(Distil(kind="distil", teacher="t"), model, framework.take(other, "t"), data, 0)


@pytest.mark.slow
@pytest.mark.parametrize("step", [Prune(kind="prune", sparsity=0.5, epochs=4), Qat(kind="qat", epochs=4)])
def test_going_on_from_a_checkpoint_is_as_if_never_interrupted(
    step: Any, framework: KerasFramework, model: KerasModel, data: Data
) -> None:
    before = framework.dump(model)
    through = framework.begin(step, framework.restore(before), None, data, 1)
    for epoch in range(4):
        through.epoch(epoch, lambda done, total: None)
    first = framework.begin(step, framework.restore(before), None, data, 1)
    for epoch in range(2):
        first.epoch(epoch, lambda done, total: None)
    state = first.state()
    second = framework.begin(step, framework.restore(before), None, data, 1)
    second.restore(state)
    for epoch in range(2, 4):
        second.epoch(epoch, lambda done, total: None)
    for one, other in zip(through.finish().model.get_weights(), second.finish().model.get_weights(), strict=True):
        assert np.allclose(one, other, atol=1e-4)
    with pytest.raises(ValueError, match="another model"):
        second.restore(state[:-1])


def test_training_that_diverges_is_said(framework: KerasFramework, model: KerasModel, data: Data) -> None:
    huge = Data((data.x[0] * np.float32(1e38),), data.y, "classes")
    with pytest.raises(CheckFailed, match="the loss is nan"):
        go(framework, model, huge, [Train(kind="train", epochs=1)])


def test_weights_that_are_no_numbers(framework: KerasFramework, net: Path) -> None:
    model = load_keras(net, trust=False)
    model.get_layer("pw").bias.assign(np.full(12, np.nan))
    with pytest.raises(InputError, match="not finite") as error:
        framework.take(model, "net")
    assert "pw/bias" in error.value.render()
