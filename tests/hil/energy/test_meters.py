"""Meters: a replay, a pseudo-terminal that plays a helper board, and the real packages without their instruments."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.errors import DeviceError, DeviceMissing, DeviceSilent, InputError, ToolMissing
from tinykit.hil.energy import open_meter
from tinykit.hil.energy.ppk2 import Ppk2

from .ina_helper import InaHelper

needs_terminals = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")


def test_a_recording_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("seconds,amps,volts,marker,note\n0,0.01,3.3,0,a\n0.5,0.02,3.2,1,b\n1,0.01,3.3,0,c\n")
    with open_meter(f"csv:{path}") as meter:
        meter.start()
        samples = meter.stop()
    assert samples.joules(0, 1) == pytest.approx(0.5 * 0.033 + 0.5 * 0.064)
    assert samples.pulses() == [(0.5, 1.0)]
    assert "run.csv" in meter.description


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column 'seconds'"),
        ("seconds,amps\n0,1\n", "no column 'volts'"),
        ("seconds,amps,volts\n0,1,x\n1,1,1\n", "'x' is no number"),
        ("seconds,amps,volts\n0,1,nan\n1,1,1\n", "'nan' is no number"),
        ("seconds,amps,volts\n0,1\n1,1,1\n", "None is no number"),
        ("seconds,amps,volts\n0,1,1\n", "two samples"),
        ("seconds,amps,volts\n1,1,1\n1,1,1\n", "rising"),
    ],
)
def test_a_recording_that_is_none_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "run.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        open_meter(f"csv:{path}")
    assert words in caught.value.what


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        open_meter(f"csv:{tmp_path / 'none.csv'}")


LINES = [f"{1000 * i},{10_000 + i},3300,{int(3 <= i < 6)}" for i in range(10)]


@needs_terminals
def test_a_helper_board_sends_samples() -> None:
    with InaHelper(LINES) as helper, open_meter(f"ina:{helper.port}") as meter:
        meter.start()
        samples = meter.stop()
        assert "INA226" in meter.description
        assert samples.times == pytest.approx(np.arange(10) / 1000)
        assert samples.amps[3] == pytest.approx(0.010003)
        assert samples.volts[0] == pytest.approx(3.3)
        assert samples.pulses() == [(pytest.approx(0.003), pytest.approx(0.006))]
        meter.start()
        assert len(meter.stop().times) == 10, "and again"


@needs_terminals
@pytest.mark.parametrize(("lines", "sent"), [(LINES[:7], 10), ([*LINES[:9], "9000,10x,3300,0"], 10)])
def test_samples_that_were_lost_are_noticed(lines: list[str], sent: int) -> None:
    with InaHelper(lines, sent=sent) as helper, open_meter(f"ina:{helper.port}") as meter:
        meter.start()
        with pytest.raises(DeviceError, match=rf"{sent - len([x for x in lines if 'x' not in x])} of 10 samples"):
            meter.stop()


@needs_terminals
def test_something_else_on_the_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykit.hil.energy.ina_serial._TIMEOUT", 0.3)
    with InaHelper([], head="hello") as helper, open_meter(f"ina:{helper.port}") as meter, pytest.raises(DeviceSilent):
        meter.start()


def test_a_port_that_is_not_there() -> None:
    with pytest.raises(DeviceMissing), open_meter("ina:/dev/no-such-port"):
        pass


@pytest.mark.parametrize("spec", ["", "ppk", "ppk2", "ppk2,3.3,sink", "ppk3,3.3", "csv:", "ina:", "joulescope:"])
def test_other_meters_are_refused_with_the_forms(spec: str) -> None:
    with pytest.raises(InputError) as caught:
        open_meter(spec)
    assert "ppk2[:PORT],VOLTS" in str(caught.value.hint)


@pytest.mark.parametrize("volts", ["0", "6", "x"])
def test_a_supply_that_the_kit_does_not_have(volts: str) -> None:
    with pytest.raises(InputError, match="no supply"):
        open_meter(f"ppk2,{volts}")


@pytest.mark.parametrize(
    ("spec", "module", "package"), [("ppk2,3.3", "ppk2_api", "ppk2-api"), ("joulescope", "joulescope", "joulescope")]
)
def test_a_package_that_is_missing_is_named(
    spec: str, module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ToolMissing) as caught:
        open_meter(spec)
    assert caught.value.hint == f"pip install {package}"


@pytest.mark.parametrize(("spec", "module"), [("ppk2,3.3", "ppk2_api.ppk2_api"), ("joulescope", "joulescope")])
def test_the_real_package_finds_no_instrument(spec: str, module: str) -> None:
    package: Any = pytest.importorskip(module, reason=f"{module} is not installed")
    if package.PPK2_API.list_devices() if spec.startswith("ppk2") else package.scan(config="auto"):
        pytest.skip("an instrument is connected")
    with pytest.raises(DeviceMissing, match="no "), open_meter(spec):
        pass


def test_a_kits_data_is_converted_by_the_real_package() -> None:
    """Words as the kit sends them: the ADC's value in bits 0 to 13, its range from bit 14, D0 to D7 from bit 24."""
    package: Any = pytest.importorskip("ppk2_api.ppk2_api", reason="ppk2-api is not installed")
    kit = package.PPK2_API.__new__(package.PPK2_API)  # without a port; what __init__ knows of the conversion follows
    line = _Line(struct.pack("<4I", *(100 | (4 << 14) | (bit << 24) for bit in (0, 1, 1, 0))))
    _initialise(kit, package, line)
    meter = Ppk2(package, "", 3.3, False)
    meter._kit = kit
    meter.start()
    while line.data:
        pass
    samples = meter.stop()
    assert len(samples.times) == 4
    assert samples.times[1] == pytest.approx(1e-5)
    assert samples.marker is not None
    assert samples.marker.tolist() == [False, True, True, False]
    assert np.isfinite(samples.amps).all()
    assert samples.volts.tolist() == [3.3] * 4


class _Line:
    """In the serial port's place: gives its data once."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def in_waiting(self) -> int:
        return len(self.data)

    def read(self, size: int) -> bytes:
        data, self.data = self.data[:size], self.data[size:]
        return data

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


def _initialise(kit: Any, package: Any, line: _Line) -> None:
    """The package's own __init__, with ``line`` for its port."""

    class Module:
        Serial = staticmethod(lambda *_, **__: line)

    real = package.serial
    package.serial = Module
    try:
        package.PPK2_API.__init__(kit, "none")
    finally:
        package.serial = real
    kit.current_vdd = 3300
