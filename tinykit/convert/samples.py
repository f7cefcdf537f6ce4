"""Samples as float32 arrays for a float model: from arrays, folders of images or recordings, or a function."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.convert.archive import refuse_cut_off
from tinykit.convert.callables import call
from tinykit.convert.extras import require
from tinykit.errors import InputError
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Tensor
from tinykit.hil.dataset import generated_dataset
from tinykit.text import first_line

_IMAGES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
_SOUNDS = {".wav", ".flac", ".ogg"}
_ARRAYS = {".npz", ".npy"}
_SYNTAX = "write it as --preprocess range=0:1 (images), or --preprocess rate=16000,range=-1:1 (recordings)"


@dataclass(frozen=True)
class Preprocessing:
    """How a file of a folder becomes numbers. Declared, since a wrong guess would be wrong silently.

    Attributes:
        low, high: what an image's 0 and 255, or a recording's negative and positive full scale, become.
        mean, std: subtracted and divided by then; one for each channel, or one for all.
        rate: samples per second of recordings; others are refused.
        fit: how an image of another size is made to fit: "stretch" it, or "crop" the middle.
    """

    low: float
    high: float
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    rate: int | None = None
    fit: str = "stretch"


def parse_preprocessing(text: str) -> Preprocessing:
    """ "range=0:1,mean=0.485:0.456:0.406,std=0.229:0.224:0.225,fit=crop" or "rate=16000".

    Raises:
        InputError: a part that is not understood.
    """
    found: dict[str, Any] = {}
    try:
        for part in filter(None, text.split(",")):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals:
                raise ValueError(f"{part!r} has no '='")
            if key == "rate":
                found["rate"] = int(value)
            elif key == "fit" and value in ("stretch", "crop"):
                found["fit"] = value
            elif key in ("range", "mean", "std"):
                found[key] = tuple(float(number) for number in value.split(":"))
            else:
                raise ValueError(f"{part!r} is not known")
        low, high = found.pop("range", (-1.0, 1.0) if "rate" in found else ())
        if not (np.isfinite([low, high]).all() and low < high) or 0 in found.get("std", ()):
            raise ValueError("an empty range, or a std of 0")
        return Preprocessing(low, high, **found)
    except (ValueError, TypeError) as error:
        why = "no range=LOW:HIGH" if "unpack" in str(error) else str(error)
        raise InputError(f"--preprocess {text!r} is not understood", why=why, hint=_SYNTAX) from None


@dataclass(frozen=True)
class Samples:
    """Samples of a float model.

    Attributes:
        inputs: one array per model input, (N, *input shape), float32.
        labels: (N,) or (N, ...), None where the source has none.
        name: where they are from.
        notes: what was done to them.
    """

    inputs: tuple[np.ndarray, ...]
    labels: np.ndarray | None
    name: str
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.inputs[0])


def check_samples(source: str, preprocessing: Preprocessing | None = None) -> None:
    """Refuse what can be refused before the model is converted.

    Raises:
        InputError: there is no such file or folder, or files of another kind are to be preprocessed.
    """
    path = Path(source)
    if not path.exists() and (":" not in source or path.suffix.lower() in _ARRAYS):
        raise InputError(
            "no such file or folder", where=source, hint="give an .npz, an .npy, a folder, or module:callable"
        )
    if preprocessing is not None and not path.is_dir():
        raise InputError(
            "--preprocess is for folders of images or recordings",
            where=source,
            why="the numbers of arrays are taken as they are",
            hint="leave it out, and save the samples as the model was trained with them",
        )


def load_samples(
    source: str,
    tensors: Sequence[Tensor],
    *,
    preprocessing: Preprocessing | None = None,
    channels_moved: Sequence[int] = (),
    limit: int | None = None,
) -> Samples:
    """Read samples.

    Args:
        source: an .npz (``x``, or ``x0``, ``x1``, ... for several inputs; ``y``), an .npy, a folder of images or of
            recordings, or "module:callable" that returns any of array, tuple of arrays, or list of samples.
        tensors: the float model's inputs.
        channels_moved: inputs for which arrays with channels first are turned round.

    Raises:
        InputError: whatever is wrong with them; names file and shape.
    """
    check_samples(source, preprocessing)
    path = Path(source)
    labels: np.ndarray | None = None
    if path.is_dir():
        arrays = [_folder(path, tensors, preprocessing)]
    elif path.exists():
        arrays, labels = read_arrays(path, len(tensors))
    else:
        arrays = _called(source, len(tensors))
    notes: list[str] = []
    inputs = []
    for position, (values, tensor) in enumerate(zip(arrays, tensors, strict=True)):
        inputs.append(_fit(values, tensor, source, position in channels_moved, notes))
    count = len(inputs[0])
    if any(len(values) != count for values in inputs):
        sizes = ", ".join(str(len(values)) for values in inputs)
        raise InputError("inputs have different numbers of samples", where=source, why=f"they have {sizes}")
    if labels is not None and (labels.ndim == 0 or len(labels) != count):
        raise InputError(
            "the labels do not fit the samples",
            where=source,
            why=f"y has shape {list(labels.shape)}, x has {count} samples",
            hint="give one label for each sample",
        )
    if limit is not None:
        inputs = [values[:limit] for values in inputs]
        labels = None if labels is None else labels[:limit]
    return Samples(tuple(inputs), labels, path.name if path.exists() else source, tuple(notes))


def noise(tflite: bytes) -> Samples:
    """Something to run engines on, where there are no samples."""
    generated = generated_dataset(parse_model(tflite, name="model", where="model"))
    return Samples(generated.inputs, None, generated.name)


def read_arrays(path: Path, count: int) -> tuple[list[np.ndarray], np.ndarray | None]:
    """Inputs and labels of an .npz or .npy file, as they are.

    Args:
        count: inputs of the model.

    Raises:
        InputError: the file cannot be read, or lacks an input.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            "cannot read the samples", where=str(path), why=error.strerror or str(error), hint="check the path"
        ) from None
    refuse_cut_off(raw, str(path))
    if not raw.startswith((b"PK", b"\x93NUMPY")):
        raise InputError(
            "not a usable .npz or .npy file",
            where=str(path),
            why="it starts as neither",
            hint="save the samples with numpy.savez(file, x=..., y=labels)",
        )
    names = ["x"] if count == 1 else [f"x{i}" for i in range(count)]
    wanted = {*names, "y"}
    hint = f"save it with numpy.savez(file, {', '.join(f'{n}=...' for n in names)}, y=labels)"
    try:
        # Python objects in arrays are never read: that would run code
        loaded = np.load(io.BytesIO(raw), allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            arrays = {"x": loaded}
        else:
            listed = list(loaded.files)
            if count == 1 and "x" not in listed and len(listed) == 1:
                arrays = {"x": loaded[listed[0]]}
            else:
                arrays = {name: loaded[name] for name in listed if name in wanted}
    except Exception as error:  # damage ends in errors of zipfile, zlib, tokenize, numpy, ...
        raise InputError("not a usable .npz or .npy file", where=str(path), why=first_line(error), hint=hint) from None
    missing = [name for name in names if not isinstance(arrays.get(name), np.ndarray)]
    if missing:
        raise InputError(
            f"no array {missing[0]!r}", where=str(path), why=f"it holds {', '.join(arrays) or 'none'}", hint=hint
        )
    return [arrays[name] for name in names], arrays.get("y")


def _called(source: str, count: int) -> list[np.ndarray]:
    """What the user's function returns, as one array per input."""
    value = call(source, "calibration samples")
    try:
        if isinstance(value, np.ndarray):
            arrays = [value]
        elif isinstance(value, tuple) and len(value) == count and all(isinstance(v, np.ndarray) for v in value):
            arrays = list(value)
        else:
            samples = [s if isinstance(s, tuple) else (s,) for s in value]
            arrays = [np.stack([np.asarray(s[i]) for s in samples]) for i in range(count)]
        if len(arrays) != count or any(a.dtype.kind not in "fiub" for a in arrays):
            raise ValueError("no numbers, or too few arrays")
    except Exception as error:  # whatever the user's iterator raises
        raise InputError(
            "the function's samples are not usable",
            where=source,
            why=first_line(error),
            hint="return an array (N, *input shape), a tuple of one for each input, or a list of samples",
        ) from None
    return arrays


def _folder(folder: Path, tensors: Sequence[Tensor], preprocessing: Preprocessing | None) -> np.ndarray:
    """All images, or all recordings, of a folder and those in it."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in _IMAGES | _SOUNDS)
    if not files:
        raise InputError("the folder holds no images or recordings", where=str(folder), hint="give PNG, JPEG or WAV")
    sounds = [p for p in files if p.suffix.lower() in _SOUNDS]
    if sounds and len(sounds) != len(files):
        raise InputError("the folder holds images and recordings", where=str(folder), hint="give a folder of one kind")
    if len(tensors) != 1:
        raise InputError(
            f"a folder gives one input, the model has {len(tensors)}", where=str(folder), hint="use an .npz"
        )
    if preprocessing is None or (sounds and preprocessing.rate is None):
        raise InputError(
            "how its files become numbers is not said",
            where=str(folder),
            why="it has to be what the model was trained with, and cannot be guessed"
            if preprocessing is None
            else "the rate of recordings is missing",
            hint=_SYNTAX,
        )
    read = _recording if sounds else _image
    return np.stack([read(path, tensors[0], preprocessing) for path in files])


def _image(path: Path, tensor: Tensor, how: Preprocessing) -> np.ndarray:
    """One image as (height, width, channels)."""
    image_module: Any = require("PIL.Image", "convert", "folders of images")
    shape = tensor.shape[1:] if len(tensor.shape) == 4 else tensor.shape
    if len(shape) != 3 or shape[2] not in (1, 3):
        raise InputError(
            f"input {tensor.name!r} of shape {list(tensor.shape)} is no image",
            where=str(path.parent),
            hint="give an .npz of samples",
        )
    height, width, channels = shape
    try:
        with image_module.open(path) as opened:
            image = opened.convert("L" if channels == 1 else "RGB")
            if how.fit == "crop":
                scale = max(width / image.width, height / image.height)
                image = image.resize((max(width, round(image.width * scale)), max(height, round(image.height * scale))))
                left, top = (image.width - width) // 2, (image.height - height) // 2
                image = image.crop((left, top, left + width, top + height))
            else:
                image = image.resize((width, height))
    except Exception as error:  # a damaged image can raise anything
        raise InputError("cannot be read as an image", where=str(path), why=first_line(error)) from None
    values = np.asarray(image, np.float32).reshape(height, width, channels)
    return _scale(values / 255, how, path)


def _recording(path: Path, tensor: Tensor, how: Preprocessing) -> np.ndarray:
    """One recording, channels averaged, cut or filled with silence to the input's length."""
    soundfile: Any = require("soundfile", "convert", "folders of recordings")
    if tensor.size != max(tensor.shape, default=1):
        raise InputError(
            f"input {tensor.name!r} of shape {list(tensor.shape)} is no recording",
            where=str(path.parent),
            why="features made of recordings have to be those that the model was trained with",
            hint="give an .npz of samples",
        )
    try:
        values, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except Exception as error:  # soundfile's own error is a RuntimeError; a lying header can raise others
        raise InputError("cannot be read as a recording", where=str(path), why=first_line(error)) from None
    if rate != how.rate:
        raise InputError(
            f"is recorded at {rate} Hz", where=str(path), why=f"--preprocess says rate={how.rate}", hint="resample it"
        )
    mono = values.mean(axis=1)[: tensor.size]
    filled = np.zeros(tensor.size, np.float32)
    filled[: len(mono)] = mono
    return _scale((filled + 1) / 2, how, path).reshape(tensor.shape)


def _scale(unit: np.ndarray, how: Preprocessing, path: Path) -> np.ndarray:
    """Values of 0..1 as declared."""
    channels = unit.shape[-1] if unit.ndim == 3 else 1
    if len(how.mean) not in (1, channels) or len(how.std) not in (1, channels):
        raise InputError(
            f"--preprocess gives {max(len(how.mean), len(how.std))} means or stds for {channels} channels",
            where=str(path),
            hint="give one for each channel, or one for all",
        )
    values = how.low + unit * (how.high - how.low)
    scaled: np.ndarray = (values - np.asarray(how.mean, np.float32)) / np.asarray(how.std, np.float32)
    return scaled.astype(np.float32)


def _fit(values: np.ndarray, tensor: Tensor, source: str, moved: bool, notes: list[str]) -> np.ndarray:
    """``values`` as (N, *tensor.shape), float32.

    Raises:
        InputError: another shape or type, no samples, or numbers that are not finite.
    """
    sample = tensor.shape[1:] if len(tensor.shape) > 1 and tensor.shape[0] == 1 else tensor.shape
    expected = f"(N, {', '.join(map(str, sample))})"
    if values.ndim == 0 or len(values) == 0:
        raise InputError("there are no samples", where=source, hint=f"give an array of shape {expected}")
    if values.dtype.kind not in "fiub" or values.dtype == np.int8:
        why = "int8 samples were quantized for another model" if values.dtype == np.int8 else f"they are {values.dtype}"
        raise InputError("the samples are no real numbers", where=source, why=why, hint="give them as float32")
    have = values.shape[1:]
    if moved and len(have) >= len(sample):
        front = -len(sample)  # where the channels are
        turned = (*have[front + 1 :], have[front])
        # sizes that are all equal fit both ways: samples are what the model was trained with
        if _alike(turned, sample) and (have == turned or not _alike(have, sample)):
            values = np.moveaxis(values, front, -1)
            notes.append("the samples have their channels first (NCHW); they were turned to NHWC, as the model is now")
            have = values.shape[1:]
    if not _alike(have, sample):
        raise InputError(
            "the samples have the wrong shape",
            where=source,
            why=f"they are {list(values.shape)}, input {tensor.name!r} needs {expected}",
            hint="give them as the model was trained with them, samples first",
        )
    with np.errstate(over="ignore"):
        numbers = values.astype(np.float32).reshape(len(values), *tensor.shape)
    if not np.all(np.isfinite(numbers)):
        raise InputError("the samples hold numbers that are not finite", where=source, hint="clean the data")
    return numbers


def _alike(have: Sequence[int], want: Sequence[int]) -> bool:
    """Equal but for dimensions of 1, or flat."""
    plain = [d for d in have if d != 1]
    return plain == [d for d in want if d != 1] or (len(plain) <= 1 and int(np.prod(have)) == int(np.prod(want)))
