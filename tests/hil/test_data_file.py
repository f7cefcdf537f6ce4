"""Files that are no data files: one message, whatever numpy makes of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tinykit.errors import InputError
from tinykit.graph.types import Graph
from tinykit.hil.dataset import load_dataset


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def with_header(header: str) -> bytes:
    """An .npz whose array says of itself what it likes."""
    text = header.ljust(117).encode() + b"\n"
    return archive(**{"x.npy": b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text})


def single_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((3, 64), np.int8))
    return buffer.getvalue()


def valid(*, compressed: bool) -> bytes:
    buffer = io.BytesIO()
    x = np.random.default_rng(0).integers(-9, 9, (20, 8, 8, 1), np.int8)
    (np.savez_compressed if compressed else np.savez)(buffer, x=x, y=np.arange(20) % 10)
    return buffer.getvalue()


SHAPE = "{'descr': '|i1', 'fortran_order': False, 'shape': %s, }"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"x,y\n1,2\n", "not a usable .npz"),
        (b"PK\x03\x04 and no zip", "not a usable .npz"),
        (b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94.", "not a usable .npz"),  # a pickled {}
        (single_array(), "a single array"),
        (archive(x=b"text"), "'x' in the data file is no array"),
        (with_header(SHAPE % "(-1, 8, 8, 1)"), "not a usable .npz"),
        (with_header(SHAPE % "(10000000000000, 8, 8, 1)"), "not a usable .npz"),
        (with_header(SHAPE % "(99999999999999999999999,)"), "not a usable .npz"),
        (with_header(SHAPE % "(3, 8, 8, 1)"), "not a usable .npz"),  # no content after it
        (with_header("(" * 117), "not a usable .npz"),
    ],
)
def test_content_that_is_no_archive(digits: Graph, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        load_dataset(tmp_path / "data.npz", digits)
    assert "data.npz" in str(caught.value)
    assert caught.value.hint


def test_no_file_and_a_folder(digits: Graph, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        load_dataset(tmp_path / "none.npz", digits)
    with pytest.raises(InputError, match="Is a directory"):
        load_dataset(tmp_path, digits)


@pytest.mark.parametrize("compressed", [False, True])
def test_truncated_anywhere(digits: Graph, tmp_path: Path, compressed: bool) -> None:
    good, path = valid(compressed=compressed), tmp_path / "data.npz"
    for length in range(1, len(good), 41):
        path.write_bytes(good[:length])
        with pytest.raises(InputError):
            load_dataset(path, digits)


@pytest.mark.parametrize("compressed", [False, True])
def test_damaged_anywhere(digits: Graph, tmp_path: Path, compressed: bool) -> None:
    """Damage that the format cannot notice gives data; any other gives our error."""
    good, path = valid(compressed=compressed), tmp_path / "data.npz"
    rng, refused = np.random.default_rng(1), 0
    for _ in range(300):
        bad = bytearray(good)
        bad[rng.integers(len(bad))] ^= 1 << rng.integers(8)
        path.write_bytes(bad)
        try:
            assert load_dataset(path, digits).size in range(1, 21)
        except InputError:
            refused += 1
    assert refused > 200
