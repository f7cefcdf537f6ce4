"""Trains a MobileNet for the digits in Keras, as a model to be made smaller: `tinykit compress` does the rest.

    python models/mobilenet/make.py --out DIR       # mobilenet.keras, train.npz, test.npz, and the recipe
    tinykit compress DIR/compress.toml -o DIR/mobilenet.tflite

Data: scikit-learn's digits, as in models/digits/train.py; 1297 samples train, the last 500 are the test set.
Needs tensorflow-cpu, keras and scikit-learn.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.datasets import load_digits

SEED = 7
TEST_SAMPLES = 500
BLOCKS = ((32, 1), (64, 2), (64, 1), (128, 2))
"""Channels and stride of each depthwise separable convolution."""


def make_model() -> Any:
    """19,786 parameters, made as MobileNet (Howard et al. 2017): depthwise and pointwise convolutions in turn."""
    layers = keras.layers

    def normalized(x: Any) -> Any:
        # a moving average over ten batches: an epoch has twenty
        return layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.9)(x))

    image = keras.Input((8, 8, 1))
    x = normalized(layers.Conv2D(16, 3, padding="same", use_bias=False)(image))
    for channels, stride in BLOCKS:
        x = normalized(layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x))
        x = normalized(layers.Conv2D(channels, 1, use_bias=False)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x), name="mobilenet")


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a MobileNet on digits and write what its recipe needs.")
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--epochs", type=int, default=30)
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    digits = load_digits()
    order = np.random.default_rng(SEED).permutation(len(digits.target))
    x = (digits.images[order, :, :, np.newaxis] / 16).astype(np.float32)
    y = digits.target[order]
    training, test = slice(None, -TEST_SAMPLES), slice(-TEST_SAMPLES, None)
    keras.utils.set_random_seed(SEED)
    model = make_model()
    batches = -(-len(x[training]) // 64)
    rate = keras.optimizers.schedules.CosineDecay(4e-3, arguments.epochs * batches)
    model.compile(keras.optimizers.AdamW(rate, 0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[training], y[training], epochs=arguments.epochs, batch_size=64, verbose=0)
    accuracy = model.evaluate(x[test], y[test], verbose=0)[1]
    model.save(out / "mobilenet.keras")
    np.savez_compressed(out / "train.npz", x=x[training], y=y[training])
    np.savez_compressed(out / "test.npz", x=x[test], y=y[test])
    shutil.copyfile(Path(__file__).with_name("compress.toml"), out / "compress.toml")
    print(f"float accuracy {accuracy:.3f} on {TEST_SAMPLES} test images; wrote {out / 'compress.toml'}")


if __name__ == "__main__":
    main()
