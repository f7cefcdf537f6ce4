"""A demanded accuracy fails a test that does not reach it, and is refused where there is none to measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tinykit.errors import InputError
from tinykit.hil.report import Report
from tinykit.hil.report.checks import checks_of
from tinykit.hil.requirement import require_accuracy
from tinykit.hil.run import RunOptions, run_model
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"


def with_accuracy(report: Report, device: float | None) -> Report:
    return replace(report, accuracy=replace(report.accuracy, metric="top1", device=device), failures=())


@pytest.mark.parametrize(
    ("device", "result"), [(0.9, "pass"), (0.95, "pass"), (0.8999, "fail"), (float("nan"), "fail")]
)
def test_the_limit(native_report: Report, device: float, result: str) -> None:
    report = require_accuracy(with_accuracy(native_report, device), 0.9)
    assert report.result == result
    check = checks_of(report)[1]
    assert (check.name, check.status) == ("accuracy", result)
    assert "required: 0.9" in check.text


def test_other_failures_stay(native_report: Report) -> None:
    report = replace(with_accuracy(native_report, 0.5), failures=("outputs differ",))
    failures = require_accuracy(report, 0.9).failures
    assert failures == ("outputs differ", "accuracy (top1) 0.5 on the device is below the required 0.9")


def test_a_model_without_classes_cannot_pass(native_report: Report) -> None:
    report = require_accuracy(with_accuracy(native_report, None), 0.9)
    assert report.result == "fail"
    assert checks_of(report)[1].status == "fail"


def test_a_figure_that_is_no_number_cannot_pass(native_report: Report) -> None:
    report = with_accuracy(native_report, None)
    report = require_accuracy(replace(report, accuracy=replace(report.accuracy, metric="auc")), 0.9)
    assert report.failures == ("no accuracy to hold to the required 0.9: outputs of the model are no numbers",)


def test_samples_without_labels_are_refused_before_the_build(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs labels"):
        run_model(DIGITS, "native", RunOptions(limit=2, min_accuracy=0.5), out_dir=tmp_path / "out")
    assert not (tmp_path / "out" / "firmware").exists()
