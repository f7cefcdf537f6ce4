"""The fixture ``tinykit_board`` in somebody else's test suite."""

from __future__ import annotations

import fnmatch
import os
import shutil
import tty

import pytest

from support.slow import rest_slow
from tinykit.firmware import Image
from tinykit.process import ChildProcess

from .conftest import DIGITS, DIGITS_DATA

pytest_plugins = ["pytester"]

MODEL = ("--tinykit-model", str(DIGITS))
DATA = ("--tinykit-data", str(DIGITS_DATA), "--tinykit-limit", "30")
BOARD_FILE = DIGITS.parents[2] / "boards" / "native.toml"


@pytest.fixture
def suite(pytester: pytest.Pytester, native_image: object) -> pytest.Pytester:
    """An empty project; skips where nothing can be built."""
    return pytester


def run(suite: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    suite.makepyfile("import numpy as np\nimport pytest\n" + source)
    # in a process of its own: tflite-micro cannot be imported twice into one
    return suite.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-rs", *options)


@pytest.mark.slow
def test_tests_pass_and_fail_on_what_the_board_answers(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
def test_a_digit(tinykit_board):
    scores = tinykit_board.infer(tinykit_board.data.sample(0)[0])
    assert (scores.shape, scores.dtype) == ((1, 10), np.int8)
    assert scores.argmax() == tinykit_board.data.labels[0]

def test_floats_are_quantized(tinykit_board):
    (sample,) = tinykit_board.data.sample(0)
    quant = tinykit_board.graph.tensor(tinykit_board.graph.inputs[0]).quant
    real = (sample.astype(float) - quant.zero_point) * quant.scale
    assert (tinykit_board.infer(real) == tinykit_board.infer(sample)).all()

def test_report(tinykit_board):
    assert tinykit_board.report().accuracy.identical == tinykit_board.data.size == 30
    assert tinykit_board.report() is tinykit_board.report()

def test_latency_and_info(tinykit_board):
    assert 0 < tinykit_board.measure_latency(n=5) <= 1e6
    assert tinykit_board.measure_latency(n=5, percent=100) > 0
    assert (tinykit_board.name, tinykit_board.info.model_name) == ("native", "digits")

@pytest.mark.parametrize("inputs", [0, 2])
def test_number_of_inputs(tinykit_board, inputs):
    from tinykit.errors import InputError
    with pytest.raises(InputError, match="inputs given, the model has 1"):
        tinykit_board.infer(*tinykit_board.data.sample(0) * inputs)

def test_of_the_wrong_type(tinykit_board):
    tinykit_board.infer(np.zeros((1, 8, 8, 1), np.int32))

def test_that_is_wrong(tinykit_board):
    assert tinykit_board.infer(*tinykit_board.data.sample(0)).max() > 127
""",
        *MODEL,
        *DATA,
    )
    result.assert_outcomes(passed=6, failed=2)
    result.stdout.fnmatch_lines(["*the model needs int8 of shape*", "*assert * > 127*"])


@pytest.mark.slow
def test_one_run_for_each_board(suite: pytest.Pytester) -> None:
    """A board by name and one by its file: each is built and started once, and all of its tests come together."""
    shutil.copy(BOARD_FILE, suite.path / "mine.toml")
    text = (suite.path / "mine.toml").read_text().replace('name = "native"', 'name = "mine"')
    (suite.path / "mine.toml").write_text(text)
    result = run(
        suite,
        """
seen = []

def test_one(tinykit_board):
    seen.append(tinykit_board)

def test_two(tinykit_board):
    seen.append(tinykit_board)
    assert seen[-1] is seen[-2]
""",
        *MODEL,
        "--tinykit-board=native",
        "--tinykit-board=mine.toml",
        "-v",
    )
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*test_one?native? PASSED*", "*test_two?native? PASSED*", "*test_one?mine.toml?*"])


USES_BOARD = "def test_it(tinykit_board):\n    pass\n"


@pytest.mark.slow
def test_skips_without_a_model(pytester: pytest.Pytester) -> None:
    result = run(pytester, USES_BOARD + "def test_other():\n    pass\n")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*no model given: use --tinykit-model FILE"])


@pytest.mark.slow
def test_skips_without_the_tools(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    result = run(pytester, USES_BOARD, *MODEL, "--tinykit-board=qemu-mps2-an386")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED* not found*"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--tinykit-model", "none.tflite"), "*none.tflite: no such model file*"),
        ((*MODEL, "--tinykit-board=nativ"), "*unknown board 'nativ'*"),
    ],
)
def test_mistakes_are_told_without_a_traceback(pytester: pytest.Pytester, options: tuple[str, ...], words: str) -> None:
    result = run(pytester, USES_BOARD, *options)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words, "*try: *"])
    result.stdout.no_fnmatch_line("*hil/pytest_plugin.py*")


def test_costs_nothing_where_it_is_not_used(pytester: pytest.Pytester) -> None:
    """The plugin is loaded into every pytest session of whoever installed tinykit."""
    source = """
import sys

def test_it():
    ours = {name for name in sys.modules if name.startswith("tinykit")}
    assert ours == {"tinykit", "tinykit.hil", "tinykit.hil.pytest_plugin"}
"""
    pytester.makepyfile(source)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


BENCH = """
[[place]]
name = "desk"
board = "native"
tags = ["fast"]

[[place]]
name = "shelf"
board = "native"
"""


@pytest.mark.slow
def test_places_of_a_bench_are_parameters(pytester: pytest.Pytester) -> None:
    """Collected by name; those that a marker does not name are left out."""
    (pytester.path / "bench.toml").write_text(BENCH)
    source = """
@pytest.mark.tinykit(board="fast")
def test_fast(tinykit_board):
    pass

def test_all(tinykit_board):
    pass

@pytest.mark.tinykit(board=["esp32", "pico"])
def test_elsewhere(tinykit_board):
    pass
"""
    result = run(pytester, source, "--tinykit-bench=bench.toml", "--collect-only", "-q")
    lines = [line.split("::")[1] for line in result.outlines if "::" in line]
    assert lines == ["test_fast[desk]", "test_all[desk]", "test_all[shelf]", "test_elsewhere[none]"]
    result = run(pytester, source, "--tinykit-bench=bench.toml", "--tinykit-tags=shelf", "--collect-only", "-q")
    lines = [line.split("::")[1] for line in result.outlines if "::" in line]
    assert sorted(lines) == ["test_all[shelf]", "test_elsewhere[none]", "test_fast[none]"]
    result = run(pytester, source, "--tinykit-bench=bench.toml", "-k", "elsewhere")
    result.stdout.fnmatch_lines(["SKIPPED*it is for esp32 or pico; tested are desk, shelf"])


@pytest.mark.parametrize(
    ("options", "words"),
    rest_slow(
        [
            (("--tinykit-bench=gone.toml",), "*gone.toml: no such bench file*"),
            (("--tinykit-bench=bench.toml", "--tinykit-tags=m4"), "*no place has 'm4'*"),
            (("--tinykit-bench=bench.toml", "--tinykit-board=native"), "*give one of them*"),
            (("--tinykit-tags=m4",), "*give --tinykit-bench FILE*"),
        ],
        several=True,
    ),
)
def test_a_bench_that_is_wrong_is_told(pytester: pytest.Pytester, options: tuple[str, ...], words: str) -> None:
    (pytester.path / "bench.toml").write_text(BENCH)
    result = run(pytester, USES_BOARD, *options)
    assert result.ret != 0
    assert any(fnmatch.fnmatch(line, words) for line in [*result.outlines, *result.errlines])


@pytest.mark.slow
def test_a_marker_that_is_wrong_is_told(pytester: pytest.Pytester) -> None:
    result = run(pytester, "@pytest.mark.tinykit(latency=5)\n" + USES_BOARD)
    result.stdout.fnmatch_lines(["*the marker tinykit takes board=, max_latency=, min_accuracy= only*"])
    result = run(pytester, "@pytest.mark.tinykit(max_latency=5)\ndef test_it():\n    pass\n", "--strict-markers")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*max_latency of the marker tinykit needs the fixture tinykit_board*"])


@pytest.mark.slow
def test_limits_of_the_marker_hold_and_artifacts_are_kept(suite: pytest.Pytester) -> None:
    (suite.path / "bench.toml").write_text(BENCH)
    result = run(
        suite,
        """
@pytest.mark.tinykit(max_latency=1e6, min_accuracy=0.5)
def test_good(tinykit_board):
    pass

@pytest.mark.tinykit(max_latency=0.001)
def test_slow(tinykit_board):
    pass

@pytest.mark.tinykit(min_accuracy=1.0)
def test_bad(tinykit_board):
    pass
""",
        *MODEL,
        *("--tinykit-data", str(DIGITS_DATA), "--tinykit-limit", "150"),
        *("--tinykit-bench=bench.toml", "--tinykit-tags=fast", "--tinykit-artifacts=kept"),
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*latency p99 * us is above 0.001 us*", "*log, report and firmware: kept/*test_slow*"])
    result.stdout.fnmatch_lines(["*accuracy (top1) 0.9* on the device is below the required 1*"])
    (folder,) = (suite.path / "kept").glob("*test_slow*")
    assert (folder / "report.json").is_file()
    assert (folder / "firmware" / "manifest.json").is_file()
    assert "from the board" in (folder / "desk.log").read_text()
    assert not [path for path in (suite.path / "kept").iterdir() if "test_good" in path.name]


HELD = """
import threading, time

@pytest.mark.parametrize("n", range(3))
def test_alone(tinykit_board, n):
    time.sleep(0.2)
    tinykit_board.infer(*tinykit_board.data.sample(n))
"""


@pytest.mark.slow
@pytest.mark.parametrize("distribution", ["load", "loadgroup"])
def test_workers_of_xdist_take_turns_at_a_port(suite: pytest.Pytester, distribution: str, native_image: Image) -> None:
    """One board on one port, two workers. The board is simulated: the firmware on a pseudo-terminal.

    It is built by each worker, reproducibly: what runs already is the build that they expect.
    """
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    child = ChildProcess([str(native_image.elf)], stdio=ours)
    place = f'[[place]]\nname = "desk"\nboard = "native"\nport = "{os.ttyname(theirs)}"\n'
    (suite.path / "bench.toml").write_text(place)
    suite.makepyfile("import numpy as np\nimport pytest\n" + HELD)
    try:
        result = suite.runpytest_subprocess(
            "-p", "no:cacheprovider", "-n2", f"--dist={distribution}", *MODEL, *DATA, "--tinykit-bench=bench.toml"
        )
    finally:
        child.stop()
        os.close(ours)
        os.close(theirs)
    result.assert_outcomes(passed=3)
