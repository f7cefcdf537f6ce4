"""From what --meter says to a meter."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from tinykit.errors import InputError, ToolMissing
from tinykit.hil.energy.meter import Meter

FORMS = "csv:FILE, ina:PORT, joulescope, ppk2[:PORT],VOLTS or ppk2[:PORT],VOLTS,source"


def open_meter(spec: str) -> Meter:
    """The meter that a text names, not connected yet.

    Args:
        spec: ``csv:FILE`` replays a recording. ``ina:PORT`` is an INA219 or INA226 behind a helper board.
            ``joulescope`` is the only one connected. ``ppk2,3.3`` is a Power Profiler Kit II in a supply of 3.3 V,
            found by its USB name; ``ppk2:/dev/ttyACM0,3.3,source`` one that supplies the board itself.

    Raises:
        InputError: it is none of these forms, or the file cannot be read.
        ToolMissing: the instrument's Python package is not installed; says how to install it.
    """
    kind, _, rest = spec.partition(":")
    if kind == "csv" and rest:
        from tinykit.hil.energy.csv_replay import CsvReplay

        return CsvReplay(Path(rest))
    if kind == "ina" and rest:
        from tinykit.hil.energy.ina_serial import InaSerial

        return InaSerial(rest)
    if spec == "joulescope":
        from tinykit.hil.energy.joulescope import Joulescope

        return Joulescope(_package("joulescope", "joulescope"))
    if spec.startswith("ppk2"):
        from tinykit.hil.energy.ppk2 import Ppk2

        head, *settings = spec.split(",")
        if head.partition(":")[0] == "ppk2" and len(settings) in (1, 2) and settings[1:] in ([], ["source"]):
            volts = _volts(settings[0])
            package = _package("ppk2_api.ppk2_api", "ppk2-api")
            return Ppk2(package, head.partition(":")[2], volts, source=len(settings) == 2)
    raise InputError(f"no meter {spec!r}", hint=f"--meter takes {FORMS}")


def _volts(text: str) -> float:
    """The Power Profiler Kit II takes 0.8 V to 5 V (its user guide, "Specifications")."""
    try:
        volts = float(text)
    except ValueError:
        volts = 0.0
    if not 0.8 <= volts <= 5.0:
        raise InputError(f"no supply of {text} V", hint="a number from 0.8 to 5, as in --meter ppk2,3.3")
    return volts


def _package(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ToolMissing(
            f"the Python package {package} is not installed", why=str(error), hint=f"pip install {package}"
        ) from None
