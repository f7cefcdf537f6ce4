"""What `run` and `test` keep, and what the commands of a history make of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import DIGITS, DIGITS_DATA, Tinykit

pytest.importorskip("sqlalchemy")
FEW = ("--data", DIGITS_DATA, "--limit", 3)


@pytest.mark.slow
def test_from_tests_to_a_dashboard(tinykit: Tinykit, native_project: Path, tmp_path: Path) -> None:
    for _ in range(2):
        outcome = tinykit("test", native_project, *FEW, "--history", "h.db")
        assert outcome.code == 0, outcome.err
    environment = {"TINYKIT_HISTORY": "h.db"}
    table = tinykit("hil", "history", environment=environment)
    assert table.code == 0, table.err
    assert "digits on native" in table.out
    assert table.out.count(" pass ") == 2
    assert max(map(len, table.out.splitlines())) <= 80
    values = json.loads(tinykit("hil", "history", "--json", "--model", "digits", environment=environment).out)
    (series,) = values["series"]
    assert (series["model"], series["place"], len(series["runs"])) == ("digits", "native", 2)
    assert series["runs"][0]["latency"] > 0
    chosen = json.loads(tinykit("hil", "history", "--json", "--metric", "flash", environment=environment).out)
    assert "latency" not in chosen["series"][0]["runs"][0]
    assert chosen["series"][0]["runs"][0]["flash"] > 0
    for nothing in (("--board", "pico"), ("--engine", "tflm"), ("--since", "2100-01-01")):
        assert tinykit("hil", "history", *nothing, environment=environment).out == "no runs\n"
    report = tinykit("hil", "history", "--report", 2, environment=environment)
    (tmp_path / "old.json").write_text(report.out)
    again = tinykit("test", native_project, *FEW, "--baseline", "old.json", "--max-regress", "10000%")
    assert again.code == 0, again.err
    worse = tinykit("hil", "history", "--regressions", environment=environment)
    assert worse.out == "nothing got worse by more than the limit\n"
    page = tinykit("hil", "history", "--html", "trend.html", environment=environment)
    assert page.code == 0
    assert "<svg" in (tmp_path / "trend.html").read_text()
    outcome = tinykit("hil", "dashboard", "--out", "pages", environment=environment)
    assert outcome.out == "dashboard: pages/index.html\n"
    assert "digits" in (tmp_path / "pages" / "index.html").read_text()


@pytest.mark.slow
def test_a_run_keeps_the_commit_of_its_model(tinykit: Tinykit) -> None:
    if shutil.which("cc") is None or shutil.which("make") is None:
        pytest.skip("cc or make is not installed")
    outcome = tinykit("run", DIGITS, "--board", "native", *FEW, "--history", "h.db")
    assert outcome.code == 0, outcome.err
    (series,) = json.loads(tinykit("hil", "history", "--json", "--history", "h.db").out)["series"]
    assert len(series["runs"][0]["commit"] or "") in (0, 40)  # an archive of the sources has none


@pytest.mark.slow
def test_a_failed_test_is_kept_and_a_mistake_is_not(tinykit: Tinykit, native_project: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(native_project, broken)
    agent = broken / "src" / "agent" / "tk_agent.c"
    agent.write_text(agent.read_text().replace("    tk_port_init();\n", "    return 1;\n"))
    subprocess.run(["make", "-s"], cwd=broken, check=True, capture_output=True, timeout=120)
    outcome = tinykit("test", broken, *FEW, "--history", "h.db")
    assert outcome.code == 4, outcome.err
    assert tinykit("test", broken, "--data", "nowhere.npz", "--history", "h.db").code == 2
    (series,) = json.loads(tinykit("hil", "history", "--json", "--history", "h.db").out)["series"]
    (run,) = series["runs"]
    assert (series["model"], series["board"], run["result"]) == ("digits", "native", "error")
    assert run["why"].startswith("Device")
    outcome = tinykit("hil", "history", "--history", "h.db", "--report", 1)
    assert outcome.code == 2
    assert "was not finished" in outcome.err


@pytest.mark.slow
def test_a_history_that_cannot_be_used_costs_no_test(tinykit: Tinykit, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database")
    for url, code in (("notes.txt", 2), (tmp_path, 2), ("mysql://me:secret@host/x", 2)):
        outcome = tinykit("run", DIGITS, "--board", "native", "--history", url, "--out", "out")
        assert outcome.code == code, outcome.err
        assert "history" in outcome.err or "histories" in outcome.err
        assert "secret" not in outcome.err
        assert "building" not in outcome.err
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "notes.txt").read_text() == "no database"
    outcome = tinykit("hil", "history", "--history", "nowhere.db")
    assert (outcome.code, "there is no such history" in outcome.err) == (2, True)
    assert not (tmp_path / "nowhere.db").exists()


@pytest.mark.slow
def test_the_summary_of_a_job(tinykit: Tinykit, native_project: Path, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    environment = {"GITHUB_STEP_SUMMARY": str(page)}
    assert tinykit("test", native_project, *FEW, environment=environment).code == 0
    assert tinykit("test", native_project, "--data", "nowhere.npz", environment=environment).code == 2
    text = page.read_text()
    assert text.startswith("before\n### ✅ digits on native (aot): pass\n")
    assert "| latency, median |" in text
    assert "- ✅ identity: 3 of 3 outputs identical" in text
    assert "| CONV\\_2D 4 |" in text
    assert "### ⚠️ tinykit: error" in text
    assert "**InputError**" in text
    outcome = tinykit("test", native_project, *FEW, environment={"GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert outcome.code == 0
    assert "the job's summary cannot be written" in outcome.err
