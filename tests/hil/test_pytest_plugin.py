"""The fixture ``tinykit_board`` in somebody else's test suite."""

from __future__ import annotations

import shutil

import pytest

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
