"""Energy in a part of a recording, by hand-made ones."""

from __future__ import annotations

import numpy as np
import pytest

from tinykit.errors import DeviceError, InputError, MeterFailed
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


def test_pulses_are_when_the_marker_is_high() -> None:
    times = np.arange(6.0)
    marker = np.array([False, False, True, False, True, False])
    assert Samples(times, times, times, marker).pulses() == [(2.0, 3.0), (4.0, 5.0)]
    assert Samples(times, times, times, marker & False).pulses() == []
    assert Samples(times, times, times).pulses() == []


@pytest.mark.parametrize(
    ("marker", "when"), [([1, 1, 1], "throughout"), ([1, 0, 0], "at the begin"), ([0, 1, 1], "at the end")]
)
def test_a_marker_that_is_high_when_nothing_runs_is_an_error(marker: list[int], when: str) -> None:
    times = np.arange(3.0)
    with pytest.raises(MeterFailed, match=f"high {when}"):
        energy_of(Samples(times, times, times, np.array(marker) != 0), 1, Window(0.5, 1.5, None), "meter")


@pytest.mark.parametrize(
    ("window", "words"),
    [(Window(0.5, 9.5, 8.0), "busy for 8 s"), (Window(4.5, 5.5, 1.0), "had the answer after 1 s")],
)
def test_a_pulse_of_something_else_is_an_error(window: Window, words: str) -> None:
    with pytest.raises(MeterFailed, match=rf"(?s)not of these inferences.*2 s in all.*{words}"):
        energy_of(recording("once"), 4, window, "meter")


@pytest.mark.parametrize(
    ("amps", "words"),
    [
        ([-0.1] * 9, r"(?s)not above zero.*-0.3 W.*leads reversed"),
        ([0.0] * 9, "(?s)not above zero.*supply led through it"),
        ([0.1] * 3 + [0.01] * 3 + [0.1] * 3, "not above zero"),  # more around the inferences than in them
        ([1e300] * 9, r"the meter says 1e\+300 A"),
        ([0.1, float("nan")] + [0.1] * 7, "the meter says nan A"),
    ],
)
def test_what_cannot_be_is_not_energy(amps: list[float], words: str) -> None:
    samples = Samples(np.arange(9.0), np.array(amps), np.full(9, 3.0))
    with pytest.raises(MeterFailed, match=words):
        energy_of(samples, 1, Window(3.0, 6.0, 0.1), "meter")


def test_time_that_goes_back_is_an_error() -> None:
    times = np.array([0.0, 1.0, 2.0, 0.5, 3.0])  # as of a counter that overflows
    with pytest.raises(MeterFailed, match="do not rise"):
        energy_of(Samples(times, times, times), 1, Window(0.5, 2.5, None), "meter")


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


@pytest.mark.parametrize(
    "text", ["220", "220mAh", "220mAh@3V", "0mAh@3V/10s", "220mAh@3V/1.2.3s", "-1mAh@3V/1s", f"{'9' * 400}mAh@3V/1s"]
)
def test_other_batteries_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="no battery"):
        parse_battery(text)


@pytest.mark.parametrize(
    ("energy", "words"),
    [(used(1.0, None), "idle power"), (used(1.0, 1.0, 20.0), "longer than"), (used(0.0, 0.0), "above zero")],
)
def test_a_battery_needs_what_it_is_reckoned_with(energy: Energy, words: str) -> None:
    with pytest.raises(InputError, match=words):
        battery_life(energy, parse_battery("220mAh@3V/10s"))
