"""What is measured on this computer, against what is known of the model and the data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from support.oracle import run_oracle
from tinykit.firmware import Image
from tinykit.graph.types import Graph
from tinykit.hil.dataset import generated_dataset, load_dataset
from tinykit.hil.measure import measure
from tinykit.hil.reference import Reference, run_reference
from tinykit.hil.report import Report
from tinykit.hil.session import Session

from .conftest import DIGITS, DIGITS_DATA


@pytest.fixture(scope="module")
def session(native_image: Image) -> Iterator[Session]:
    with Session(native_image.board, native_image) as session:
        yield session


@pytest.fixture(scope="module")
def oracle() -> np.ndarray:
    """Scores of the first 100 samples, shape (100, 10)."""
    x = np.load(DIGITS_DATA)["x"][:100].reshape(-1, 1, 8, 8, 1)
    return run_oracle(DIGITS.read_bytes(), [x]).outputs[0].reshape(100, 10)


def test_accuracy(native_report: Report, oracle: np.ndarray) -> None:
    labels = np.load(DIGITS_DATA)["y"][:100]
    accuracy = native_report.accuracy
    assert accuracy.metric == "top1"
    assert accuracy.device == accuracy.host == np.mean(oracle[np.arange(100), labels] == oracle.max(axis=1))
    assert (accuracy.n, accuracy.identical, accuracy.mismatches, accuracy.examples) == (100, 100, 0, ())
    assert accuracy.tolerance == 0
    table = np.array(accuracy.confusion)
    assert (table.sum(axis=1) == np.bincount(labels, minlength=10)).all()
    assert np.trace(table) == round(100 * accuracy.device)


def test_model_and_build(native_report: Report, native_image: Image, digits: Graph) -> None:
    assert native_report.model.sha256 == digits.sha256
    assert native_report.model.file_bytes == DIGITS.stat().st_size
    # by hand: stem 8x8x12 of 3x3, depthwise 3x3, pointwise to 24, 4x4 of 3x3x24 to 24, 96 to 10
    assert native_report.model.macs == sum(layer.macs for layer in native_report.latency.layers) == 116_160
    assert native_report.build.id == native_image.build_id
    assert native_report.result == "pass"
    assert native_report.notes == ()


def test_latency(native_report: Report) -> None:
    latency = native_report.latency
    assert (latency.unit, latency.n) == ("us", 100)
    assert latency.min <= latency.p50 <= latency.p95 <= latency.p99 <= latency.max
    assert 1 < latency.p50 < 1e5
    assert sum(layer.value for layer in latency.layers) < 100 * latency.p50
    assert all(layer.value >= 0 for layer in latency.layers)
    assert 0 <= latency.jitter <= latency.max - latency.min
    assert 0 <= latency.layer_overhead < latency.p50
    assert sum(layer.share for layer in latency.layers) == pytest.approx(1)


def test_link(native_report: Report) -> None:
    # a write, a run and a read for each sample at least
    assert native_report.link.requests >= 300
    assert native_report.link.crc_errors == 0  # retries: a busy machine may answer late


def test_few_samples_are_timed_more_often(session: Session, digits: Graph) -> None:
    report = measure(session, digits, load_dataset(DIGITS_DATA, digits, limit=3), None)
    assert (report.latency.n, report.accuracy.n) == (20, 3)


def test_noise_has_no_accuracy(session: Session, digits: Graph) -> None:
    data = generated_dataset(digits, 4)
    report = measure(session, digits, data, run_reference(DIGITS, data))
    accuracy = report.accuracy
    assert accuracy.metric is accuracy.device is accuracy.host is accuracy.ties is accuracy.confusion is None
    assert accuracy.identical == 4
    assert accuracy.data == "generated noise"
    assert any("no data was given" in note for note in report.notes)


def test_without_reference(session: Session, digits: Graph) -> None:
    report = measure(session, digits, load_dataset(DIGITS_DATA, digits, limit=20), None)
    accuracy = report.accuracy
    assert accuracy.identical is accuracy.mismatches is accuracy.reference is accuracy.host is None
    assert accuracy.device is not None
    assert report.result == "pass"
    assert any("not compared" in note for note in report.notes)


def test_differences_are_found(session: Session, digits: Graph, oracle: np.ndarray) -> None:
    outputs = oracle[:20].reshape(20, 1, 10).copy()
    outputs[3, 0, 4] += 1
    outputs[7] ^= 1
    report = measure(session, digits, load_dataset(DIGITS_DATA, digits, limit=20), Reference("altered", (outputs,)))
    accuracy = report.accuracy
    assert (accuracy.identical, accuracy.mismatches) == (18, 2)
    assert len(accuracy.examples) == 8
    first = accuracy.examples[0]
    assert (first.sample, first.output, first.element) == (3, 0, 4)
    assert (first.device, first.host) == (oracle[3, 4], oracle[3, 4] + 1)
    assert [e.element for e in accuracy.examples[1:]] == list(range(7))
    assert report.result == "fail"
    (failure,) = report.failures
    assert failure.startswith("2 of 20 outputs differ from altered, first in sample 3: element 4 is")


def test_progress_is_told(session: Session, digits: Graph) -> None:
    told: list[tuple[str, int, int]] = []
    measure(session, digits, generated_dataset(digits, 3), None, lambda *step: told.append(step))
    assert told == [("running on native", done, 3) for done in (1, 2, 3)]
