"""`tinykit edgetpu`: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.tflite_builder import ModelBuilder

from .conftest import DIGITS, DIGITS_DATA, Tinykit

Q = {"scale": 0.1, "zero_point": 0}


def model(path: Path, *kinds: str, dtype: str = "int8", version: int = 1) -> Path:
    """A chain of operators on values of one shape."""
    m = ModelBuilder()
    quant = Q if dtype == "int8" else {}
    last = m.input((1, 8), dtype, **quant)
    for kind in kinds:
        following = m.tensor((1, 8), dtype, **quant)
        m.op(kind, [last], [following], version=version)
        last = following
    m.outputs.append(last)
    path.write_bytes(m.build())
    return path


def test_json(tinykit: Tinykit) -> None:
    done = tinykit("edgetpu", "check", DIGITS, "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert [op["edgetpu"] for op in found["ops"]] == [True] * 9
    assert found["parameter_bytes"] > 0


def test_a_limit_on_what_stays(tinykit: Tinykit, tmp_path: Path) -> None:
    path = model(tmp_path / "m.tflite", "TANH", "HARD_SWISH", "LOGISTIC")
    assert tinykit("edgetpu", "check", path).code == 0
    assert tinykit("edgetpu", "check", path, "--max-host", 2).code == 0
    done = tinykit("edgetpu", "check", path, "--max-host", 1)
    assert done.code == 1
    assert "2 operators stay on the host, more than 1" in done.err
    assert "1 HARD_SWISH" in done.out
    assert tinykit("edgetpu", "check", path, "--max-host", 1, "--multi").code == 0
    assert tinykit("edgetpu", "check", path, "--max-host", -1).code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kinds": ("GELU",)}, "would refuse the file"),
        ({"kinds": ("TANH",), "version": 9}, "version '9'"),
        ({"kinds": ("TANH",), "dtype": "float32"}, "Model not quantized"),
        ({"kinds": ("HARD_SWISH",)}, "nothing of the model would run"),
    ],
)
def test_what_cannot_be_compiled_is_a_failed_check(
    tinykit: Tinykit, tmp_path: Path, arguments: dict[str, object], words: str
) -> None:
    options = dict(arguments)
    kinds = options.pop("kinds")
    assert isinstance(kinds, tuple)
    path = model(tmp_path / "m.tflite", *kinds, **options)  # type: ignore[arg-type]
    done = tinykit("edgetpu", "check", path, "--json")
    assert done.code == 1
    assert words in done.err
    assert json.loads(done.out)["mapped"] == 0


def test_wrong_input(tinykit: Tinykit, tmp_path: Path) -> None:
    assert tinykit("edgetpu", "check", "nothing.tflite").code == 2
    assert tinykit("edgetpu", "check", DIGITS_DATA).code == 2
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(DIGITS.read_bytes()[:3000])
    assert tinykit("edgetpu", "check", broken).code == 2
    assert tinykit("edgetpu", "check", DIGITS, "--html", tmp_path / "tmp").code == 2


def test_the_page(tinykit: Tinykit, tmp_path: Path) -> None:
    done = tinykit("edgetpu", "check", DIGITS, "--html", "new/page.html")
    assert done.code == 0
    assert "<svg" in (tmp_path / "new" / "page.html").read_text()
