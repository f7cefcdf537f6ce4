"""Every mistake: one message that says what to do, the right exit code, nothing written."""

from __future__ import annotations

import copy
import os
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder

from .conftest import Convert, Digits, refused


@pytest.fixture(autouse=True)
def _nothing_written(tmp_path: Path) -> Iterator[None]:
    yield
    assert not (tmp_path / "out.tflite").exists()
    assert not list(tmp_path.glob(".out*"))


@pytest.fixture
def calibrated(digits: Digits) -> list[object]:
    return ["--calibration", digits.calibration]


def without(tmp_path: Path, *modules: str) -> dict[str, str]:
    """An environment in which modules cannot be imported."""
    folder = tmp_path / "block"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {modules!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
    )
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


# Sources


def test_no_such_file(convert: Convert, calibrated: list[object]) -> None:
    refused(convert("nowhere.keras", *calibrated), 2, "nowhere.keras", "no such model file")


def test_unknown_kind(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    (tmp_path / "model.bin").write_bytes(b"x")
    refused(convert("model.bin", *calibrated), 2, "what a .bin file is", ".keras", "module:callable")


@pytest.mark.parametrize("name", ["cut.keras", "cut.pt2"])
def test_a_zip_archive_that_is_cut_off(name: str, convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("weights", bytes(1000))
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:700])
    refused(convert(name, *calibrated), 2, name, "the zip archive is cut off", "700 bytes")


def test_samples_that_are_cut_off(convert: Convert, tmp_path: Path, mlp_file: Path) -> None:
    np.savez(tmp_path / "cut.npz", x=np.zeros((10, 64), np.float32))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "cut.npz").read_bytes()[:900])
    refused(convert(mlp_file, "--trust", "-c", "cut.npz"), 2, "cut.npz", "the zip archive is cut off")


@pytest.mark.parametrize(
    "damage", [b"", b"TFL", b"\x1c\x00\x00\x00TFL3" + b"\x07" * 40], ids=["empty", "short", "lying"]
)
def test_damaged_tflite(convert: Convert, tmp_path: Path, damage: bytes, calibrated: list[object]) -> None:
    (tmp_path / "bad.tflite").write_bytes(damage)
    refused(convert("bad.tflite", *calibrated), 2, "bad.tflite")


