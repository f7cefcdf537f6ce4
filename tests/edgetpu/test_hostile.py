"""Damaged and invented files: an error of ours or a result, never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tinykit.edgetpu.check import check_bytes
from tinykit.edgetpu.report.html import render_html
from tinykit.edgetpu.report.json import to_json
from tinykit.errors import TinykitError

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits" / "digits.tflite"


def outcome(data: bytes) -> str:
    try:
        result = check_bytes(data, name="m", where="m")
    except TinykitError:
        return "error"
    to_json(result)
    render_html(result)
    return "result"


def test_truncated() -> None:
    data = DIGITS.read_bytes()
    for end in range(0, len(data), max(1, len(data) // 150)):
        outcome(data[:end])


@pytest.mark.parametrize("seed", range(8))
def test_mutated(seed: int) -> None:
    data, rng = DIGITS.read_bytes(), random.Random(seed)
    seen = set()
    for _ in range(120):
        broken = bytearray(data)
        for _ in range(rng.randint(1, 6)):
            # tables come last in such files: places there break more than those of weights
            broken[rng.randrange(len(broken) // 3, len(broken))] = rng.choice([0, 1, 2, 7, 127, 128, 255])
        seen.add(outcome(bytes(broken)))
    assert seen == {"error", "result"}
