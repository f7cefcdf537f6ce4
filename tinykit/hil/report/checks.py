"""What a report passed, failed and skipped, as a list that several forms show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tinykit.hil.report.model import Report


@dataclass(frozen=True)
class Check:
    name: str
    status: Literal["pass", "fail", "skip"]
    text: str


def checks_of(report: Report) -> tuple[Check, ...]:
    """Identity, accuracy, and the comparison with a baseline."""
    return (_identity(report), _accuracy(report), _baseline(report))


def _identity(report: Report) -> Check:
    a = report.accuracy
    if a.identical is None:
        return Check("identity", "skip", "outputs were not compared with a reference")
    text = f"{a.identical} of {a.n} outputs identical to {a.reference}"
    if a.tolerance:
        text += f" (within {a.tolerance:g} relative)"
    return Check("identity", "fail" if a.mismatches else "pass", text)


def _accuracy(report: Report) -> Check:
    a = report.accuracy
    if a.metric is None or a.device is None:
        status: Literal["fail", "skip"] = "skip" if a.required is None else "fail"
        return Check("accuracy", status, "no labels that fit the model's output")
    host = "" if a.host is None else f", host {a.host:.4g}"
    ties = f", ties: {a.ties}" if a.ties else ""
    least = "" if a.required is None else f"; required: {a.required:g}"
    text = f"{a.metric} {a.device:.4g} on the device{host}; {a.n} samples of {a.data}{ties}{least}"
    return Check("accuracy", "fail" if a.required is not None and not a.device >= a.required else "pass", text)


def _baseline(report: Report) -> Check:
    if report.baseline is None:
        return Check("baseline", "skip", "no baseline was given")
    worse = report.baseline["regressions"]
    limit = f"no figure more than {report.baseline['max_regress']:.3g} % worse than {report.baseline['file']}"
    return Check("baseline", "fail" if worse else "pass", "; ".join(worse) or limit)