@pytest.mark.slow
def test_truncated_tflite(convert: Convert, tmp_path: Path, float_mlp: bytes, calibrated: list[object]) -> None:
    for size in range(8, len(float_mlp), len(float_mlp) // 5):
        (tmp_path / "bad.tflite").write_bytes(float_mlp[:size])
        refused(convert("bad.tflite", *calibrated), 2, "bad.tflite", "damaged")


@pytest.mark.parametrize("name", ["bad.keras", "bad.h5"])
def test_no_keras_file_at_all(convert: Convert, tmp_path: Path, name: str, calibrated: list[object]) -> None:
    (tmp_path / name).write_bytes(b"nothing of the kind")
    refused(convert(name, *calibrated), 2, name, "not a Keras file")


@pytest.mark.slow
def test_damaged_keras(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    pytest.importorskip("keras")
    with zipfile.ZipFile(tmp_path / "bad.keras", "w") as archive:
        archive.writestr("config.json", "{")
    refused(convert("bad.keras", *calibrated), 2, "bad.keras", "cannot be read")
    (tmp_path / "bad.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 100)
    refused(convert("bad.h5", *calibrated), 2, "bad.h5", "cannot be read")


@pytest.mark.slow
def test_damaged_savedmodel(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    (tmp_path / "folder").mkdir()
    refused(convert("folder", *calibrated), 2, "no SavedModel", "saved_model.pb")
    pytest.importorskip("tensorflow")
    (tmp_path / "folder" / "saved_model.pb").write_bytes(b"\xff\xff nothing")
    refused(convert("folder", *calibrated), 2, "cannot be read")


@pytest.mark.slow
def test_damaged_onnx(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnx2tf")
    for data in (b"", b"\x08\x07\xff\xff\xff"):
        (tmp_path / "bad.onnx").write_bytes(data)
        refused(convert("bad.onnx", *calibrated), 2, "bad.onnx", "not a usable ONNX file")


@pytest.mark.slow
def test_damaged_pt2(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    (tmp_path / "bad.pt2").write_bytes(b"nothing")
    refused(convert("bad.pt2", "--trust", *calibrated), 2, "not a PyTorch ExportedProgram")
    with zipfile.ZipFile(tmp_path / "bad.pt2", "w") as archive:
        archive.writestr("x", "y")
    refused(convert("bad.pt2", *calibrated), 2, "--trust")
    pytest.importorskip("litert_torch")
    refused(convert("bad.pt2", "--trust", *calibrated), 2, "cannot be read")


def test_a_checkpoint_is_no_model(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    (tmp_path / "weights.pt").write_bytes(b"x")
    refused(convert("weights.pt", *calibrated), 2, "holds weights, not the model", "module:callable")


# Pickles


class Trap:
    """Unpickling it leaves a file behind."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (Path("ran.txt"), "ran")


@pytest.mark.slow
def test_a_pickle_is_not_read_without_trust(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    for name in ("trap.joblib", "trap.pkl"):
        (tmp_path / name).write_bytes(pickle.dumps(Trap()))
        refused(convert(name, *calibrated), 2, name, "runs code", "--trust")
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.slow
def test_a_pickle_that_is_no_model(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    (tmp_path / "list.pkl").write_bytes(pickle.dumps([1, 2]))
    refused(convert("list.pkl", "--trust", *calibrated), 2, "no scikit-learn estimator", "list")
    (tmp_path / "bad.joblib").write_bytes(b"\x80\x04nothing")
    refused(convert("bad.joblib", "--trust", *calibrated), 2, "bad.joblib", "cannot be read as a pickle")


@pytest.mark.slow
def test_estimators(convert: Convert, tmp_path: Path, mlp: Any, calibrated: list[object]) -> None:
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures
    from sklearn.svm import SVC

    broken = copy.deepcopy(mlp)
    broken.coefs_[1][3, 2] = np.nan
    pipeline = make_pipeline(PolynomialFeatures(), MLPClassifier()).fit([[0.0], [1.0]], [0, 1])
    for model, words in [
        (MLPClassifier(), "is not fitted"),
        (SVC(), "cannot convert a SVC"),
        (broken, "not finite"),
        (pipeline, "PolynomialFeatures"),
    ]:
        (tmp_path / "m.pkl").write_bytes(pickle.dumps(model))
        refused(convert("m.pkl", "--trust", *calibrated), 2, "m.pkl", words)


# Functions


@pytest.mark.slow
def test_functions(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    (tmp_path / "mine.py").write_text("def nothing(): return 3\ndef broken(): return 1 / 0\n")
    refused(convert("mine:nothing", *calibrated), 2, "which is no model", "int")
    refused(convert("mine:broken", *calibrated), 2, "raised ZeroDivisionError")
    refused(convert("mine:absent", *calibrated), 2, "no function 'absent'")
    refused(convert("absent:model", *calibrated), 2, "no module 'absent'")


# What is missing


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "module", "extra", "package"),
    [
        ("m.keras", "keras", "keras", "tensorflow-cpu==2.21.0"),
        ("m.onnx", "onnx", "onnx", "onnx==1.23.2"),
        ("m.pt2", "torch", "torch", "litert-torch==0.10.0"),
        ("m.joblib", "sklearn", "sklearn", "scikit-learn==1.9.1"),
    ],
)
def test_missing_extra(
    convert: Convert, tmp_path: Path, name: str, module: str, extra: str, package: str, calibrated: list[object]
) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("x", "y")
    outcome = convert(name, "--trust", *calibrated, environment=without(tmp_path, module))
    refused(outcome, 3, f"the extra [{extra}]", "pip install", package)
    assert "pip install tinykit" not in outcome.err


@pytest.mark.slow
def test_missing_quantizer(convert: Convert, tmp_path: Path, mlp_file: Path, calibrated: list[object]) -> None:
    outcome = convert(mlp_file, "--trust", *calibrated, environment=without(tmp_path, "ai_edge_quantizer"))
    refused(outcome, 3, "the extra [convert]", "ai-edge-quantizer==0.10.0", "'pillow>=10'")  # ">" is the shell's


@pytest.mark.slow
def test_a_function_that_wants_a_missing_extra(convert: Convert, tmp_path: Path, calibrated: list[object]) -> None:
    (tmp_path / "late.py").write_text("def model():\n    import keras\n")
    (tmp_path / "early.py").write_text("import keras.layers\ndef model(): pass\n")
    environment = without(tmp_path, "keras", "ai_edge_quantizer")
    for name in ("late:model", "early:model"):
        outcome = convert(name, *calibrated, environment=environment)
        refused(outcome, 3, "the extra [keras]", "keras==3.15.1 ai-edge-litert==2.3.0", "'pillow>=10'")


# Samples and options


def test_int8_without_calibration(convert: Convert, mlp_file: Path) -> None:
    refused(convert(mlp_file, "--trust"), 2, "-q int8 needs calibration samples", "--calibration")


@pytest.mark.slow
def test_calibration_of_the_wrong_shape(convert: Convert, tmp_path: Path, mlp_file: Path) -> None:
    np.savez(tmp_path / "c.npz", x=np.zeros((100, 8, 9)))
    refused(convert(mlp_file, "--trust", "-c", "c.npz"), 2, "c.npz", "wrong shape", "[100, 8, 9]", "(N, 64)")


def test_what_is_not_there_is_said_first(convert: Convert, mlp_file: Path) -> None:
    """Before anything is asked that does not matter yet, and before a conversion of minutes."""
    refused(convert("nowhere.keras"), 2, "nowhere.keras", "no such model file")
    refused(convert(mlp_file, "-c", "nowhere.npz"), 2, "nowhere.npz", "no such file or folder")
    refused(convert(mlp_file, "-q", "none", "-d", "nowhere.npz"), 2, "nowhere.npz", "no such file or folder")
    refused(convert(mlp_file, "-q", "none", "--html", "."), 2, "cannot write the file", "it is a folder")


def test_the_source_is_not_replaced(convert: Convert, tmp_path: Path, float_mlp: bytes) -> None:
    (tmp_path / "m.tflite").write_bytes(float_mlp)
    refused(convert("m.tflite", "-q", "none", out="./m.tflite"), 2, "would replace the source")
    assert (tmp_path / "m.tflite").read_bytes() == float_mlp


@pytest.mark.slow
def test_labels_that_do_not_fit(
    convert: Convert, tmp_path: Path, mlp_file: Path, digits: Digits, calibrated: list[object]
) -> None:
    np.savez(tmp_path / "d.npz", x=digits.images[:20].reshape(-1, 64), y=np.arange(20))
    refused(convert(mlp_file, "--trust", *calibrated, "-d", "d.npz"), 2, "y goes from 0 to 19", "from 0 to 9")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-q", "float16"], ["-q float16 does not run on --target mcu", "int16x8"]),
        (["-q", "dynamic"], ["-q dynamic does not run on --target mcu", "--target linux"]),
        (["-q", "int16x8", "-t", "edgetpu"], ["does not run on --target edgetpu"]),
        (["--auto"], ["--auto", "needs --data and --calibration"]),
        (["--limit", "0", "-q", "none"], ["leaves no samples"]),
        (["--input-shape", "1,a", "-q", "none"], ["is no shape"]),
        (["--max-accuracy-drop", "much", "-q", "none"], ["is not a percentage", "--max-accuracy-drop 5%"]),
        (["--max-accuracy-drop", "1%", "-q", "none"], ["--max-accuracy-drop needs labels", "--data"]),
        (["--preprocess", "range=2", "-q", "none"], ["is not understood"]),
        (["--preprocess", "range=0:1", "-q", "none"], ["--preprocess is for a folder of --calibration"]),
    ],
)
def test_options(convert: Convert, mlp_file: Path, options: list[str], words: list[str]) -> None:
    refused(convert(mlp_file, "--trust", *options), 2, *words)


def test_an_input_shape_that_does_not_fit(convert: Convert, tmp_path: Path, float_mlp: bytes) -> None:
    (tmp_path / "m.tflite").write_bytes(float_mlp)
    refused(convert("m.tflite", "-q", "none", "--input-shape", "1,65"), 2, "does not fit input 'input'", "[1, 64]")


@pytest.mark.slow
def test_operators_that_no_microcontroller_engine_has(convert: Convert, tmp_path: Path) -> None:
    m = ModelBuilder()
    x = m.input((1, 4), "float32")
    m.op("ATAN2", [x, x], [m.output((1, 4), "float32")])
    (tmp_path / "m.tflite").write_bytes(m.build())
    outcome = convert("m.tflite", "-q", "none")
    refused(outcome, 2, "no engine for microcontrollers can run this model", "ATAN2", "--target linux")


@pytest.mark.slow
def test_a_model_that_is_quantized_already(convert: Convert, calibrated: list[object]) -> None:
    model = Path(__file__).parents[2] / "models" / "digits" / "digits.tflite"
    refused(convert(model, *calibrated), 2, "quantized already")
