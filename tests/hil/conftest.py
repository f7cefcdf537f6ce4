"""The digits model on this computer: built once, measured once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.firmware import Image
from tinykit.firmware.from_model import build_model
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import load_dataset
from tinykit.hil.measure import measure
from tinykit.hil.reference import run_reference
from tinykit.hil.report import Report
from tinykit.hil.session import Session

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "models" / "digits" / "digits.tflite"
DIGITS_DATA = ROOT / "models" / "digits" / "digits_test.npz"


@pytest.fixture(scope="session")
def digits() -> Graph:
    return read_model(DIGITS)


@pytest.fixture(scope="session")
def native_image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The digits model built for this computer."""
    if shutil.which("cc") is None or shutil.which("make") is None:
        pytest.skip("cc or make is not installed")
    return build_model(DIGITS, load_board("native"), tmp_path_factory.mktemp("digits") / "firmware")


@pytest.fixture(scope="session")
def native_report(native_image: Image, digits: Graph) -> Report:
    """What a run of 100 samples found."""
    data = load_dataset(DIGITS_DATA, digits, limit=100)
    with Session(native_image.board, native_image) as session:
        return measure(session, digits, data, run_reference(DIGITS, data))
