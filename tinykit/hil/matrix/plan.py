"""What a run of a bench is to do, checked as far as is possible before anything is built."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tinykit.errors import InputError
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.baseline import Baseline, is_unfit, load_baseline
from tinykit.hil.dataset import Dataset
from tinykit.hil.place import Place, engine_at
from tinykit.hil.run import RunOptions, check_baseline, load_data
from tinykit.hil.run_files import MATRIX_JSON


@dataclass(frozen=True)
class Job:
    """A model with the samples it is tested with."""

    model: Path
    graph: Graph
    data: Dataset

    @property
    def name(self) -> str:
        return self.graph.name


@dataclass(frozen=True)
class MatrixOptions:
    """How a bench is run.

    Attributes:
        run: as for a single run; ``data``, ``port``, ``timeout`` and ``baseline`` of it are not used.
        data: an .npz for each model, one for all, or none.
        baseline: the ``--out`` folder of an earlier run.
        jobs: how many emulated boards run at a time; the number of processors by default. Hardware always runs at once.
        out_dir: keeps logs, firmware and reports.
    """

    run: RunOptions = field(default_factory=RunOptions)
    data: tuple[Path, ...] = ()
    baseline: Path | None = None
    jobs: int | None = None
    out_dir: Path | None = None

    @property
    def parallel(self) -> int:
        return self.jobs or os.cpu_count() or 1


@dataclass(frozen=True)
class Plan:
    """Places, jobs, and what each pair of them is compared with.

    Attributes:
        baselines: by place and model; pairs without one are in ``lacking``, with the reason.
    """

    bench: str
    tags: tuple[str, ...]
    places: tuple[Place, ...]
    jobs: tuple[Job, ...]
    options: MatrixOptions
    baselines: dict[tuple[str, str], Baseline] = field(default_factory=dict)
    lacking: dict[tuple[str, str], str] = field(default_factory=dict)


def make_plan(
    bench: str, tags: Sequence[str], places: Sequence[Place], models: Sequence[Path], options: MatrixOptions
) -> Plan:
    """Read models, samples and baselines.

    Raises:
        InputError: one of them cannot be used, or results could not be told apart.
    """
    jobs = tuple(_job(model, data, options) for model, data in zip(models, _data(models, options), strict=True))
    _check_distinct("models", [job.name for job in jobs])
    boards = {place.board.name: place.board for place in places}
    for place in places:
        if place.board != boards[place.board.name]:
            raise InputError(
                f"two different boards have the name {place.board.name}",
                where=bench,
                hint="give each board file a name of its own",
            )
    plan = Plan(bench, tuple(tags), tuple(places), jobs, options)
    _load_baselines(plan)
    return plan


def cell_dir(root: Path, place: str, model: str) -> Path:
    """Where the reports of a cell are."""
    return root / place / model


def _data(models: Sequence[Path], options: MatrixOptions) -> Sequence[Path | None]:
    if not options.data:
        return [None] * len(models)
    if len(options.data) == 1:
        return list(options.data) * len(models)
    if len(options.data) != len(models):
        raise InputError(
            f"{len(options.data)} data files for {len(models)} models",
            hint="give --data once for all models, or once for each, in their order",
        )
    return options.data


def _job(model: Path, data: Path | None, options: MatrixOptions) -> Job:
    graph = read_model(model)
    return Job(model, graph, load_data(graph, replace(options.run, data=data)))


def _check_distinct(what: str, names: Sequence[str]) -> None:
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise InputError(f"two {what} have the name {twice}", hint="rename one of the files: reports go by the name")


def _load_baselines(plan: Plan) -> None:
    folder, out = plan.options.baseline, plan.options.out_dir
    if folder is None:
        return
    if out is not None and out.resolve() == folder.resolve():
        raise InputError(
            "the new reports would replace the baseline", where=str(folder), hint="give another --out folder"
        )
    if not (folder / MATRIX_JSON).is_file():
        raise InputError(
            "the baseline is no run of a bench",
            where=str(folder),
            why=f"there is no {MATRIX_JSON} in it",
            hint="give the --out folder of an earlier `tinykit hil run`",
        )
    for place in plan.places:
        for job in plan.jobs:
            key = (place.name, job.name)
            path = cell_dir(folder, *key) / "report.json"
            if not path.is_file():
                plan.lacking[key] = "it has no report of this"
                continue
            if is_unfit(path):
                plan.lacking[key] = "that test did not pass"
                continue
            baseline = load_baseline(path)
            check_baseline(baseline, job.graph, place.board, job.data, engine_at(place, plan.options.run.engine))
            plan.baselines[key] = baseline
