"""Makes small .tflite models of every structure that meets a compiler in the wild.

    python models/networks/make.py --out DIR [NAME ...]      # all of them, or those named

Weights are seeded random numbers: the models compute something, but recognize nothing. They need tensorflow-cpu and
keras, except for those that are written operator by operator: svdf, audio_preprocessor and micro_speech.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

NETWORKS = {
    "lstm": "keras_networks",
    "svdf": "svdf",
    "unet": "keras_networks",
    "ssd": "ssd",
    "mobilenet_v2": "keras_networks",
    "mobilenet_v3": "keras_networks",
    "transformer": "keras_networks",
    "autoencoder": "keras_networks",
    "audio_preprocessor": "audio",
    "micro_speech": "audio",
}
"""The module with the function of the same name."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Make small models of many structures.")
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NETWORKS))
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(NETWORKS))
    if unknown:
        parser.error(f"no such network: {', '.join(unknown)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or NETWORKS:
        data = getattr(importlib.import_module(NETWORKS[name]), name)()
        file = arguments.out / f"{name}.tflite"
        file.write_bytes(data)
        print(f"{file}: {len(data):,} bytes")


if __name__ == "__main__":
    main()
