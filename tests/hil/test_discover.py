"""What is connected becomes a bench.toml that can be used once the boards are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from serial.tools import list_ports as system
from serial.tools.list_ports_common import ListPortInfo
from typer.testing import CliRunner

from tinykit.board import list_boards
from tinykit.cli.main import app
from tinykit.errors import InputError
from tinykit.hil.inventory import load_inventory


def _port(device: str, ids: tuple[int, int], serial: str | None, location: str | None, product: str) -> ListPortInfo:
    info = ListPortInfo(device)
    info.vid, info.pid = ids
    info.hwid, info.serial_number, info.location, info.product = "USB", serial, location, product
    return info


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    (usb,) = (board.usb[0] for board in list_boards() if board.name == "microbit2")
    daplink = (int(usb[:4], 16), int(usb[5:], 16))
    ports = [
        _port("/dev/ttyUSB0", (0x10C4, 0xEA60), "0001", "1-1.2", "CP2102"),
        _port("/dev/ttyUSB1", (0x10C4, 0xEA60), "0001", "1-1.3", 'a "clone"\x07'),
        _port("/dev/ttyACM0", daplink, "9904", "1-1.4:1.1", "DAPLink"),
    ]
    monkeypatch.setattr(system, "comports", lambda: ports)


@pytest.mark.usefixtures("connected")
def test_ports_become_places_by_what_is_theirs_alone(tmp_path: Path) -> None:
    """Two bridges with one serial number, as cheap ones have: their location tells them apart."""
    run = CliRunner().invoke(app, ["bench", "discover"])
    assert run.exit_code == 0
    assert 'serial_number = "9904"' in run.stdout
    assert [line for line in run.stdout.splitlines() if "location =" in line] == [
        'location = "1-1.2"',
        'location = "1-1.3"',
    ]
    file = tmp_path / "bench.toml"
    file.write_text(run.stdout)
    with pytest.raises(InputError, match=r"board: missing"):  # what is not known has to be said
        load_inventory(file)
    file.write_text("\n".join('board = "esp32"' if "# board" in line else line for line in run.stdout.splitlines()))
    bench = load_inventory(file)
    assert {slot.table.address for slot in bench.slots} == {"usb:9904", "usb:1-1.2", "usb:1-1.3"}


@pytest.mark.usefixtures("connected")
def test_as_json() -> None:
    run = CliRunner().invoke(app, ["bench", "discover", "--json"])
    found = json.loads(run.stdout)
    assert [(place["key"], place["value"]) for place in found] == [
        ("serial_number", "9904"), ("location", "1-1.2"), ("location", "1-1.3"),
    ]  # fmt: skip
    assert found[1]["boards"] == []  # a USB-to-serial chip does not tell


def test_emulators_can_be_used_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "comports", list)
    run = CliRunner().invoke(app, ["bench", "discover", "--emulators"])
    (tmp_path / "bench.toml").write_text(run.stdout)
    names = {slot.name for slot in load_inventory(tmp_path / "bench.toml").slots}
    assert names == {board.name for board in list_boards() if board.emulator is not None}
    assert "no serial ports" in run.stderr
