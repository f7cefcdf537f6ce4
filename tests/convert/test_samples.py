"""Samples from every kind of source, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.convert.samples import load_samples, parse_preprocessing
from tinykit.errors import InputError
from tinykit.graph.types import DType, Tensor

IMAGE = Tensor(0, "image", (1, 8, 6, 3), DType.FLOAT32)
SOUND = Tensor(0, "sound", (1, 1600, 1), DType.FLOAT32)
PLAIN = Tensor(0, "x", (1, 4), DType.FLOAT32)


def save(folder: Path, name: str = "s.npz", **arrays: Any) -> str:
    np.savez(folder / name, **arrays)
    return str(folder / name)


def test_arrays(tmp_path: Path) -> None:
    x = np.arange(20).reshape(5, 4)
    found = load_samples(save(tmp_path, x=x, y=np.arange(5)), [PLAIN])
    assert found.inputs[0].shape == (5, 1, 4)
    assert found.inputs[0].dtype == np.float32
    assert found.labels is not None
    assert found.size == 5
    np.save(tmp_path / "s.npy", x)
    assert np.array_equal(load_samples(str(tmp_path / "s.npy"), [PLAIN]).inputs[0], found.inputs[0])
    assert np.array_equal(load_samples(save(tmp_path, images=x), [PLAIN], limit=2).inputs[0], found.inputs[0][:2])


def test_several_inputs(tmp_path: Path) -> None:
    found = load_samples(save(tmp_path, x0=np.zeros((3, 4)), x1=np.ones((3, 8, 6, 3))), [PLAIN, IMAGE])
    assert [v.shape for v in found.inputs] == [(3, 1, 4), (3, 1, 8, 6, 3)]


def test_channels_first_are_turned(tmp_path: Path) -> None:
    x = np.random.default_rng(1).random((2, 3, 8, 6), np.float32)
    found = load_samples(save(tmp_path, x=x), [IMAGE], channels_moved=[0])
    assert np.array_equal(found.inputs[0][:, 0], x.transpose(0, 2, 3, 1))
    assert "NHWC" in found.notes[0]
    with pytest.raises(InputError, match="wrong shape"):
        load_samples(save(tmp_path, x=x), [IMAGE])


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.zeros((5, 3))}, "wrong shape"),
        ({"x": np.zeros((0, 4))}, "no samples"),
        ({"x": np.full((5, 4), np.nan)}, "not finite"),
        ({"x": np.zeros((5, 4), np.int8)}, "no real numbers"),
        ({"x": np.array(["a"] * 5)}, "no real numbers"),
        ({"x": np.zeros((5, 4)), "y": np.zeros(4)}, "labels do not fit"),
        ({"a": np.zeros((5, 4)), "b": np.zeros(4)}, "no array 'x'"),
        ({"x": np.array([object()], dtype=object)}, "not a usable .npz"),
    ],
)
def test_bad_arrays(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_samples(save(tmp_path, **arrays), [PLAIN])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (b"", "not a usable"),
        (b"PK\x03\x04 nothing", "cut off"),
        (b"PK\x05\x06" + bytes(17), "not a usable"),
        (b"\x93NUMPY\x01\x00", "not a usable"),
        (b"\x1c\x00\x00\x00TFL3", "starts as neither"),
    ],
)
def test_damaged_files(tmp_path: Path, damage: bytes, words: str) -> None:
    (tmp_path / "s.npz").write_bytes(damage)
    with pytest.raises(InputError, match=words):
        load_samples(str(tmp_path / "s.npz"), [PLAIN])


def test_preprocessing_of_what_is_no_folder(tmp_path: Path) -> None:
    """It would be left out silently."""
    with pytest.raises(InputError, match="--preprocess is for folders"):
        load_samples(save(tmp_path, x=np.zeros((5, 4))), [PLAIN], preprocessing=parse_preprocessing("range=0:1"))


def test_recordings_for_a_model_of_images(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.wav", np.zeros(1000), 16000)
    with pytest.raises(InputError, match=r"shape \[1, 8, 6, 3\] is no recording"):
        load_samples(str(tmp_path), [IMAGE], preprocessing=parse_preprocessing("rate=16000"))
    with pytest.raises(InputError, match="the rate of recordings is missing"):
        load_samples(str(tmp_path), [SOUND], preprocessing=parse_preprocessing("range=-1:1"))


def test_images(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(1).integers(0, 256, (8, 6, 3), np.uint8)
    image.fromarray(pixels).save(tmp_path / "a.png")
    image.fromarray(pixels).resize((12, 16)).convert("L").save(tmp_path / "b.png")
    how = parse_preprocessing("range=0:1,mean=0.5:0.4:0.3,std=0.2")
    found = load_samples(str(tmp_path), [IMAGE], preprocessing=how).inputs[0]
    assert found.shape == (2, 1, 8, 6, 3)
    assert np.allclose(found[0, 0], (pixels / 255 - [0.5, 0.4, 0.3]) / 0.2, atol=1e-5)
    with pytest.raises(InputError, match="how its files become numbers"):
        load_samples(str(tmp_path), [IMAGE])
    (tmp_path / "c.png").write_bytes(b"\x89PNG nothing")
    with pytest.raises(InputError, match=r"c\.png: cannot be read as an image"):
        load_samples(str(tmp_path), [IMAGE], preprocessing=how)


def test_crop_keeps_the_middle(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = np.zeros((8, 18, 3), np.uint8)
    pixels[:, 6:12] = 255
    image.fromarray(pixels).save(tmp_path / "a.png")
    how = parse_preprocessing("range=-1:1,fit=crop")
    assert np.all(load_samples(str(tmp_path), [IMAGE], preprocessing=how).inputs[0] == 1)


def test_recordings(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    wave = 0.5 * np.sin(np.arange(1000) / 20)
    soundfile.write(tmp_path / "a.wav", np.stack([wave, wave], 1), 16000, subtype="PCM_16")
    found = load_samples(str(tmp_path), [SOUND], preprocessing=parse_preprocessing("rate=16000")).inputs[0]
    assert found.shape == (1, 1, 1600, 1)
    assert np.allclose(found.reshape(-1)[:1000], wave, atol=1e-4)
    assert np.allclose(found.reshape(-1)[1000:], 0, atol=1e-6)
    with pytest.raises(InputError, match="16000 Hz"):
        load_samples(str(tmp_path), [SOUND], preprocessing=parse_preprocessing("rate=8000"))
    (tmp_path / "b.wav").write_bytes(b"RIFF")
    with pytest.raises(InputError, match=r"b\.wav: cannot be read as a recording"):
        load_samples(str(tmp_path), [SOUND], preprocessing=parse_preprocessing("rate=16000"))


@pytest.mark.parametrize(
    "text", ["", "range=1:0", "range=a:b", "range", "rate=x", "mean=0", "range=0:1,std=0", "range=0:1,fit=bend"]
)
def test_preprocessing_that_is_not_understood(text: str) -> None:
    with pytest.raises(InputError, match="is not understood"):
        parse_preprocessing(text)


def test_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_samples.py").write_text(
        "import numpy as np\n"
        "def array(): return np.zeros((3, 4))\n"
        "def several(): return (np.zeros((3, 4)), np.zeros((3, 8, 6, 3)))\n"
        "def lazily(): return (np.zeros(4) for _ in range(3))\n"
        "def broken(): raise KeyError('the disk')\n"
        "def nothing(): return None\n"
    )
    assert load_samples("my_samples:array", [PLAIN]).size == 3
    assert load_samples("my_samples:several", [PLAIN, IMAGE]).size == 3
    assert load_samples("my_samples.py:lazily", [PLAIN]).size == 3
    for name, words in [
        ("my_samples:broken", "raised KeyError"),
        ("my_samples:nothing", "not usable"),
        ("my_samples:absent", "no function 'absent'"),
        ("no_such_module:x", "no module"),
        ("nowhere", "no such file"),
    ]:
        with pytest.raises(InputError, match=words):
            load_samples(name, [PLAIN])
