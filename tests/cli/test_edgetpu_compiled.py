"""edgetpu inspect and edgetpu compile, as a user runs them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from support.edgetpu_builder import small
from support.edgetpu_compiler_double import Plan, install

from .conftest import DIGITS, Tinykit

ERROR = "error: "


def test_inspect(tmp_path: Path, tinykit: Tinykit) -> None:
    (tmp_path / "a_edgetpu.tflite").write_bytes(small(token=7))
    (tmp_path / "b_edgetpu.tflite").write_bytes(small(token=7, min_runtime=13))
    done = tinykit("edgetpu", "inspect", "a_edgetpu.tflite", "b_edgetpu.tflite", "--runtime", "13")
    assert done.code == 0
    words = " ".join(done.out.split())
    assert "needs runtime 14 or newer; compiler cl/1234" in words
    assert words.count("warning: needs runtime 14, and --runtime is 13") == 1
    assert "192 bytes cached on the chip, 48 streamed each time" in words
    assert "compiled together (0x0000000000000007): 384 bytes" in words
    assert max(map(len, done.out.splitlines())) <= 80


def test_inspect_as_json(tmp_path: Path, tinykit: Tinykit) -> None:
    (tmp_path / "a.tflite").write_bytes(small())
    done = tinykit("edgetpu", "inspect", "a.tflite", "--json")
    value = json.loads(done.out)
    assert (done.code, value["models"][0]["cached_bytes"], value["models"][0]["min_runtime"]) == (0, 192, 14)


def test_hostile_names_do_not_reach_the_terminal(tmp_path: Path, tinykit: Tinykit) -> None:
    (tmp_path / "a.tflite").write_bytes(small(names=("in", "out"), compiler="cl/\x1b[2J[bold]"))
    done = tinykit("edgetpu", "inspect", "a.tflite")
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "cl/?[2J[bold]" in done.out


@pytest.mark.parametrize("size", [0, 4, 700, 1500])
def test_inspect_of_what_is_cut_off(size: int, tmp_path: Path, tinykit: Tinykit) -> None:
    (tmp_path / "a.tflite").write_bytes(small()[:size])
    done = tinykit("edgetpu", "inspect", "a.tflite")
    assert done.code == 2
    assert done.err.startswith(ERROR)


ENDS = ("image", "probabilities")
"""Of the digits model."""


def test_inspect_of_what_was_not_compiled(tinykit: Tinykit) -> None:
    done = tinykit("edgetpu", "inspect", DIGITS)
    assert done.code == 2
    assert "not compiled for the Edge TPU" in done.err


def test_compile_without_a_compiler(tmp_path: Path, tinykit: Tinykit) -> None:
    done = tinykit("edgetpu", "compile", DIGITS, environment={"PATH": str(tmp_path)})
    assert done.code == 3
    assert "edgetpu_compiler is not installed" in done.err
    assert "coral.ai" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tmp"]


def test_compile(tmp_path: Path, tinykit: Tinykit) -> None:
    """With a test double: what it brings has the model's ends only, so the prediction does not hold."""
    shutil.copy(DIGITS, tmp_path / "net.tflite")
    log = "Edge TPU Compiler version 16.0\nModel compiled successfully in 5 ms.\nOutput model: net_edgetpu.tflite\n"
    install(tmp_path / "bin", Plan(prints=log, files={"net_edgetpu.tflite": small(names=ENDS)}))
    environment = {"PATH": os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]])}
    done = tinykit("edgetpu", "compile", "net.tflite", "-o", "made", environment=environment)
    assert done.code == 0, done.err
    assert "compiled by edgetpu_compiler 16.0 in 5 ms" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    as_json = tinykit("edgetpu", "compile", "net.tflite", "-o", "made", "--json", environment=environment)
    value = json.loads(as_json.out)
    assert value["outputs"] == [
        {"path": str(Path("made") / "net_edgetpu.tflite"), "model": "net.tflite", "segment": None}
    ]
    assert value["comparisons"]["net.tflite"]["as_predicted"] in (True, False)
    assert value["inspection"]["models"][0]["cached_bytes"] == 192


def test_options_that_contradict_each_other(tinykit: Tinykit) -> None:
    done = tinykit("edgetpu", "compile", DIGITS, "-k", "5")
    assert done.code == 2
    assert "--delegate-search-step needs --search-delegate" in done.err
