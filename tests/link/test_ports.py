"""Serial ports: listed, looked up, and explained when they cannot be opened."""

from __future__ import annotations

import errno
import grp
import json
import os
import pwd
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports as system
from serial.tools.list_ports_common import ListPortInfo
from typer.testing import CliRunner

from tinykit.board import boards_on_usb
from tinykit.cli.main import app
from tinykit.errors import DeviceMissing
from tinykit.link import SerialStream
from tinykit.link.port_access import cannot_open
from tinykit.link.ports import find_port, list_ports, resolve_port

CP2102, ESPRESSIF, NOBODY = (0x10C4, 0xEA60), (0x303A, 0x1001), (0xFFFF, 0x0001)


def _port(
    device: str, ids: tuple[int, int] | None, serial: str | None = None, product: str = "", location: str | None = None
) -> ListPortInfo:
    info = ListPortInfo(device)
    if ids is not None:
        info.vid, info.pid = ids
        info.hwid = "USB"
    info.serial_number, info.product, info.location = serial, product, location
    return info


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [
        _port("/dev/ttyS4", None),  # a name without a port
        _port("/dev/ttyUSB1", CP2102, "0001", "CP2102 USB to UART", "1-1.2:1.0"),
        _port("/dev/ttyUSB0", CP2102, "0002", location="1-1.3"),
        _port("/dev/ttyACM0", ESPRESSIF, "7C:DF:A1:B2:C3:D4", "USB JTAG/serial debug unit"),
    ]
    monkeypatch.setattr(system, "comports", lambda: ports)


@pytest.mark.usefixtures("connected")
def test_ports_are_listed_with_what_may_be_behind_them() -> None:
    ports = list_ports()
    assert [p.device for p in ports] == ["/dev/ttyACM0", "/dev/ttyUSB0", "/dev/ttyUSB1"]
    assert [p.usb for p in ports] == ["303a:1001", "10c4:ea60", "10c4:ea60"]
    assert ports[1].bridge == "Silicon Labs CP210x"
    assert ports[0].bridge is None


@pytest.mark.usefixtures("connected")
def test_a_port_by_ids_or_serial_number() -> None:
    assert resolve_port("/dev/ttyUSB7") == "/dev/ttyUSB7"
    assert resolve_port("usb:303a:1001") == resolve_port("usb:303A:1001") == "/dev/ttyACM0"
    assert resolve_port("usb:0001") == "/dev/ttyUSB1"
    assert resolve_port("usb:7C:DF:A1:B2:C3:D4") == "/dev/ttyACM0"
    assert resolve_port("usb:1-1.2") == resolve_port("usb:1-1.2:1.0") == "/dev/ttyUSB1"
    assert resolve_port("usb:1-1.3") == "/dev/ttyUSB0"
    with pytest.raises(DeviceMissing, match=r"2 serial ports(.|\n)*ttyUSB0 .*0002(.|\n)*ttyUSB1"):
        resolve_port("usb:10c4:ea60")
    with pytest.raises(DeviceMissing, match=r"not connected(.|\n)*ttyACM0"):
        resolve_port("usb:9999")


@pytest.mark.usefixtures("connected")
def test_a_board_is_found_by_its_ids() -> None:
    assert find_port(["303a:1001"], "mine") == "/dev/ttyACM0"
    with pytest.raises(DeviceMissing, match="mine: 3 serial ports could be it"):
        find_port(["303a:1001", "10c4:ea60"], "mine")
    with pytest.raises(DeviceMissing, match="mine: not connected"):
        find_port(["2e8a:000a"], "mine")


def test_nothing_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "comports", list)
    with pytest.raises(DeviceMissing, match="no serial port at all"):
        find_port(["303a:1001"], "mine")
    assert "no serial ports" in CliRunner().invoke(app, ["ports"]).output
    assert json.loads(CliRunner().invoke(app, ["ports", "--json"]).output) == []


@pytest.mark.slow
@pytest.mark.usefixtures("connected")
def test_the_command() -> None:
    values = json.loads(CliRunner().invoke(app, ["ports", "--json"]).output)
    assert [value["device"] for value in values] == ["/dev/ttyACM0", "/dev/ttyUSB0", "/dev/ttyUSB1"]
    assert values[0]["boards"] == boards_on_usb("303a:1001")
    text = CliRunner().invoke(app, ["ports"]).output
    assert "/dev/ttyACM0  303a:1001, serial number 7C:DF:A1:B2:C3:D4" in text
    assert "a USB-to-serial chip" in text


@pytest.mark.parametrize(
    ("ids", "boards"),
    [
        ((0x0483, 0x374B), ["b-l475e-iot01a", "nucleo-f767zi", "nucleo-l4r5zi"]),
        ((0x0D28, 0x0204), ["microbit", "microbit2"]),
        ((0x2341, 0x805A), ["nano33ble"]),
        ((0x2E8A, 0x000C), ["pico", "pico2"]),
    ],
)
def test_all_boards_that_may_be_behind_an_interface_are_guessed(
    monkeypatch: pytest.MonkeyPatch, ids: tuple[int, int], boards: list[str]
) -> None:
    monkeypatch.setattr(system, "comports", lambda: [_port("/dev/ttyACM0", ids)])
    assert json.loads(CliRunner().invoke(app, ["ports", "--json"]).output)[0]["boards"] == boards
    assert f"may be {' or '.join(boards)}" in CliRunner().invoke(app, ["ports"]).output


def _status(monkeypatch: pytest.MonkeyPatch, mode: int, group: str, members: list[str]) -> None:
    """A device file of that mode and group, seen by the user "me"."""
    status = SimpleNamespace(st_mode=stat.S_IFCHR | mode, st_gid=77)
    monkeypatch.setattr(Path, "stat", lambda self, **_: status)
    monkeypatch.setattr(grp, "getgrgid", lambda gid: SimpleNamespace(gr_name=group, gr_mem=members))
    monkeypatch.setattr(grp, "getgrnam", lambda name: SimpleNamespace(gr_name=name))
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name="me"))


@pytest.mark.parametrize(
    ("mode", "group", "members", "why", "hint"),
    [
        (0o660, "uucp", [], "for the group uucp, and me is not in it", "usermod -aG uucp me"),
        (0o660, "dialout", ["me"], "this login is older", "newgrp dialout"),
        (0o600, "root", [], "belongs to root with mode crw-------", "udev/rules.d/70-tinykit.rules"),
        (0o660, "root", [], "no group of users", 'GROUP="dialout", MODE="0660"'),
    ],
)
def test_a_refused_port_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, mode: int, group: str, members: list[str], why: str, hint: str
) -> None:
    _status(monkeypatch, mode, group, members)
    error = cannot_open("/dev/ttyUSB0", PermissionError(errno.EACCES, "Permission denied"))
    assert why in str(error.why)
    assert hint in str(error.hint)
    assert error.exit_code == 3


def test_a_real_port_that_may_not_be_opened(tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may open every port")
    path = tmp_path / "ttyUSB0"
    path.touch(mode=0)
    with pytest.raises(DeviceMissing, match="permission denied"):
        SerialStream(str(path))


def test_a_busy_port_is_explained() -> None:
    ours, theirs = os.openpty()
    name = os.ttyname(theirs)
    first = SerialStream(name)
    try:
        with pytest.raises(DeviceMissing, match="has it open"):
            SerialStream(name)
    finally:
        first.close()
        os.close(ours)
        os.close(theirs)
