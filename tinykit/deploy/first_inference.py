"""What the first inference on a board is given, and what it should give."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

from tinykit.firmware import Image
from tinykit.graph.reader import read_model

Expect = Callable[[Path, list[bytes]], "tuple[bytes, ...] | None"]
"""A model's outputs for these inputs as this computer has them; None where it cannot tell."""


def first_inputs(image: Image) -> list[bytes]:
    """Bytes for each input: noise that is the same every time, and small numbers where they are floats."""
    model = image.project.model_file
    assert model is not None, "a release has its model"
    graph = read_model(model)
    found = []
    for number in graph.inputs:
        tensor = graph.tensor(number)
        noise = _noise(tensor.nbytes)
        # sixteenths from 0 to 15: exponents at random would be infinities
        found.append(noise if tensor.dtype.label.startswith(("int", "uint")) else _floats(noise, tensor.dtype.label))
    return found


def _noise(size: int) -> bytes:
    out, state = bytearray(), 1
    while len(out) < size:
        state = zlib.crc32(state.to_bytes(4, "little"))
        out += state.to_bytes(4, "little")
    return bytes(out[:size])


def _floats(noise: bytes, dtype: str) -> bytes:
    import numpy as np

    values = np.frombuffer(noise, np.uint8)
    width = np.dtype(dtype).itemsize
    return (values[::width] % 16 / 16).astype(np.dtype(dtype).newbyteorder("<")).tobytes()
