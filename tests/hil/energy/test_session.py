"""Energy in a whole test of a board."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.errors import InputError
from tinykit.firmware import Image
from tinykit.hil.energy.datasheet import energy_from_datasheet
from tinykit.hil.energy.session import check_energy
from tinykit.hil.report.model import Latency
from tinykit.hil.run import RunOptions, run_project


def latency(unit: str, p50: float) -> Latency:
    return Latency(unit, "test", 1, 1, p50, p50, p50, p50, p50)


def test_without_a_meter_the_datasheet_gives_an_estimate() -> None:
    """16 million cycles of a micro:bit are a second: 4.4 mA at 3 V."""
    energy = energy_from_datasheet(load_board("microbit"), latency("cycles", 16e6))
    assert energy is not None
    assert not energy.measured
    assert energy.joules == pytest.approx(0.0132)
    assert "nRF51822 Product Specification" in energy.source


@pytest.mark.parametrize(
    ("board", "unit"), [("qemu-microbit", "instructions"), ("qemu-microbit", "cycles"), ("nucleo-l4r5zi", "cycles")]
)
def test_no_energy_of_an_emulator_or_without_a_datasheet(board: str, unit: str) -> None:
    assert energy_from_datasheet(load_board(board), latency(unit, 1e6)) is None


@pytest.mark.slow
def test_a_recording_gives_the_energy_of_a_run(native_image: Image, tmp_path: Path) -> None:
    """A supply of 10 mA at 3 V that never changes, longer than any run here: power is 30 mW throughout."""
    path = tmp_path / "run.csv"
    path.write_text("seconds,amps,volts\n" + "".join(f"{i / 10},0.01,3\n" for i in range(1200)))
    options = RunOptions(limit=1, reference=False, meter=f"csv:{path}", battery="100mAh@3V/3600s")
    report = run_project(native_image.project.root, options, out_dir=tmp_path / "out")
    energy = report.energy
    assert energy is not None
    assert energy.measured
    assert energy.sync == "time"
    assert energy.watts == pytest.approx(0.03)
    assert energy.idle_watts == pytest.approx(0.03)
    assert energy.joules == pytest.approx(0.03 * energy.seconds)
    assert energy.battery is not None
    assert energy.battery.hours == pytest.approx(10.0)
    written = json.loads((tmp_path / "out" / "report.json").read_text())
    assert written["energy"]["source"] == "replay of run.csv"
    assert "per inference (measured)" in (tmp_path / "out" / "report.html").read_text()


def test_options_are_checked_before_a_build() -> None:
    with pytest.raises(InputError):
        check_energy("none", None)
    with pytest.raises(InputError):
        check_energy(None, "none")


@pytest.mark.slow
def test_a_battery_without_energy_is_refused(native_image: Image) -> None:
    with pytest.raises(InputError, match="energy of an inference"):
        run_project(native_image.project.root, RunOptions(limit=1, reference=False, battery="100mAh@3V/10s"))
