"""Both fuzzers for a short time, and all that they found once."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fuzz.corpus import write_corpus
from proof.case import Case
from proof.prove import Drawn, Tally, judge
from support.check import random_inputs
from support.tflite_builder import ModelBuilder
from tinykit.compiler import compile_graph
from tinykit.compiler.emit import render_model
from tinykit.errors import TinykitError
from tinykit.graph.reader import parse_model

FINDINGS = sorted((Path(__file__).parent / "findings").glob("*.tflite"))
SECONDS = 25


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    tests = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (tests, os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=SECONDS + 200,
        check=False,
    )


@pytest.mark.slow
def test_reader_and_compiler(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("the Python package atheris is not installed")
    models = write_corpus(tmp_path / "corpus")
    done = run("fuzz.compiler", str(tmp_path / "corpus"), f"--seconds={SECONDS}", f"--findings={tmp_path}")
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"files: {models}" in done.stderr, "it begins with the corpus"


@pytest.mark.slow
def test_graphs(tmp_path: Path) -> None:
    done = run("fuzz.differential", f"--seconds={SECONDS}", f"--findings={tmp_path}")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "identical or within the tolerance" in done.stdout


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_what_was_found_once(path: Path) -> None:
    """Compiled, or refused, in time; then as TFLite-Micro does it, where that runs the model."""
    begun = time.monotonic()
    data = path.read_bytes()
    try:
        render_model(compile_graph(parse_model(data, name="model", where="model")))
    except TinykitError:
        return
    finally:
        assert time.monotonic() - begun < 10
    tally = Tally()
    inputs = random_inputs(data, 3, np.random.default_rng(0))
    judge([(Drawn(0, Case(ModelBuilder(), rtol=1e-3, atol=1e-3), data, inputs), tally)], strict=False)
    assert not tally.failures, tally.failures[0]
