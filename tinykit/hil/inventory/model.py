"""What bench.toml says, as typed values: one class for each of its tables. docs/bench.md describes it key by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tinykit.firmware.engine import Engine
from tinykit.hil.energy.supply import HIGHEST_VOLTS, LOWEST_VOLTS
from tinykit.hil.run_files import clash
from tinykit.tables import LINE, matching

if TYPE_CHECKING:
    from typing_extensions import Self

_Line = Annotated[str, Field(min_length=1, max_length=1000), LINE]
_Name = Annotated[
    str,
    Field(min_length=1, max_length=60),
    matching(r"[A-Za-z0-9][A-Za-z0-9._-]*", "must be letters, digits, and . _ - after the first"),
]
_Location = Annotated[
    str,
    matching(
        r"[0-9]+-[0-9]+(\.[0-9]+)*(:[0-9]+\.[0-9]+)?",
        'must be a location as `tinykit bench discover` shows it: "1-1.2" or "1-1.2:1.2"',
    ),
]
_Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
_List = Field(strict=False)
"""TOML has lists, and no tuples."""
_LONGEST_RELAY_MESSAGE = 64


class _Table(BaseModel):
    """A TOML table: a key that is not known is an error, so is a value of another type; values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _PowerTable(_Table):
    """What all power switches have.

    Attributes:
        off_seconds: how long the power stays off; long enough for the board's capacitors.
        boot_seconds: how long the board may take to start after that, before it is talked to.
    """

    off_seconds: _Seconds = 2.0
    boot_seconds: _Seconds = 1.0


class UhubctlPower(_PowerTable):
    """A USB hub that can switch its ports, through the program uhubctl.

    Attributes:
        hub: its location, as ``uhubctl`` prints it ("1-1").
        port: number of the socket on that hub.
    """

    kind: Literal["uhubctl"]
    hub: Annotated[str, matching(r"[0-9]+(-[0-9]+(\.[0-9]+)*)?", 'must be a hub as uhubctl names it: "1-1.4"')]
    port: int = Field(ge=1, le=64)


class RelayPower(_PowerTable):
    """A relay board on a serial port that obeys fixed bytes.

    Attributes:
        port: a serial port, or "usb:" and a serial number or location.
        on, off: what to send, as hexadecimal bytes ("a0 01 01 a2").
    """

    kind: Literal["relay"]
    port: _Line
    baud: int = Field(default=9600, gt=0, le=10_000_000)
    on: str
    off: str

    @field_validator("on", "off")
    @classmethod
    def _check_bytes(cls, text: str) -> str:
        try:
            size = len(bytes.fromhex(text))
        except ValueError:
            raise ValueError('must be hexadecimal bytes such as "a0 01 01 a2"') from None
        if not 1 <= size <= _LONGEST_RELAY_MESSAGE:
            raise ValueError(f"must be 1 to {_LONGEST_RELAY_MESSAGE} bytes")
        return text


class CommandPower(_PowerTable):
    """Anything else: two shell commands.

    Attributes:
        on, off: given to ``sh -c``; an exit status other than 0 is a failure.
        seconds: how long each may take.
    """

    kind: Literal["command"]
    on: _Line
    off: _Line
    seconds: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 30.0


Power = Annotated[Union[UhubctlPower, RelayPower, CommandPower], Field(discriminator="kind")]


class _PortMeter(_Table):
    """A meter that is read through a serial port, which is given in one of two ways.

    Attributes:
        serial_number: of its USB device.
        port: the serial port, or "usb:" and a location.
    """

    serial_number: _Line | None = None
    port: _Line | None = None

    @model_validator(mode="after")
    def _check_one_way(self) -> Self:
        if (self.serial_number is None) == (self.port is None):
            raise ValueError("give serial_number or port, one of the two")
        return self

    @property
    def address(self) -> str:
        """As ``tinykit.link.ports.resolve_port`` takes it."""
        return self.port or f"usb:{self.serial_number}"


class Ppk2Meter(_PortMeter):
    """A Power Profiler Kit II.

    Attributes:
        volts: of the board's supply.
        source: it supplies the board itself.
    """

    kind: Literal["ppk2"]
    volts: float = Field(ge=LOWEST_VOLTS, le=HIGHEST_VOLTS)
    source: bool = False


