"""From what --meter says to a meter."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from tinykit.errors import InputError, ToolMissing
from tinykit.hil.energy.meter import Meter
from tinykit.hil.energy.supply import HIGHEST_VOLTS, LOWEST_VOLTS

FORMS = "csv:FILE, ina:PORT, joulescope[:SERIAL], ppk2[:PORT],VOLTS or ppk2[:PORT],VOLTS,source"


def open_meter(spec: str) -> Meter:
    """The meter that a text names, not connected yet.

    Args:
        spec: ``csv:FILE`` replays a recording. ``ina:PORT`` is an INA219 or INA226 behind a helper board.
            ``joulescope`` is the only one connected, ``joulescope:SERIAL`` one of several. ``ppk2,3.3`` is a Power
            Profiler Kit II in a supply of 3.3 V, found by its USB name; ``ppk2:/dev/ttyACM0,3.3,source`` one that
            supplies the board itself.

    Raises:
        InputError: it is none of these forms, or the file cannot be read.
        ToolMissing: the instrument's Python package is not installed; says how to install it.
    """
    kind, colon, rest = spec.partition(":")
    if kind == "csv" and rest:
        return open_csv(Path(rest))
    if kind == "ina" and rest:
        return open_ina(rest)
    if kind == "joulescope" and (rest or not colon):
        return open_joulescope(rest or None)
    head, *settings = spec.split(",")
    if head.partition(":")[0] == "ppk2" and len(settings) in (1, 2) and settings[1:] in ([], ["source"]):
        return open_ppk2(head.partition(":")[2], _volts(settings[0]), source=len(settings) == 2)
    raise InputError(f"no meter {spec!r}", hint=f"--meter takes {FORMS}")


def open_csv(file: Path) -> Meter:
    """A replay. Errors of this and the following are those of ``open_meter``."""
    from tinykit.hil.energy.csv_replay import CsvReplay

    return CsvReplay(file)


def open_ina(port: str) -> Meter:
    """An INA219 or INA226 behind a helper board on a serial port."""
    from tinykit.hil.energy.ina_serial import InaSerial

    return InaSerial(port)


def open_joulescope(serial_number: str | None) -> Meter:
    """The Joulescope with this serial number; None: the only one."""
    from tinykit.hil.energy.joulescope import Joulescope

    return Joulescope(_package("joulescope", "joulescope"), serial_number)


def open_ppk2(port: str, volts: float, *, source: bool) -> Meter:
    """A Power Profiler Kit II; the only one where ``port`` is empty."""
    from tinykit.hil.energy.ppk2 import Ppk2

    return Ppk2(_package("ppk2_api.ppk2_api", "ppk2-api"), port, volts, source)


def _volts(text: str) -> float:
    try:
        volts = float(text)
    except ValueError:
        volts = 0.0
    if not LOWEST_VOLTS <= volts <= HIGHEST_VOLTS:
        raise InputError(
            f"no supply of {text} V",
            hint=f"a number from {LOWEST_VOLTS:g} to {HIGHEST_VOLTS:g}, as in --meter ppk2,3.3",
        )
    return volts


def _package(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ToolMissing(
            f"the Python package {package} is not installed", why=str(error), hint=f"pip install {package}"
        ) from None
