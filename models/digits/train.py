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
from pathlib import Path

import numpy as np
from network import Adam, Conv2D, Dense, DepthwiseConv2D, Layer, MaxPool2x2, run, softmax
from quantize import quantize_input, quantize_network
from threadpoolctl import threadpool_limits

SEED = 7
TEST_SAMPLES = 500
EPOCHS = 40
BATCH = 64
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 2e-2


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
        Conv2D("stem", 3, 1, 12, rng),
        DepthwiseConv2D("depthwise", 3, 12, rng),
        Conv2D("pointwise", 1, 12, 24, rng),
        MaxPool2x2("pool1"),
        Conv2D("features", 3, 24, 24, rng),
        MaxPool2x2("pool2"),
        Dense("classes", 2 * 2 * 24, 10, rng),
    ]


def train(layers: list[Layer], images: np.ndarray, labels: np.ndarray, epochs: int, rng: np.random.Generator) -> None:
    """Minimise the cross-entropy with Adam; the learning rate falls to zero along a cosine."""
    optimizer = Adam(layers, WEIGHT_DECAY)
    batches = len(images) // BATCH
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        loss = 0.0
        for batch in range(batches):
            chosen = order[batch * BATCH : (batch + 1) * BATCH]
            probabilities = softmax(run(layers, images[chosen])[-1])
            one_hot = np.eye(10, dtype=np.float32)[labels[chosen]]
            loss -= float(np.mean(np.log(np.sum(probabilities * one_hot, -1) + 1e-9))) / batches
            gradient = (probabilities - one_hot) / np.float32(BATCH)
            for layer in reversed(layers):
                gradient = layer.backward(gradient)
            progress = (epoch * batches + batch) / (epochs * batches)
            optimizer.step(LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * progress)))
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1:3}: loss {loss:.4f}")


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
        train(layers, images[training], labels[training], arguments.epochs, rng)
        predicted = run(layers, images[test])[-1].argmax(-1)
        model = quantize_network(layers, images[training])
    out.mkdir(parents=True, exist_ok=True)
    (out / "digits.tflite").write_bytes(model)
    np.savez_compressed(out / "digits_test.npz", x=quantize_input(images[test]), y=labels[test])
    print(f"float accuracy {np.mean(predicted == labels[test]):.3f} on {TEST_SAMPLES} test images")
    print(f"wrote {out / 'digits.tflite'} ({len(model)} bytes) and {out / 'digits_test.npz'}")


if __name__ == "__main__":
    main()
