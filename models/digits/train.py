"""Trains the demo's model: handwritten digits, 8x8 pixels, ten classes.

    python models/digits/train.py            # writes digits.tflite and digits_test.npz beside this file
    python models/digits/train.py --out DIR

Data: scikit-learn's ``load_digits`` (the test part of "Optical Recognition of Handwritten Digits", UCI Machine Learning
Repository, E. Alpaydin and C. Kaynak, 1998, CC BY 4.0): 1797 images, pixels 0..16. They are shuffled with a fixed seed;
the first 1297 train and calibrate, the last 500 are the test set, which training never sees.

Everything is seeded and runs on one thread: the same machine and library versions give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trainer.fit import Schedule, cross_entropy, fit
from trainer.network import Conv2D, Dense, DepthwiseConv2D, Layer, MaxPool2x2, predict
from trainer.quantize import Scale, quantize_network

SEED = 7
TEST_SAMPLES = 500
EPOCHS = 40
INPUT = Scale(1 / 255, -128)  # 0..1 over all 256 values


def load_data() -> tuple[np.ndarray, np.ndarray]:
    """Images (1797, 8, 8, 1), float32 in 0..1, and labels, shuffled."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(SEED).permutation(len(digits.target))
    images = digits.images[order, :, :, np.newaxis].astype(np.float32) / 16
    return images, digits.target[order].astype(np.uint8)


def make_network(rng: np.random.Generator) -> list[Layer]:
    """A depthwise separable convolution between a plain one and a dense layer."""
    return [
        Conv2D("stem", (3, 3), 1, 12, rng),
        DepthwiseConv2D("depthwise", (3, 3), 12, rng),
        Conv2D("pointwise", (1, 1), 12, 24, rng),
        MaxPool2x2("pool1"),
        Conv2D("features", (3, 3), 24, 24, rng),
        MaxPool2x2("pool2"),
        Dense("classes", 2 * 2 * 24, 10, rng),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the digits model and write it as int8 .tflite.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    out: Path = arguments.out
    images, labels = load_data()
    training, test = slice(None, -TEST_SAMPLES), slice(-TEST_SAMPLES, None)
    rng = np.random.default_rng(SEED)
    layers = make_network(rng)
    with threadpool_limits(1):
        schedule = Schedule(arguments.epochs, batch=64, learning_rate=4e-3, weight_decay=2e-2)
        fit(layers, images[training], labels[training], cross_entropy, schedule, rng)
        predicted = predict(layers, images[test]).argmax(-1)
        model = quantize_network(
            layers,
            images[training],
            input_name="image",
            input_scale=INPUT,
            description="tinykit digits: scikit-learn's handwritten digits, int8",
            softmax=True,
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / "digits.tflite").write_bytes(model)
    np.savez_compressed(out / "digits_test.npz", x=INPUT.quantize(images[test]), y=labels[test])
    print(f"float accuracy {np.mean(predicted == labels[test]):.3f} on {TEST_SAMPLES} test images")
    print(f"wrote {out / 'digits.tflite'} ({len(model)} bytes) and {out / 'digits_test.npz'}")


if __name__ == "__main__":
    main()
