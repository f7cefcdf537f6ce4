"""Several workers on one storage: no trial twice, none too many, none lost with its worker but what it was at."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from support.postgres import postgres_server

from .conftest import Tune

SEARCH = ("train.py:model", "-b", "native", "-d", "val.npz", "-c", "train.npz", "--limit", 100, "--json")


def wait_for_calls(tune: Tune, count: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while len(tune.calls) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database server that is started for the tests."""
    with postgres_server() as url:
        yield url


def share(tune: Tune, storage: str) -> None:
    """Two workers on a study of 8 trials: its maker, and one that joins."""
    maker = tune.start(*SEARCH, "-n", 8, "--storage", storage, PAUSE="0.5")
    wait_for_calls(tune, 1, maker)
    joined = tune("worker", "--storage", storage, "--json", PAUSE="0.5")
    out, err = maker.communicate(timeout=120)
    assert maker.returncode == joined.code == 0, err + joined.err
    report, figures = json.loads(out), json.loads(joined.out)
    assert len(report["trials"]) == figures["finished"] == figures["total"] == 8
    assert len({json.dumps(trial["params"]) for trial in report["trials"]}) == 8
    assert len(tune.calls) == 8  # nothing was trained twice, and nothing in vain
    assert len({call.split(maxsplit=1)[1] for call in tune.calls}) == 8
    by_worker = [
        sum(trial["worker"] == w for trial in report["trials"]) for w in {t["worker"] for t in report["trials"]}
    ]
    assert len(by_worker) == 2
    assert figures["here"] in by_worker


@pytest.mark.slow
def test_two_workers_share_an_sqlite_file(tune: Tune) -> None:
    share(tune, "shared.db")


@pytest.mark.slow
def test_two_workers_share_a_postgresql_database(tune: Tune, postgres: str) -> None:
    share(tune, postgres)


@pytest.mark.slow
def test_killing_a_worker_loses_its_trial_only_and_that_is_tried_again(tune: Tune) -> None:
    maker = tune.start(*SEARCH, "-n", 6, "--stale-after", 3, PAUSE="1")
    wait_for_calls(tune, 3, maker)
    maker.kill()
    maker.communicate(timeout=30)
    lost = tune.calls[-1].split(maxsplit=1)[1]
    joined = tune("worker", "--storage", "tune/study.db", "--stale-after", 3, "--json")
    assert joined.code == 0, joined.err
    assert json.loads(joined.out) == {**json.loads(joined.out), "here": 4, "finished": 6, "total": 6}
    calls = [call.split(maxsplit=1)[1] for call in tune.calls]
    assert len(calls) == 7
    assert calls.count(lost) == 2
    report = json.loads(tune(*SEARCH, "-n", 6).out)
    assert report["complete"]
    assert len(report["trials"]) == 6
    tried = [" ".join(str(t["params"][n]) for n in ("resolution", "width", "depth")) for t in report["trials"]]
    assert sorted(tried) == sorted(set(calls))


@pytest.mark.slow
def test_a_worker_that_is_told_to_stop_gives_its_trial_back_at_once(tune: Tune) -> None:
    maker = tune.start(*SEARCH, "-n", 3, PAUSE="2")
    wait_for_calls(tune, 2, maker)
    maker.send_signal(signal.SIGTERM)
    _, err = maker.communicate(timeout=60)
    assert maker.returncode == 143, err
    started = time.monotonic()
    outcome = tune("worker", "--storage", "tune/study.db", "--stale-after", 1000, "--json")
    assert json.loads(outcome.out)["finished"] == 3
    assert time.monotonic() - started < 60
    assert len(tune.calls) == 4
