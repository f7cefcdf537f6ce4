"""The command, as a user runs it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tinykit.graph.reader import read_model

from .conftest import Convert, Digits


@pytest.mark.slow
def test_notes_of_calibration_stand_above_what_rests_on_them(
    convert: Convert, mlp_file: Path, digits: Digits, tmp_path: Path
) -> None:
    np.savez(tmp_path / "few.npz", x=digits.images[:20].reshape(-1, 64))
    outcome = convert(mlp_file, "--trust", "-c", "few.npz", "-d", digits.test, "--no-identity")
    assert outcome.code == 0, outcome.err
    assert outcome.out.index("note  calibration: 20 samples are few") < outcome.out.index("SQNR dB")
    assert outcome.out.count("20 samples are few") == 1


def test_a_result_larger_than_the_float_model_is_noted(convert: Convert, tmp_path: Path) -> None:
    import joblib
    from sklearn.linear_model import LinearRegression

    x = np.random.default_rng(0).normal(size=(200, 2))
    joblib.dump(LinearRegression().fit(x, x.sum(axis=1)), tmp_path / "tiny.joblib")
    np.savez(tmp_path / "x.npz", x=x)
    outcome = convert("tiny.joblib", "--trust", "-c", "x.npz", "--no-identity")
    assert outcome.code == 0, outcome.err
    assert "the result is larger than the float model" in " ".join(outcome.out.split())


@pytest.mark.slow
def test_json_and_html(convert: Convert, mlp_file: Path, digits: Digits, tmp_path: Path) -> None:
    outcome = convert(
        mlp_file, "--trust", "-c", digits.calibration, "-d", digits.test, "--json", "--html", "r/report.html"
    )
    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    assert report["size"]["result"] == (tmp_path / "out.tflite").stat().st_size
    assert report["accuracy"]["n"] == 500
    assert abs(report["accuracy"]["drop_points"]) <= 0.5
    assert 0 <= report["accuracy"]["ties"] < 50
    assert [layer["kind"] for layer in report["layers"]] == ["FULLY_CONNECTED", "FULLY_CONNECTED", "SOFTMAX"]
    assert all(layer["sqnr_db"] > 20 for layer in report["layers"])
    engines = {engine["name"]: engine for engine in report["identity"]["engines"]}
    assert list(engines) == ["LiteRT", "TFLite-Micro", "compiled"]
    if engines["compiled"]["absent"] is None and engines["TFLite-Micro"]["absent"] is None:
        assert engines["compiled"]["identical"] == report["identity"]["n"] == 100
    page = (tmp_path / "r" / "report.html").read_text()
    assert page.count("<svg") == 3
    assert "http" not in page

    class Sources(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "img")
            assert not any(name == "src" for name, _ in attributes)

    Sources().feed(page)


@pytest.mark.slow
def test_terminal(convert: Convert, mlp_file: Path, digits: Digits) -> None:
    outcome = convert(mlp_file, "--trust", "-c", digits.calibration, "-d", digits.test, "--no-identity")
    assert outcome.code == 0, outcome.err
    assert all(len(line) <= 80 for line in outcome.out.splitlines() if "mlp.joblib" not in line)
    for words in ("size", "accuracy", "calibration", "SQNR dB", "0 FULLY_CONNECTED layer0/dense", "wrote out.tflite"):
        assert words in outcome.out


@pytest.mark.slow
def test_warnings_are_shown(convert: Convert, mlp_file: Path, digits: Digits, tmp_path: Path) -> None:
    np.savez(tmp_path / "few.npz", x=digits.images[:20].reshape(-1, 64) * 0.3)
    outcome = convert(mlp_file, "--trust", "-c", "few.npz", "-d", digits.test, "--no-identity")
    assert outcome.code == 0, outcome.err
    text = " ".join(outcome.out.split())
    assert "20 samples are few" in text
    assert "saturate" in text


@pytest.mark.slow
def test_a_float_result_needs_no_samples(convert: Convert, mlp_file: Path, tmp_path: Path) -> None:
    assert convert(mlp_file, "--trust", "-q", "none").code == 0
    graph = read_model(tmp_path / "out.tflite")
    assert graph.tensor(graph.inputs[0]).shape == (1, 64)


@pytest.mark.slow
def test_a_function_gives_the_model(convert: Convert, mlp_file: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"import joblib\ndef model(): return joblib.load({str(mlp_file)!r})\n")
    assert convert("mine:model", "-q", "none").code == 0


@pytest.mark.slow
def test_edge_tpu(convert: Convert, mlp_file: Path, digits: Digits, tmp_path: Path) -> None:
    assert convert(mlp_file, "--trust", "-c", digits.calibration, "-t", "edgetpu", "--no-identity").code == 0
    graph = read_model(tmp_path / "out.tflite")
    assert {graph.output(op).dtype.label for op in graph.ops} == {"int8"}
