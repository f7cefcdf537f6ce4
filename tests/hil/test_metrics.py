"""Metrics and comparison where outputs can be chosen: RELU's output is its input, and zero below it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.errors import ToolMissing
from tinykit.firmware.from_model import build_model
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset
from tinykit.hil.measure import measure
from tinykit.hil.reference import Reference
from tinykit.hil.report import Accuracy
from tinykit.hil.session import Session

SCALE = 0.5


@dataclass(frozen=True)
class Relu:
    """RELU on rows of numbers, running."""

    graph: Graph
    session: Session

    def test(
        self, rows: list[list[float]], labels: np.ndarray | None = None, host: np.ndarray | None = None
    ) -> Accuracy:
        tensor = self.graph.tensor(self.graph.inputs[0])
        x = np.array(rows, tensor.dtype.numpy).reshape(-1, *tensor.shape)
        data = Dataset((x,), labels, "rows", "of a file")
        reference = None if host is None else Reference("chosen", (host.reshape(x.shape),))
        return measure(self.session, self.graph, data, reference).accuracy


@pytest.fixture(scope="module")
def relus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Relu]]:
    """ "int8": of 3 numbers; "wide": of 65; "float32": of 3."""
    with ExitStack() as stack:
        found = {}
        for name, width in (("int8", 3), ("wide", 65), ("float32", 3)):
            dtype = "float32" if name == "float32" else "int8"
            quant = {} if dtype == "float32" else {"scale": SCALE, "zero_point": 0}
            model = ModelBuilder()
            model.op("RELU", [model.input((1, width), dtype, **quant)], [model.output((1, width), dtype, **quant)])
            path: Path = tmp_path_factory.mktemp(name) / "relu.tflite"
            path.write_bytes(model.build())
            try:
                image = build_model(path, load_board("native"), path.parent / "firmware")
            except ToolMissing as error:
                pytest.skip(str(error))
            found[name] = Relu(read_model(path), stack.enter_context(Session(image.board, image)))
        yield found


@pytest.mark.slow
def test_ties_count_for_the_label(relus: dict[str, Relu]) -> None:
    rows = [[5, 5, 1], [5, 5, 1], [5, 5, 1], [1, 2, 3]]
    accuracy = relus["int8"].test(rows, np.array([0, 1, 2, 2]))
    assert accuracy.device == 0.75
    assert accuracy.ties == 3
    # the wrong one counts as the first of the largest
    assert accuracy.confusion == ((1, 0, 0), (0, 1, 0), (1, 0, 1))


def test_host_has_its_own_accuracy(relus: dict[str, Relu]) -> None:
    host = np.array([[9, 0, 0], [9, 0, 0]], np.int8)
    accuracy = relus["int8"].test([[9, 0, 0], [0, 9, 0]], np.array([0, 1]), host)
    assert (accuracy.device, accuracy.host, accuracy.mismatches) == (1.0, 0.5, 1)


def test_many_classes_have_no_confusion_matrix(relus: dict[str, Relu]) -> None:
    accuracy = relus["wide"].test(np.eye(65).tolist(), np.arange(65))
    assert accuracy.device == 1.0
    assert accuracy.confusion is None


def test_mean_squared_error_is_of_real_values(relus: dict[str, Relu]) -> None:
    accuracy = relus["int8"].test([[-4, 0, 7], [-2, -2, 100]])
    assert accuracy.metric == "mse"
    assert accuracy.device == pytest.approx(SCALE**2 * (16 + 4 + 4) / 6)
    assert accuracy.confusion is accuracy.ties is None


def test_area_under_the_curve_is_of_the_squared_errors(relus: dict[str, Relu]) -> None:
    # errors of RELU: 0, 16, 4, 4 and 1; the anomalies are above 3, 2.5 (one is equal) of three others
    rows = [[1, 2, 3], [0, -4, 0], [-2, 0, 0], [0, 0, -2], [-1, 5, 5]]
    accuracy = relus["int8"].test(rows, np.array([False, True, True, False, False]))
    assert accuracy.metric == "auc"
    assert accuracy.device == pytest.approx((3 + 2.5) / 6)
    assert accuracy.confusion is accuracy.ties is None


@pytest.mark.parametrize("labels", [[True, True], [False, False]])
def test_area_under_the_curve_needs_both_kinds(relus: dict[str, Relu], labels: list[bool]) -> None:
    assert relus["int8"].test([[1, 2, 3], [-1, 0, 0]], np.array(labels)).metric is None


def test_area_under_the_curve_of_what_is_no_number_is_none(relus: dict[str, Relu]) -> None:
    accuracy = relus["float32"].test([[1, np.nan, 3], [-1, 0, 0]], np.array([True, False]))
    assert (accuracy.metric, accuracy.device) == ("auc", None)


@pytest.mark.parametrize(
    ("device", "host", "same"),
    [
        (1000.0, 1000.009, True),
        (1000.0, 1000.011, False),
        (0.0, 9e-6, True),
        (0.0, 1.1e-5, False),
        (np.inf, np.inf, True),
        (1.0, np.inf, False),
        (np.inf, 1.0, False),
        (1.0, np.nan, False),
    ],
)
def test_floats_within_the_tolerance_are_identical(
    relus: dict[str, Relu], device: float, host: float, same: bool
) -> None:
    accuracy = relus["float32"].test([[1, device, 2]], host=np.array([[1, host, 2]], np.float32))
    assert accuracy.tolerance == 1e-5
    assert accuracy.mismatches == (0 if same else 1)
    assert [e.element for e in accuracy.examples] == ([] if same else [1])
