"""Energy in a part of a recording, by hand-made ones."""

from __future__ import annotations

import numpy as np
import pytest

from tinykit.errors import DeviceError, InputError
from tinykit.hil.energy.battery import battery_life, parse_battery
from tinykit.hil.energy.measure import Window, energy_of
from tinykit.hil.energy.samples import Samples
from tinykit.hil.report.used_energy import Energy


def recording(marked: str | None = None) -> Samples:
    """Ten seconds at 10 Hz and 2 V: 1 A, but 3 A from 4 s to 6 s."""
    times = np.arange(101) / 10
    amps = np.where((times >= 4) & (times < 6), 3.0, 1.0)
    busy = (times >= 4) & (times < 6)
    half = busy & ((times < 4.6) | (times >= 5))
    marker = {None: None, "once": busy, "twice": half}[marked]
    return Samples(times, amps, np.full(101, 2.0), marker)


@pytest.mark.parametrize(
    ("begin", "end", "joules"), [(0.0, 4.0, 8.0), (4.0, 6.0, 12.0), (3.95, 4.05, 0.4), (5.0, 5.0, 0.0)]
)
def test_a_sample_holds_until_the_next(begin: float, end: float, joules: float) -> None:
    assert recording().joules(begin, end) == pytest.approx(joules)


@pytest.mark.parametrize(("begin", "end"), [(-1.0, 2.0), (9.0, 11.0), (3.0, 2.0)])
def test_what_was_not_recorded_is_an_error(begin: float, end: float) -> None:
    with pytest.raises(DeviceError, match="does not cover"):
        recording().joules(begin, end)


def test_pulses_that_are_cut_off_do_not_count() -> None:
    times = np.arange(6.0)
    marker = np.array([True, False, True, False, True, True])
    assert Samples(times, times, times, marker).pulses() == [(2.0, 3.0)]
    assert Samples(times, times, times).pulses() == []


def test_by_time_the_rest_of_the_window_counts_as_idle() -> None:
    """The host's window is twice as long as what the device was busy: idle power is taken off."""
    found = energy_of(recording(), 4, Window(3.0, 7.0, 2.0), "meter")
    assert found.sync == "time"
    assert found.joules == pytest.approx(12.0 / 4)
    assert found.watts == pytest.approx(6.0)
    assert found.idle_watts == pytest.approx(2.0)
    assert found.seconds == pytest.approx(0.5)


def test_without_a_device_clock_the_whole_window_counts() -> None:
    found = energy_of(recording(), 4, Window(3.0, 7.0, None), "meter")
    assert found.joules == pytest.approx(16.0 / 4)
    assert found.seconds == pytest.approx(1.0)


@pytest.mark.parametrize("busy", [2.0, None])
def test_a_marker_is_taken_before_time(busy: float | None) -> None:
    found = energy_of(recording("once"), 4, Window(3.0, 7.0, busy), "meter")
    assert (found.sync, found.inferences) == ("marker", 4)
    assert found.joules == pytest.approx(12.0 / 4)


def test_a_pulse_for_each_inference() -> None:
    found = energy_of(recording("twice"), 2, Window(3.0, 7.0, None), "meter")
    assert found.joules == pytest.approx(6.0 * 1.6 / 2)
    assert found.seconds == pytest.approx(0.8)


def test_pulses_that_are_not_the_inferences_are_an_error() -> None:
    with pytest.raises(DeviceError, match="rose 2 times in 3 inferences"):
        energy_of(recording("twice"), 3, Window(3.0, 7.0, None), "meter")


def used(joules: float, idle: float | None, seconds: float = 1.0) -> Energy:
    return Energy(True, "meter", "time", 1, joules, 1.0, idle, seconds, 10)


def test_a_battery_lasts_charge_times_voltage_through_average_power() -> None:
    """1 J and 9 s of 0.1 W in 10 s are 0.19 W; 190 mAh at 3 V are 0.57 Wh."""
    assert battery_life(used(1.0, 0.1), parse_battery("190mAh@3V/10s")).hours == pytest.approx(3.0)


@pytest.mark.parametrize("text", ["220", "220mAh", "220mAh@3V", "0mAh@3V/10s", "220mAh@3V/1.2.3s", "-1mAh@3V/1s"])
def test_other_batteries_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="no battery"):
        parse_battery(text)


@pytest.mark.parametrize(("energy", "words"), [(used(1.0, None), "idle power"), (used(1.0, 1.0, 20.0), "longer than")])
def test_a_battery_needs_what_it_is_reckoned_with(energy: Energy, words: str) -> None:
    with pytest.raises(InputError, match=words):
        battery_life(energy, parse_battery("220mAh@3V/10s"))
