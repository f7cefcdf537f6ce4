"""Channels of Keras models: what belongs together, and that removing dead ones changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinykit.compress.keras.channels import remove_channels
from tinykit.compress.keras.groups import find_groups
from tinykit.compress.keras.objective import Objective
from tinykit.compress.keras.topology import flat
from tinykit.compress.network import Data
from tinykit.compress.recipe import Channels
from tinykit.errors import InputError, UnsupportedModel

pytestmark = pytest.mark.slow  # TensorFlow takes seconds to load

RNG = np.random.default_rng(3)
X = RNG.random((64, 8, 8, 3), np.float32)
Y = RNG.integers(0, 5, 64)
DATA = Data((X,), Y, "classes")


def branched(keras: Any) -> Any:
    """Everything that ties channels: residual sums, a concatenation, squeeze and excite, depthwise, Flatten."""
    layers = keras.layers
    keras.utils.set_random_seed(4)
    image = keras.Input((8, 8, 3))
    stem = layers.ReLU()(layers.BatchNormalization(name="bn")(layers.Conv2D(8, 3, padding="same", name="stem")(image)))
    left = layers.Conv2D(8, 3, padding="same", activation="relu", name="left")(stem)
    x = layers.Add()([stem, left])
    gate = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
    gate = layers.Conv2D(8, 1, activation="sigmoid", name="gate")(layers.Conv2D(4, 1, name="squeeze")(gate))
    x = layers.Multiply()([x, gate])
    wide = layers.DepthwiseConv2D(3, padding="same", name="dw")(x)
    x = layers.Concatenate()([wide, layers.SeparableConv2D(6, 3, padding="same", name="sep")(x)])
    x = layers.Dropout(0.1)(layers.MaxPooling2D()(x))
    x = layers.Dense(12, activation="relu", name="hidden")(layers.Flatten()(x))
    model = keras.Model(image, layers.Dense(5, name="out")(x))
    for weight in model.weights:  # fresh BatchNormalization would hide mistakes in its order
        weight.assign(RNG.normal(0.3, 0.4, weight.shape) ** (2 if "variance" in weight.path else 1))
    return flat(model, "m")


def test_groups(keras: Any) -> None:
    groups = find_groups(branched(keras), "m")
    root = {name: groups.find(group) for name, group in groups.outputs.items()}
    assert root["stem"] == root["left"] == root["gate"]
    assert len({root[name] for name in ("stem", "squeeze", "sep", "hidden", "out")}) == 5
    assert set(groups.free()) == {root[name] for name in ("stem", "squeeze", "sep", "hidden")}


@pytest.mark.parametrize("scope", ["layer", "global"])
@pytest.mark.parametrize("criterion", ["l2", "taylor"])
def test_removing_dead_channels_changes_nothing(keras: Any, scope: str, criterion: str) -> None:
    model = branched(keras)
    groups = find_groups(model, "m")
    dead = {group: RNG.permutation(groups.sizes[group])[: groups.sizes[group] // 2] for group in groups.free()}
    for layer in model.layers:
        weights = layer.get_weights()
        for tie in groups.ties:
            if tie.layer == layer.name and tie.makes and not (layer.name == "bn" and tie.weight > 1):
                offset = 0
                for piece, size in tie.view.pieces:
                    zero = offset + dead.get(groups.find(piece), np.array([], int))
                    weights[tie.weight][(slice(None),) * tie.axis + (zero,)] = 0
                    offset += size
        layer.set_weights(weights)
    # a sigmoid of 0 is 0.5: the gated channels are dead all the same, since what it multiplies is 0
    before = np.asarray(model(X))
    step = Channels(kind="channels", remove=0.5, scope=scope, criterion=criterion, least=1)  # type: ignore[arg-type]
    smaller, what = remove_channels(model, step, Objective(DATA, 5, "linear"), DATA, "m")
    assert smaller.count_params() < 0.6 * model.count_params()
    assert "of 30 channels removed" in what
    if scope == "layer":
        assert what == "15 of 30 channels removed"
        assert smaller.get_layer("left").filters == 4
        assert smaller.get_layer("out").units == 5
        assert np.allclose(np.asarray(smaller(X)), before, atol=1e-4)


def test_skip_multiple_and_least(keras: Any) -> None:
    model = branched(keras)
    step = Channels(kind="channels", remove=0.7, multiple=4, least=3, skip=["hidden"])
    smaller, _ = remove_channels(model, step, Objective(DATA, 5, "linear"), DATA, "m")
    assert smaller.get_layer("hidden").units == 12
    assert smaller.get_layer("stem").filters == 4
    assert smaller.get_layer("squeeze").filters == 4
    with pytest.raises(InputError, match="skip names a layer that the model does not have: hiden"):
        remove_channels(model, Channels(kind="channels", remove=0.5, skip=["hiden"]), Objective(DATA, 5, ""), DATA, "m")
    every = ["stem", "squeeze", "sep", "hidden"]
    with pytest.raises(InputError, match="no channels to remove"):
        remove_channels(model, Channels(kind="channels", remove=0.5, skip=every), Objective(DATA, 5, ""), DATA, "m")


def test_layers_that_are_not_understood_are_all_named(keras: Any) -> None:
    layers = keras.layers
    image = keras.Input((8, 8, 4))
    x = layers.Conv2D(4, 3, groups=2, name="grouped")(image)
    x = layers.Conv2DTranspose(4, 3, name="up")(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, name="twice")(x)
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(x)))
    with pytest.raises(UnsupportedModel) as error:
        find_groups(flat(model, "m"), "m")
    for words in ("grouped (Conv2D), groups=2", "up (Conv2DTranspose)", "twice (DepthwiseConv2D), depth_multiplier=2"):
        assert words in error.value.what


def test_models_that_cannot_be_changed(keras: Any) -> None:
    layers = keras.layers
    with pytest.raises(InputError, match="not built"):
        flat(keras.Sequential([layers.Dense(2)]), "m")
    image = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4)], name="inner")
    with pytest.raises(UnsupportedModel, match="a model is used as a layer: inner"):
        flat(keras.Model(image, layers.Dense(2)(inner(image))), "m")
    with pytest.raises(UnsupportedModel, match="2 outputs"):
        flat(keras.Model(image, [layers.Dense(2)(image), layers.Dense(3)(image)]), "m")
    shared = layers.Dense(4, name="twice")
    with pytest.raises(UnsupportedModel, match="layer 'twice' is used 2 times"):
        find_groups(flat(keras.Model(image, layers.Dense(2)(shared(shared(image)))), "m"), "m")
