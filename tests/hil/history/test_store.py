"""What is put into a history comes out of it, whoever else writes at the same time."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy

from tinykit.errors import DeviceDied, InputError
from tinykit.hil.history import Origin, Wanted, open_history
from tinykit.hil.history.recorder import Subject, recorder
from tinykit.hil.report import Report
from tinykit.hil.report.write import to_json_text

from .runs import BEGIN, keep, variant

WRITER = """
import json, pickle, sys
from tinykit.hil.history import Origin, open_history
report = pickle.load(open(sys.argv[2], "rb"))
for _ in range(int(sys.argv[3])):
    with open_history(sys.argv[1], write=True) as history:
        print(history.add(report, Origin()), flush=True)
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An SQLite file, and an empty PostgreSQL database."""
    if request.param == "sqlite":
        yield str(tmp_path / "new" / "folder" / "history.db")
        return
    server = request.getfixturevalue("postgres")
    engine = sqlalchemy.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS tinykit_runs, tinykit_history"))
    engine.dispose()
    yield server


def test_a_report_comes_back(any_url: str, native_report: Report) -> None:
    origin = Origin("d" * 40, dirty=True, host="bench")
    with open_history(any_url, write=True) as history:
        number = history.add(native_report, origin, place="desk-3", at=BEGIN)
        assert history.report(number) == json.loads(to_json_text(native_report))
    with open_history(any_url, write=False) as history:
        (run,) = history.runs()
        assert "right-horse" not in history.url
    assert (run.number, run.at, run.when) == (number, "2026-03-01T12:00:00.000000+00:00", BEGIN)
    assert (run.result, run.model, run.board, run.place, run.engine) == ("pass", "digits", "native", "desk-3", "aot")
    assert (run.commit, run.dirty, run.host, run.commit_text) == ("d" * 40, True, "bench", "dddddddd*")
    assert (run.build_id, run.model_sha256) == (native_report.build.id, native_report.model.sha256)
    memory, accuracy = native_report.memory, native_report.accuracy
    assert (run.flash, run.arena, run.ram, run.stack) == (memory.flash, memory.arena, memory.static_ram, memory.stack)
    assert (run.latency, run.unit, run.source) == (native_report.latency.p50, "us", native_report.latency.source)
    assert (run.accuracy, run.metric, run.samples) == (accuracy.device, "top1", 100)
    assert run.outputs_sha256 == accuracy.outputs_sha256
    assert run.why == ""


def test_a_failure_and_an_error_come_back(any_url: str, native_report: Report) -> None:
    with open_history(any_url, write=True) as history:
        history.add(replace(native_report, failures=("2 outputs differ", "too \0 slow")), Origin(), at=BEGIN)
        died = DeviceDied("it died", why="its process\nended")
        number = history.add_failure(died, "kws\udcff", "native", Origin(), at=BEGIN + timedelta(hours=1))
        failed, error = history.runs()
        assert history.report(number) is None
    assert (failed.result, failed.why) == ("fail", "2 outputs differ; too ? slow")
    assert (error.result, error.model, error.build_id, error.latency) == ("error", "kws?", None, None)
    assert error.why == "DeviceDied: it died why: its process ended"


def test_figures_that_are_no_numbers_are_none(any_url: str, native_report: Report) -> None:
    report = replace(native_report, accuracy=replace(native_report.accuracy, metric="mse", device=float("nan")))
    with open_history(any_url, write=True) as history:
        number = history.add(report, Origin())
        assert history.runs()[0].accuracy is None
        kept = history.report(number)
    assert kept is not None
    assert kept["accuracy"]["device"] is None


def test_outputs_of_floats_are_not_held_to_be_the_same(any_url: str, native_report: Report) -> None:
    report = replace(native_report, accuracy=replace(native_report.accuracy, tolerance=1e-5))
    with open_history(any_url, write=True) as history:
        history.add(report, Origin())
        assert history.runs()[0].outputs_sha256 is None


def test_runs_are_chosen(any_url: str, native_report: Report) -> None:
    with open_history(any_url, write=True) as history:
        keep(history, [variant(native_report, model=m, board=b) for m in ("kws", "ic") for b in ("pico", "microbit")])
        history.add(variant(native_report, model="kws", board="pico"), Origin(), place="desk", at=BEGIN)

        def found(**wanted: object) -> list[tuple[str, str]]:
            return [(run.model, run.place) for run in history.runs(Wanted(**wanted))]  # type: ignore[arg-type]

        everything = [("kws", "pico"), ("kws", "desk"), ("kws", "microbit"), ("ic", "pico"), ("ic", "microbit")]
        assert found() == everything
        assert found(models=("ic",)) == [("ic", "pico"), ("ic", "microbit")]
        assert found(boards=("pico",)) == [("kws", "pico"), ("kws", "desk"), ("ic", "pico")]
        assert found(boards=("desk",)) == [("kws", "desk")]
        assert found(boards=("pico", "microbit"), models=("kws",)) == everything[:3]
        assert found(since=BEGIN + timedelta(hours=2)) == everything[3:]
        assert found(engines=("tflm",)) == []


def test_there_is_no_such_run(any_url: str) -> None:
    with open_history(any_url, write=True) as history, pytest.raises(InputError, match="there is no run 7"):
        history.report(7)


@pytest.mark.slow
def test_several_writers_at_once_lose_nothing(any_url: str, native_report: Report, tmp_path: Path) -> None:
    """They also make the tables at once."""
    import pickle

    (tmp_path / "report").write_bytes(pickle.dumps(native_report))
    command = [sys.executable, "-c", WRITER, any_url, str(tmp_path / "report"), "20"]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    numbers = []
    for writer in writers:
        out, err = writer.communicate(timeout=120)
        assert writer.returncode == 0, err
        numbers += [int(line) for line in out.split()]
    assert len(set(numbers)) == 80
    with open_history(any_url, write=False) as history:
        assert sorted(run.number or 0 for run in history.runs()) == sorted(numbers)


def test_threads_of_a_bench_share_an_open_history(any_url: str, native_report: Report) -> None:
    with recorder(any_url, Path.cwd()) as record, ThreadPoolExecutor(4) as threads:
        places = [f"desk-{number}" for number in range(12)]
        list(threads.map(lambda place: record.add(native_report, place=place), places))
        died = DeviceDied("it died")
        record.add_failure(died, lambda: Subject("kws", "native", "aot"), place="desk-0")
        record.add_failure(InputError("a mistake"), lambda: Subject("kws", "native", "aot"))
        assert record.history is not None
        kept = [(run.model, run.place) for run in record.history.runs()]
    assert sorted(kept) == sorted([*(("digits", place) for place in places), ("kws", "desk-0")])


def test_who_reads_does_not_stop_who_writes(url: str, native_report: Report) -> None:
    with open_history(url, write=True) as history:
        history.add(native_report, Origin())
        reader = sqlite3.connect(url, isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM tinykit_runs").fetchone() == (1,)
        with open_history(url, write=True, patience=0.2) as other:
            other.add(native_report, Origin())
        assert reader.execute("SELECT count(*) FROM tinykit_runs").fetchone() == (1,)  # as when it began
        reader.close()
        assert len(history.runs()) == 2


def test_reading_leaves_nothing_beside_the_file(url: str, native_report: Report) -> None:
    with open_history(url, write=True) as history:
        history.add(native_report, Origin())
    with open_history(url, write=False) as history:
        history.runs()
    assert [path.name for path in Path(url).parent.iterdir()] == ["history.db"]
