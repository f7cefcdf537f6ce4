"""A bench with meters: each place's energy, an instrument that fails, and one that somebody else has.

The boards are this computer; no instrument is real: recordings, and a pseudo-terminal that plays a helper board.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.benches import bench_file
from tinykit.errors import DeviceMissing, InputError, ToolMissing
from tinykit.hil.bench_meter import BenchMeter
from tinykit.hil.history import Wanted, open_history
from tinykit.hil.inventory.model import CsvMeter, JoulescopeMeter, Ppk2Meter
from tinykit.link.port_lock import hold_port

from .conftest import DIGITS, DIGITS_DATA
from .energy.ina_helper import InaHelper

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
STEADY = [f"{100_000 * i},10000,3000,0" for i in range(1200)]
"""10 mA at 3 V for two minutes."""
OF_TWENTY_MILLIWATTS = "seconds,amps,volts\n" + "".join(f"{i / 10},0.01,2\n" for i in range(1200))


@pytest.fixture(autouse=True)
def _locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYKIT_LOCK_DIR", str(tmp_path / "locks"))


def metered(folder: Path, meters: dict[str, str], head: str = "") -> Path:
    """A bench of places that are this computer, with those meters."""
    tables = [
        f'[[place]]\nname = "{name}"\nboard = "native"\n' + (f"meter = {meter}\n" if meter else "")
        for name, meter in meters.items()
    ]
    return bench_file(folder, {}, head + "\n" + "\n".join(tables))


def hil(bench: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tinykit.cli.main", "hil", "run", "--bench", bench, "--models", DIGITS]
    command += ["--data", DIGITS_DATA, "--limit", "3", "--no-reference", *arguments]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=200)


@contextmanager
def held_elsewhere(port: str) -> Iterator[None]:
    with hold_port(port, "another run"):
        yield


@pytest.mark.slow
def test_each_place_has_its_energy_and_a_broken_meter_harms_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text(OF_TWENTY_MILLIWATTS)
    with InaHelper(STEADY) as good, InaHelper(STEADY, sent=1205) as lossy, InaHelper([]) as taken, \
            held_elsewhere(taken.port):  # fmt: skip
        bench = metered(
            tmp_path,
            {
                "recorded": '{ kind = "csv", file = "run.csv" }',
                "metered": f'{{ kind = "ina", port = "{good.port}" }}',
                "lossy": f'{{ kind = "ina", port = "{lossy.port}" }}',
                "taken": f'{{ kind = "ina", port = "{taken.port}" }}',
                "plain": "",
            },
            "[timeouts]\nlock = 0\n",
        )
        ran = hil(bench, "--out", tmp_path / "out", "--history", tmp_path / "h.db")
    assert ran.returncode == 4, ran.stderr
    cells = {cell["place"]: cell for cell in json.loads((tmp_path / "out" / "matrix.json").read_text())["cells"]}
    assert {name: cell["status"] for name, cell in cells.items()} == {
        "recorded": "pass", "metered": "pass", "lossy": "error", "taken": "error", "plain": "pass",
    }  # fmt: skip
    energy = {name: cells[name]["report"]["energy"] for name in ("recorded", "metered", "plain")}
    assert energy["plain"] is None
    for name, watts in (("recorded", 0.02), ("metered", 0.03)):
        assert energy[name]["measured"]
        assert energy[name]["watts"] == pytest.approx(watts)
        assert energy[name]["joules"] == pytest.approx(watts * energy[name]["seconds"])
    assert "INA226" in energy["metered"]["source"]
    error = cells["lossy"]["error"]
    assert (error["kind"], error["what"]) == (
        "MeterFailed", "the meter failed: 5 of 1205 samples of the INA helper board were lost",
    )  # fmt: skip
    assert lossy.port in error["where"]
    assert [attempt["error"]["kind"] for attempt in cells["lossy"]["attempts"]] == ["MeterFailed"] * 2
    assert cells["taken"]["error"]["kind"] == "DeviceMissing"
    assert "another run" in cells["taken"]["error"]["why"]
    assert not list((tmp_path / "locks").glob("*.lock")), "all are released"
    assert "energy" in ran.stdout
    assert "energy" in (tmp_path / "out" / "matrix.html").read_text()
    with open_history(str(tmp_path / "h.db"), write=False) as history:
        kept: dict[str, Any] = {run.place: (run.energy, run.energy_sync) for run in history.runs(Wanted())}
    assert kept["metered"] == (energy["metered"]["joules"], "time")
    assert kept["plain"] == (None, None)
    shown = subprocess.run(
        [sys.executable, "-m", "tinykit.cli.main", "hil", "history", "--history", str(tmp_path / "h.db"),
         "--metric", "energy", "--board", "metered"],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    assert f"{energy['metered']['joules']:.4g}" in shown.stdout


@pytest.mark.slow
def test_a_meter_that_cannot_be_used_is_told_before_anything_is_built(tmp_path: Path) -> None:
    ran = hil(metered(tmp_path, {"a": '{ kind = "csv", file = "gone.csv" }'}), "--out", tmp_path / "out")
    assert ran.returncode == 2, ran.stderr
    assert "cannot read the recording" in ran.stdout
    assert not (tmp_path / "out" / "firmware").exists()


def test_an_instrument_is_held_by_its_port() -> None:
    with InaHelper([]) as helper:
        meter = BenchMeter(Ppk2Meter(kind="ppk2", port=helper.port, volts=3.0), Path())
        try:
            with meter.hold("first", 0), pytest.raises(DeviceMissing, match="in use"), meter.hold("second", 0):
                pass
        except ToolMissing as error:
            pytest.skip(error.what)
        with meter.hold("again", 0):
            pass


def test_what_is_missing_is_named_when_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(InputError, match="cannot read"),
        BenchMeter(CsvMeter(kind="csv", file="x"), tmp_path).hold("", 0),
    ):
        pass
    monkeypatch.setitem(sys.modules, "joulescope", None)
    meter = BenchMeter(JoulescopeMeter(kind="joulescope", serial_number="1"), tmp_path)
    with pytest.raises(ToolMissing, match="joulescope"), meter.hold("", 0):
        pass
