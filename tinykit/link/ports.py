"""Serial ports of this computer: which there are, and the one that is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.errors import DeviceMissing
from tinykit.link.port_access import access_problem

_PREFIX = "usb:"
BRIDGES = {
    "0403:6001": "FTDI FT232R",
    "0403:6010": "FTDI FT2232H",
    "0403:6014": "FTDI FT232H",
    "0403:6015": "FTDI FT231X",
    "10c4:ea60": "Silicon Labs CP210x",
    "10c4:ea70": "Silicon Labs CP2105",
    "1a86:7523": "WCH CH340",
    "1a86:55d4": "WCH CH9102",
    "067b:2303": "Prolific PL2303",
}
"""USB-to-serial chips, which boards of all kinds carry (usb.ids, http://www.linux-usb.org/usb-ids.html)."""


@dataclass(frozen=True)
class SerialPortInfo:
    """A serial port as the operating system describes it.

    Attributes:
        device: what to open ("/dev/ttyUSB0", "COM3").
        usb: "vid:pid" in four hexadecimal digits each; None where the port is not on USB.
        serial_number: of the USB device, where it has one.
        description: in the device's own words.
        bridge: the USB-to-serial chip, when it is a known one: its ids say nothing about the board behind it.
        problem: why this user may not open it, and what to do; None when nothing is in the way.
        location: where it is plugged in ("1-1.2:1.0": bus, hubs' ports, interface); None where that is not known.
    """

    device: str
    usb: str | None
    serial_number: str | None
    description: str
    bridge: str | None
    problem: str | None
    location: str | None = None


def list_ports() -> list[SerialPortInfo]:
    """All serial ports with a device behind them, USB first, by name."""
    from serial.tools import list_ports as system

    found = []
    for port in system.comports():
        usb = f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None and port.pid is not None else None
        if usb is None and (port.hwid or "n/a") == "n/a":
            continue  # a name that the system keeps for a port that is not there
        words = [port.manufacturer, port.product] if port.product else [port.description]
        description = " ".join(str(word) for word in words if word and word != "n/a")
        found.append(
            SerialPortInfo(
                device=str(port.device),
                usb=usb,
                serial_number=port.serial_number or None,
                description=description,
                bridge=BRIDGES.get(usb or ""),
                problem=access_problem(str(port.device)),
                location=port.location or None,
            )
        )
    return sorted(found, key=lambda port: (port.usb is None, port.device))


def resolve_port(name: str) -> str:
    """A port's name as it can be opened: "usb:" and vid:pid, serial number or location are looked up, others stay.

    "usb:303a:1001", "usb:E6614103E7", "usb:1-1.2" (a socket of a hub), "usb:1-1.2:1.2" (one of several ports there).

    Raises:
        DeviceMissing: nothing such is connected, or more than one.
    """
    if not name.startswith(_PREFIX):
        return name
    wanted = name.removeprefix(_PREFIX).lower()
    ports = list_ports()
    return _the_one([p for p in ports if wanted in _names(p)], ports, name)


def find_port(usb_ids: Sequence[str], board: str) -> str:
    """The port a board is on, by the USB ids that such boards have.

    Raises:
        DeviceMissing: nothing such is connected, or more than one; names what is.
    """
    ports = list_ports()
    return _the_one([p for p in ports if p.usb in usb_ids], ports, board)


def _the_one(matching: list[SerialPortInfo], ports: list[SerialPortInfo], what: str) -> str:
    if len(matching) == 1:
        return matching[0].device
    if matching:
        raise DeviceMissing(
            f"{len(matching)} serial ports could be it",
            where=what,
            why=", ".join(_words(p) for p in matching),
            hint="choose with --port: a name as above, or usb:<serial number>",
        )
    others = ", ".join(_words(p) for p in ports) or "no serial port at all"
    raise DeviceMissing(
        "not connected",
        where=what,
        why=f"no serial port has its USB ids; there is {others}",
        hint="connect it with a cable that carries data, see `tinykit ports`, or name the port with --port",
    )


def _names(port: SerialPortInfo) -> tuple[str | None, ...]:
    """What may stand after "usb:" for a port."""
    location = port.location or ""
    return port.usb, *filter(None, ((port.serial_number or "").lower(), location.lower(), location.split(":")[0]))


def _words(port: SerialPortInfo) -> str:
    parts = [port.usb or "not on USB", f"serial number {port.serial_number}" if port.serial_number else ""]
    return f"{port.device} ({', '.join(p for p in parts if p)})"
