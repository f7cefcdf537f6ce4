"""pytest plugin: a user's own tests on a board, real or emulated.

    pytest --tinykit-model model.tflite --tinykit-board qemu-mps2-an386 --tinykit-board native

    def test_silence_is_silence(tinykit_board):
        assert tinykit_board.infer(np.zeros((1, 49, 10, 1), np.int8)).argmax() == 0

Without ``--tinykit-model`` tests that use the fixture are skipped. The library is imported by the fixture only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tinykit.hil.bench_board import BenchBoard


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tinykit", "models on boards")
    group.addoption("--tinykit-model", metavar="FILE", help="the .tflite model to test")
    group.addoption(
        "--tinykit-board",
        action="append",
        metavar="BOARD",
        help="a board to test it on; several give one run of each test per board (default: native)",
    )
    group.addoption("--tinykit-data", metavar="FILE", help=".npz file with samples x and labels y")
    group.addoption("--tinykit-limit", type=int, metavar="N", help="use the first N samples only")
    group.addoption("--tinykit-port", metavar="PORT", help="serial port of the board, instead of its emulator")
    group.addoption("--tinykit-min-accuracy", type=float, metavar="X", help="least accuracy on the device")
    group.addoption("--tinykit-max-latency", type=float, metavar="X", help="largest p99 latency, in the board's unit")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tinykit_board" in metafunc.fixturenames:
        boards = metafunc.config.getoption("--tinykit-board") or ["native"]
        metafunc.parametrize("tinykit_board", boards, indirect=True, scope="session")


@pytest.fixture(scope="session")
def tinykit_board(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchBoard]:
    """A board that runs the model: built, started and connected once per session and board.

    Gives a ``tinykit.hil.bench_board.BenchBoard``: ``infer``, ``report``, ``measure_latency``, ``info``.
    """
    config = request.config
    model = config.getoption("--tinykit-model")
    if not model:
        pytest.skip("no model given: use --tinykit-model FILE")
    from tinykit.errors import TinykitError, ToolMissing
    from tinykit.hil.bench_board import open_bench_board
    from tinykit.hil.run import RunOptions

    data = config.getoption("--tinykit-data")
    options = RunOptions(
        data=Path(data) if data else None,
        limit=config.getoption("--tinykit-limit"),
        port=config.getoption("--tinykit-port"),
    )
    name: str = request.param
    folder = tmp_path_factory.mktemp(f"tinykit-{Path(name).stem}")
    try:
        with open_bench_board(Path(model), name, folder, options) as board:
            yield board
    except ToolMissing as error:
        pytest.skip(str(error))
    except TinykitError as error:
        pytest.fail(str(error), pytrace=False)
