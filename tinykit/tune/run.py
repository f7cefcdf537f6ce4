"""A search from its beginning, or from where it stopped; and workers that join one."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tinykit.board import Board, load_board
from tinykit.convert.callables import imported
from tinykit.convert.interpreter import Progress
from tinykit.convert.options import STATIC, Quantize
from tinykit.convert.quantize import no_calibration
from tinykit.errors import InputError
from tinykit.files import write_file
from tinykit.tune.candidate import Candidate, check_compiled
from tinykit.tune.carbon import Meter
from tinykit.tune.point import Bench
from tinykit.tune.result import Search, read_search
from tinykit.tune.settings import OBJECTIVES, Latency, Objective, Sampler, Settings, digest
from tinykit.tune.space import PRECISION, Choice, Space, load_space
from tinykit.tune.study import AGAINST, Study, create_study, join_study, load_optuna, storage_url
from tinykit.tune.worker import Done, Worker

_SEEDS = 1 << 31
_WHAT = "a model for a trial"


@dataclass(frozen=True)
class TuneOptions:
    """What is searched for, and how.

    Attributes:
        board: name or file.
        data: .npz with ``x`` and ``y``.
        out: folder of study, models and reports.
        calibration: .npz or .npy; needed unless all is -q none.
        space: a TOML file; without it the function takes a trial.
        quantize: for candidates that do not say.
        objectives: what is to be good.
        latency: None chooses: the board's emulator if that counts instructions, else multiply-accumulates.
        trials: how many there are to be in all.
        seed: of all choices.
        storage: a database's URL, or an SQLite file; None is study.db in ``out``.
        study: its name; None is made of function and board.
        against: a model made by hand, as `tinykit convert` takes it.
        limit: use the first samples of ``data`` only.
        stale_after: seconds after which a worker that is not heard of is given up.
        carbon: country, as three letters.
        trust: files of models may run code.
        tell: called with each trial that is finished here.
    """

    board: str
    data: Path
    out: Path
    calibration: Path | None = None
    space: Path | None = None
    quantize: Quantize = "int8"
    objectives: tuple[Objective, ...] = OBJECTIVES
    latency: Latency | None = None
    trials: int = 30
    seed: int = 0
    sampler: Sampler = "tpe"
    storage: str | None = None
    study: str | None = None
    against: str | None = None
    limit: int | None = None
    stale_after: int = 60
    carbon: str | None = None
    trust: bool = False
    tell: Callable[[Done], None] | None = None


@dataclass(frozen=True)
class WorkOptions:
    """How a worker joins a study. What is None is as in the study.

    Attributes:
        storage: a database's URL, or an SQLite file.
        study: its name; None where the storage has just one.
        function, data, calibration, board: where these are on this computer; their contents have to be the same.
        stale_after, carbon, trust, tell: as in ``TuneOptions``.
    """

    storage: str
    study: str | None = None
    function: str | None = None
    data: Path | None = None
    calibration: Path | None = None
    board: str | None = None
    stale_after: int = 60
    carbon: str | None = None
    trust: bool = False
    tell: Callable[[Done], None] | None = None


def tune(function: str, options: TuneOptions, progress: Progress | None = None) -> Search:
    """Search, or go on with a search; writes the models of the front to ``out``/models.

    Args:
        function: "module:callable".

    Raises:
        InputError: function, data, space, storage or options are wrong.
        ToolMissing: Optuna, a framework, a compiler or an emulator is not installed.
        TinykitError: as building and running raise it.
    """
    _check(options)
    load_optuna()
    board = load_board(options.board)
    latency = _latency(options.latency, board)
    space = None if options.space is None else load_space(options.space)
    if options.calibration is None and _needs_calibration(options.quantize, space):
        raise no_calibration(options.quantize if options.quantize in STATIC else "int8")
    bench = Bench(options.board, options.data, options.calibration, latency, options.limit, options.trust)
    bench.check()
    with ExitStack() as stack:
        meter = Meter(options.carbon)
        stack.callback(meter.close)
        called = stack.enter_context(imported(function, _WHAT))
        if space is not None:
            space.check_function(called, function)
        settings = Settings(
            function, _source_digest(called), options.board, _board_digest(options.board), str(options.data),
            digest(options.data), str(options.calibration or ""),
            digest(options.calibration) if options.calibration else "",
            None if space is None else space.model_dump(mode="json"), options.quantize, options.objectives, latency,
            options.sampler, options.seed, options.limit,
        )  # fmt: skip
        url = storage_url(options.storage or str(options.out / "study.db"))
        name = options.study or f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', function)}-{board.name}"
        study = create_study(url, name, settings, options.trials, options.stale_after)
        if options.against is not None:
            _measure_against(study, bench, options.against, options.quantize, progress)
        tell = options.tell or (lambda done: None)
        Worker(study, called, function, space, bench, meter, tell, progress).run()
    search = read_search(study)
    _write_models(search, options.out / "models")
    return search


def work(options: WorkOptions, progress: Progress | None = None) -> tuple[int, Search]:
    """Take part in a study until it is finished; how many trials this worker has finished, and all that is known.

    Raises:
        InputError: there is no such study, or what is here is not what it was made with.
        TinykitError: as ``tune``.
    """
    _check_seconds(options.stale_after)
    study = join_study(storage_url(options.storage), options.study, options.stale_after)
    settings = study.settings
    function = options.function or settings.function
    data = options.data or Path(settings.data)
    calibration = options.calibration or (Path(settings.calibration) if settings.calibration else None)
    board = options.board or settings.board
    bench = Bench(board, data, calibration, settings.latency, settings.limit, options.trust)
    bench.check()
    space = None if settings.space is None else Space.model_validate(settings.space)
    with ExitStack() as stack:
        meter = Meter(options.carbon)
        stack.callback(meter.close)
        called = stack.enter_context(imported(function, _WHAT))
        if space is not None:
            space.check_function(called, function)
        here = Settings(
            **{
                **asdict(settings), "function_sha256": _source_digest(called), "board": board,
                "board_sha256": _board_digest(board), "data_sha256": digest(data),
                "calibration_sha256": digest(calibration) if calibration else "", "tinykit": Settings.tinykit,
            }
        )  # fmt: skip
        settings.require_same(here, f"study {study.name!r}")
        tell = options.tell or (lambda done: None)
        finished = Worker(study, called, function, space, bench, meter, tell, progress).run()
    return finished, read_search(study)


def _check(options: TuneOptions) -> None:
    if options.trials < 1:
        raise InputError(f"--trials {options.trials} is no search", hint="give a number from 1 up")
    if not 0 <= options.seed < _SEEDS:
        raise InputError(f"--seed {options.seed} is out of range", hint=f"give a number from 0 to {_SEEDS - 1}")
    if options.limit is not None and options.limit < 1:
        raise InputError(f"--limit {options.limit} leaves no samples", hint="give a number from 1 up")
    if not options.objectives or len(set(options.objectives)) != len(options.objectives):
        raise InputError("an objective is given twice, or none is", hint=f"choose among {', '.join(OBJECTIVES)}")
    _check_seconds(options.stale_after)
    check_compiled(options.quantize)


def _check_seconds(seconds: int) -> None:
    if seconds < 2:
        raise InputError(f"--stale-after {seconds} is too short", hint="give at least 2 seconds")


def _needs_calibration(quantize: Quantize, space: Space | None) -> bool:
    if space is not None:
        precision = space.root.get(PRECISION)
        if isinstance(precision, Choice):
            return any(choice in STATIC for choice in precision.choices)
    return quantize in STATIC


def _latency(wanted: Latency | None, board: Board) -> Latency:
    if wanted == "emulator" and board.emulator is None:
        raise InputError(
            f"board {board.name} has no emulator",
            hint="give --latency macs, or a board with the same core that `tinykit boards` lists as emulated",
        )
    exact = board.emulator is not None and board.counter.unit == "instructions"
    return wanted or ("emulator" if exact else "macs")


def _source_digest(function: Callable[..., Any]) -> str:
    """Of the file that a function is in; empty for one that is in none."""
    code = getattr(function, "__code__", None)
    path = Path(code.co_filename) if code is not None else None
    return digest(path) if path is not None and path.is_file() else ""


def _board_digest(board: str) -> str:
    """Of a board's file, if it is not one of tinykit's own."""
    return digest(Path(board)) if board.endswith(".toml") else ""


def _measure_against(study: Study, bench: Bench, source: str, quantize: Quantize, progress: Progress | None) -> None:
    known = study.study.user_attrs.get(AGAINST)
    path = Path(source)
    key = [source, digest(path) if path.is_file() else "", quantize]
    if known is not None and known["key"] == key:
        return
    if progress is not None:
        progress("measuring the model made by hand", 0, 1)
    point, _ = bench.measure(Candidate(source, quantize=quantize), source, progress)
    study.study.set_user_attr(AGAINST, {"source": source, "key": key, "point": asdict(point)})


def _write_models(search: Search, folder: Path) -> None:
    """The .tflite of each point of the front; those of an earlier front go."""
    wanted = {model_name(t.number): t.tflite for t in search.front if t.tflite is not None}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("trial-*.tflite"):
            if old.name not in wanted:
                old.unlink()
        for name, data in wanted.items():
            write_file(folder / name, data)
    except OSError as error:
        raise InputError(
            "cannot write the models", where=str(folder), why=error.strerror or str(error), hint="give another --out"
        ) from None


def model_name(number: int) -> str:
    """The file that a trial's model is written to."""
    return f"trial-{number:04}.tflite"
