"""Keras models out of the ordinary: several inputs and outputs, odd names, broken weights, missing classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.convert import load_source
from tinykit.convert.interpreter import run_all
from tinykit.errors import InputError, ModelError

pytestmark = pytest.mark.slow
RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def keras() -> Any:
    pytest.importorskip("tensorflow", reason="the extra [keras] is not installed")
    return pytest.importorskip("keras", reason="the extra [keras] is not installed")


def same(source: Path, inputs: list[np.ndarray], wanted: list[np.ndarray]) -> None:
    """The float .tflite takes the inputs, and gives the outputs, in the model's order."""
    have = run_all(load_source(str(source)).tflite, [x[:, np.newaxis] for x in inputs], "m")
    assert len(have) == len(wanted)
    for position, (one, other) in enumerate(zip(have, wanted, strict=True)):
        assert np.allclose(one[:, 0], other, atol=1e-5), position


@pytest.mark.parametrize("kind", ["m.keras", "savedmodel"])
@pytest.mark.parametrize("count", [2, 12])
def test_outputs_of_one_shape_keep_their_order(kind: str, count: int, keras: Any, tmp_path: Path) -> None:
    a = keras.Input((16,), name="inp")
    model = keras.Model(a, [keras.layers.Dense(3, name=f"{'zyxwvutsrqpo'[i]}")(a) for i in range(count)])
    x = RNG.random((5, 16)).astype(np.float32)
    if kind == "savedmodel":
        model.export(tmp_path / kind, verbose=False)
    else:
        model.save(tmp_path / kind)
    same(tmp_path / kind, [x], model.predict(x, verbose=0))


def test_inputs_of_one_shape_keep_their_order(keras: Any, tmp_path: Path) -> None:
    inputs = [keras.Input((4,), name=name) for name in ("zeta", "in", "alpha", "class", *"hgfedcba")]
    model = keras.Model(inputs, keras.layers.Concatenate()(inputs))
    x = [RNG.random((3, 4)).astype(np.float32) for _ in inputs]
    model.save(tmp_path / "m.keras")
    same(tmp_path / "m.keras", x, [np.concatenate(x, axis=1)])


def test_dictionaries(keras: Any, tmp_path: Path) -> None:
    inputs = {"b": keras.Input((4,), name="b"), "a": keras.Input((4,), name="a")}
    difference = keras.layers.Subtract()([inputs["b"], inputs["a"]])
    model = keras.Model(inputs, {"z": difference, "y": keras.layers.Dense(4)(difference)})
    model.save(tmp_path / "m.keras")
    x = {name: RNG.random((3, 4)).astype(np.float32) for name in inputs}
    wanted = model.predict(x, verbose=0)
    same(tmp_path / "m.keras", [x[t.name] for t in model.inputs], keras.tree.flatten(wanted))


@pytest.mark.parametrize("name", ["in", "class"])
def test_an_input_with_a_name_that_python_reserves(name: str, keras: Any, tmp_path: Path) -> None:
    a = keras.Input((16,), name=name)
    model = keras.Model(a, keras.layers.Dense(3)(a))
    model.save(tmp_path / "m.keras")
    x = RNG.random((5, 16)).astype(np.float32)
    same(tmp_path / "m.keras", [x], [model.predict(x, verbose=0)])


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_weights_that_are_not_finite(bad: float, keras: Any, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3, activation="relu", name="stem")])
    kernel, bias = model.layers[0].get_weights()
    kernel[0, 0, 0, 0] = bad
    model.layers[0].set_weights([kernel, bias])
    model.save(tmp_path / "m.keras")
    with pytest.raises(ModelError, match=r"not finite .* in stem/kernel"):
        load_source(str(tmp_path / "m.keras"))


@pytest.mark.parametrize("kind", ["m.keras", "m.h5"])
def test_a_class_that_is_not_here_is_named(kind: str, keras: Any, tmp_path: Path) -> None:
    class Fancy(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x

    keras.Sequential([keras.Input((4,)), Fancy()]).save(tmp_path / kind)
    with pytest.raises(InputError, match="the model uses 'Fancy', which is not here"):
        load_source(str(tmp_path / kind))
