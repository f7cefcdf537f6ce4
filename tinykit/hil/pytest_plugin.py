"""pytest plugin: a user's own tests on boards, real or emulated. docs/bench.md describes options and marker.

    pytest --tinykit-model model.tflite --tinykit-bench bench.toml --tinykit-tags m4

    @pytest.mark.tinykit(max_latency=3_000_000, min_accuracy=0.9)
    def test_silence_is_silence(tinykit_board):
        assert tinykit_board.infer(np.zeros((1, 49, 10, 1), np.int8)).argmax() == 0

Without ``--tinykit-model`` tests that use the fixture are skipped. The library is imported where it is used only.
"""

from __future__ import annotations

import contextlib
import math
import re
import shutil
from collections.abc import Generator, Iterator
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tinykit.hil.bench_board import BenchBoard
    from tinykit.hil.place import Place

_FIXTURE = "tinykit_board"
_MARKER = "tinykit"
_KEYS = ("board", "max_latency", "min_accuracy")
_FOLDERS: pytest.StashKey[dict[str, Path]] = pytest.StashKey()
"""Where the firmware and the log of each board are."""
_PLACES: pytest.StashKey[tuple[Place, ...]] = pytest.StashKey()
_OPEN: pytest.StashKey[contextlib.ExitStack] = pytest.StashKey()
"""What ends with pytest: the connection to a lab."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tinykit", "models on boards")
    group.addoption("--tinykit-model", metavar="FILE", help="the .tflite model to test")
    group.addoption(
        "--tinykit-board",
        action="append",
        metavar="BOARD",
        help="a board to test it on; several give one run of each test per board (default: native)",
    )
    group.addoption("--tinykit-bench", metavar="FILE", help="test on the boards of this bench.toml instead")
    group.addoption("--tinykit-labgrid", metavar="HOST:PORT", help="test on the places of this labgrid coordinator")
    group.addoption("--tinykit-labgrid-env", metavar="FILE", help="labgrid's environment file: its targets only")
    group.addoption(
        "--tinykit-tags",
        action="append",
        metavar="TAG",
        help="only places of the bench with this tag, name or board; several: with all of them",
    )
    group.addoption("--tinykit-data", metavar="FILE", help=".npz file with samples x and labels y")
    group.addoption("--tinykit-limit", type=int, metavar="N", help="use the first N samples only")
    group.addoption("--tinykit-port", metavar="PORT", help="serial port of the board, instead of its emulator")
    group.addoption(
        "--tinykit-engine", metavar="ENGINE", default="aot", help="what runs the model on that board (default: aot)"
    )
    group.addoption("--tinykit-min-accuracy", type=float, metavar="X", help="least accuracy on the device")
    group.addoption("--tinykit-max-latency", type=float, metavar="X", help="largest p99 latency, in the board's unit")
    group.addoption(
        "--tinykit-artifacts",
        metavar="DIR",
        help="log, report and firmware of each test that fails go here (default: they stay in pytest's folder)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(board=None, max_latency=None, min_accuracy=None): run on these boards, places or tags only; fail "
        "above this p99 latency (in the board's unit) or below this share of right answers",
    )
    config.stash[_FOLDERS] = {}
    config.stash[_OPEN] = contextlib.ExitStack()
    given = [name for name in ("bench", "labgrid", "board") if config.getoption(f"--tinykit-{name}")]
    if len(given) > 1:
        names = " and ".join(f"--tinykit-{name}" for name in given)
        raise pytest.UsageError(f"{names} both say what to test on: give one of them")
    if config.getoption("--tinykit-tags") and given not in (["bench"], ["labgrid"]):
        raise pytest.UsageError("--tinykit-tags selects places of a bench: give --tinykit-bench FILE")
    if config.getoption("--tinykit-labgrid-env") and given != ["labgrid"]:
        raise pytest.UsageError("--tinykit-labgrid-env needs --tinykit-labgrid HOST:PORT")


def pytest_unconfigure(config: pytest.Config) -> None:
    if _OPEN in config.stash:
        config.stash[_OPEN].close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if _FIXTURE not in metafunc.fixturenames:
        return
    if _fault(metafunc.definition) is not None:  # the test says so when it is run: the others are well
        metafunc.parametrize(_FIXTURE, [pytest.param(None, id="none")], indirect=True, scope="session")
        return
    wanted = _marked(metafunc.definition).get("board")
    names = [] if wanted is None else [wanted] if isinstance(wanted, str) else list(wanted)
    known = _known(metafunc.config, names)
    chosen = [name for name, words in known.items() if not names or words.intersection(names)]
    if chosen:
        parameters = [pytest.param(name, marks=_marks(metafunc.config, name)) for name in chosen]
    else:
        reason = f"it is for {' or '.join(names)}; tested are {', '.join(known)}"
        parameters = [pytest.param(None, id="none", marks=pytest.mark.skip(reason=reason))]
    metafunc.parametrize(_FIXTURE, parameters, indirect=True, scope="session")


@pytest.fixture(scope="session")
def tinykit_board(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchBoard]:
    """A board that runs the model: held, built, started and connected once per session and board.

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
    options = RunOptions(data=Path(data) if data else None, limit=config.getoption("--tinykit-limit"))
    name: str = request.param
    folder = tmp_path_factory.mktemp(f"tinykit-{Path(name).stem}")
    config.stash[_FOLDERS][name] = folder
    try:
        with open_bench_board(Path(model), _place(config, name), folder, options) as board:
            yield board
    except ToolMissing as error:
        pytest.skip(str(error))
    except TinykitError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    fault = _fault(item)
    if fault is not None:
        path, line, name = item.location
        place = path if line is None else f"{path}:{line + 1}"
        pytest.fail(f"{place}: {name}: the marker {_MARKER} {fault}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    limits = {key: value for key, value in _marked(item).items() if key != "board" and value is not None}
    if limits:
        _hold_to(item, limits)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report: pytest.TestReport = yield
    callspec = getattr(item, "callspec", None)
    name = callspec.params.get(_FIXTURE) if callspec is not None else None
    folder = item.config.stash[_FOLDERS].get(name) if isinstance(name, str) else None
    if report.failed and folder is not None:
        report.sections.append(("tinykit", f"log, report and firmware: {_kept(item, folder)}"))
    return report


def _known(config: pytest.Config, names: list[str]) -> dict[str, set[str]]:
    """What there is to test on, with the words that each goes by. ``names`` where the command line gives nothing."""
    if _has_bench(config):
        return {place.name: {place.name, place.board.name, *place.tags} for place in _places(config)}
    boards = config.getoption("--tinykit-board") or names or ["native"]
    return {board: {board, Path(board).stem} for board in boards}


def _has_bench(config: pytest.Config) -> bool:
    return bool(config.getoption("--tinykit-bench") or config.getoption("--tinykit-labgrid"))


def _places(config: pytest.Config) -> tuple[Place, ...]:
    """The places of the bench or the lab, looked up once."""
    if _PLACES not in config.stash:
        from tinykit.errors import TinykitError
        from tinykit.hil.inventory import load_inventory, select
        from tinykit.hil.labgrid import labgrid_places
        from tinykit.hil.place import BenchPlace

        tags = config.getoption("--tinykit-tags") or ()
        lab, environment = config.getoption("--tinykit-labgrid"), config.getoption("--tinykit-labgrid-env")
        places: tuple[Place, ...]
        try:
            if lab:
                found = labgrid_places(lab, Path(environment) if environment else None, tags)
                places = config.stash[_OPEN].enter_context(found)
            else:
                bench = Path(config.getoption("--tinykit-bench"))
                places = tuple(BenchPlace(slot, bench) for slot in select(load_inventory(bench), tags))
        except TinykitError as error:
            raise pytest.UsageError(str(error)) from None
        config.stash[_PLACES] = places
    return config.stash[_PLACES]


def _place(config: pytest.Config, name: str) -> Place:
    if _has_bench(config):
        return next(place for place in _places(config) if place.name == name)
    from tinykit.firmware.engine import parse_engines
    from tinykit.hil.inventory import slot_for
    from tinykit.hil.place import BenchPlace

    engine = parse_engines(config.getoption("--tinykit-engine"))[0]
    return BenchPlace(slot_for(name, config.getoption("--tinykit-port"), engine), Path("pytest"))


def _marks(config: pytest.Config, name: str) -> list[pytest.MarkDecorator]:
    """With pytest-xdist's ``--dist loadgroup`` a board stays with one worker, and nobody waits for its port."""
    return [pytest.mark.xdist_group(name)] if config.pluginmanager.hasplugin("xdist") else []


def _marked(item: pytest.Item) -> dict[str, Any]:
    """What the markers of a test say, the nearest first."""
    said: dict[str, Any] = {}
    for mark in item.iter_markers(_MARKER):
        said = {**mark.kwargs, **said}
    return said


def _fault(item: pytest.Item) -> str | None:
    """What is wrong with the markers of a test; None if nothing is."""
    for mark in item.iter_markers(_MARKER):
        if mark.args or any(key not in _KEYS for key in mark.kwargs):
            return f"takes {', '.join(f'{key}=' for key in _KEYS)} only"
        board = mark.kwargs.get("board")
        names = list(board) if isinstance(board, (list, tuple)) else [board]
        if not names or not all(isinstance(name, str) for name in names if board is not None):
            return f"takes a name or a list of names as board, not {board!r}"
        for key in _KEYS[1:]:
            limit = mark.kwargs.get(key)
            most = 1 if key == "min_accuracy" else math.inf
            if limit is not None and not (isinstance(limit, Real) and 0 <= float(limit) <= most):
                return f"takes a number from 0 {'to 1' if most == 1 else 'up'} as {key}, not {limit!r}"
    return None


def _hold_to(item: pytest.Item, limits: dict[str, Any]) -> None:
    from tinykit.errors import TinykitError

    board: BenchBoard | None = getattr(item, "funcargs", {}).get(_FIXTURE)
    if board is None:
        pytest.fail(f"{' and '.join(limits)} of the marker {_MARKER} needs the fixture {_FIXTURE}", pytrace=False)
    try:
        failures = board.require(limits.get("max_latency"), limits.get("min_accuracy"))
    except TinykitError as error:
        pytest.fail(str(error), pytrace=False)
    if failures:
        pytest.fail(f"on {board.name}: {'; '.join(failures)}", pytrace=False)


def _kept(item: pytest.Item, folder: Path) -> Path:
    """Where log, report and firmware of a test that failed are: where they were made, or in ``--tinykit-artifacts``."""
    board: BenchBoard | None = getattr(item, "funcargs", {}).get(_FIXTURE)
    if board is not None:
        board.keep(folder)
    artifacts = item.config.getoption("--tinykit-artifacts")
    if not artifacts:
        return folder
    target = Path(artifacts) / re.sub(r"[^A-Za-z0-9._-]+", "-", item.nodeid).strip("-")
    shutil.copytree(folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.o", "*.d"))
    return target