class InaMeter(_PortMeter):
    """An INA219 or INA226 behind a helper board."""

    kind: Literal["ina"]


class JoulescopeMeter(_Table):
    """A Joulescope; the only one that is connected, or that with this serial number."""

    kind: Literal["joulescope"]
    serial_number: _Line | None = None

    @property
    def address(self) -> str:
        """A name of the instrument, which is no serial port."""
        return f"joulescope:{self.serial_number or ''}"


class CsvMeter(_Table):
    """A recording instead of an instrument; ``file`` is relative to the inventory."""

    kind: Literal["csv"]
    file: _Line

    @property
    def address(self) -> None:
        """Any number of places may read it."""
        return None


Meter = Annotated[Union[Ppk2Meter, JoulescopeMeter, InaMeter, CsvMeter], Field(discriminator="kind")]


class Retry(_Table):
    """What happens after a board did not answer as the link wants it: silence, garbage, a stop, a restart.

    A wrong answer is a result and never tried again.

    Attributes:
        attempts: how often a model is tried on the board in all.
        power_cycle: switch the power off and on before the next attempt, where there is a switch.
        pause: seconds before the next attempt.
    """

    attempts: int = Field(default=2, ge=1, le=20)
    power_cycle: bool = True
    pause: _Seconds = 0.0


class Timeouts(_Table):
    """Seconds.

    Attributes:
        connect: from opening the port to the first answer.
        run: one inference.
        appear: until the port is there again after a failure, or after the power was switched.
        lock: another program may hold the port.
    """

    connect: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 10.0
    run: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] = 120.0
    appear: _Seconds = 15.0
    lock: _Seconds = 60.0


class PlaceTable(_Table):
    """One place of the bench: a board, how it is found, what switches it.

    Attributes:
        board: a board's name, or a .toml file relative to the inventory.
        serial_number: of the USB device that is its serial port.
        location: where on USB that is plugged in ("1-1.2", or "1-1.2:1.2" for one of several ports there).
        port: a serial port by name, pyserial URL, or ssh://. With none of the three the board's emulator is
            started, or a board without one looked for by its USB ids.
        probe: which debug probe flashes it, where there are several.
        engine: what runs the models there; a runner's needs Linux, and a port.
        retry, timeouts: instead of the bench's.
    """

    name: _Name
    board: _Line
    serial_number: _Line | None = None
    location: _Location | None = None
    port: _Line | None = None
    probe: _Line | None = None
    engine: Engine = "aot"
    tags: Annotated[tuple[_Name, ...], _List] = ()
    power: Power | None = None
    meter: Meter | None = None
    retry: Retry | None = None
    timeouts: Timeouts | None = None

    @model_validator(mode="after")
    def _check_one_way(self) -> Self:
        given = [key for key in ("serial_number", "location", "port") if getattr(self, key) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} both say where the board is: keep one")
        return self

    @property
    def address(self) -> str | None:
        """The port as ``tinykit.emulate.open_board`` takes it; None for an emulator, or a search by USB ids."""
        if self.serial_number is not None:
            return f"usb:{self.serial_number}"
        return self.port if self.location is None else f"usb:{self.location}"


class InventoryTable(_Table):
    """The whole file; ``retry`` and ``timeouts`` hold for places that have none of their own."""

    place: Annotated[tuple[PlaceTable, ...], _List] = Field(min_length=1, max_length=1000)
    retry: Retry = Retry()
    timeouts: Timeouts = Timeouts()

    @field_validator("place")
    @classmethod
    def _check_places(cls, places: tuple[PlaceTable, ...]) -> tuple[PlaceTable, ...]:
        ports = [p.address for p in places]
        meters = [p.meter.address for p in places if p.meter is not None]
        for what, keys in (("name", [p.name.lower() for p in places]), ("port", ports), ("meter", meters)):
            twice = next((key for n, key in enumerate(keys) if key is not None and key in keys[:n]), None)
            if twice is not None:
                raise ValueError(f"two places have the {what} {twice!r}")
        fault = clash([place.name for place in places])
        if fault is not None:
            raise ValueError(fault)
        both = next((port for port in ports if port is not None and port in meters), None)
        if both is not None:
            raise ValueError(f"{both!r} is the port of a board and of a meter")
        return places
