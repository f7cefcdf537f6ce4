"""A least accuracy: below it, a test fails."""

from __future__ import annotations

from dataclasses import replace

from tinykit.errors import InputError
from tinykit.hil.dataset import Dataset
from tinykit.hil.report import Report


def check_labels(data: Dataset, minimum: float | None) -> None:
    """Refuse, before any work, a demand that the data cannot answer.

    Raises:
        InputError: an accuracy is demanded of samples without labels.
    """
    if minimum is not None and data.labels is None:
        raise InputError(
            f"--min-accuracy {minimum:g} needs labels",
            where=data.name,
            why="without them there is no accuracy to hold to it",
            hint="give --data a file with x (samples) and y (labels)",
        )


def require_accuracy(report: Report, minimum: float) -> Report:
    """The report, failed where the device's accuracy is below ``minimum`` (a share, 0 to 1) or cannot be told."""
    accuracy = replace(report.accuracy, required=minimum)
    failures = report.failures
    if accuracy.device is None:
        failures = (*failures, f"no accuracy to hold to the required {minimum:g}: {_lack(report)}")
    elif not accuracy.device >= minimum:
        failures = (
            *failures,
            f"accuracy ({accuracy.metric}) {accuracy.device:.4g} on the device is below the required {minimum:g}",
        )
    return replace(report, accuracy=accuracy, failures=failures)


def _lack(report: Report) -> str:
    if report.accuracy.metric == "auc":
        return "outputs of the model are no numbers"
    return "the model has one output element, or the labels of anomalies are all alike"
