"""bench.toml with its boards: read, checked, selected from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinykit.board import Board, load_board
from tinykit.errors import BoardError, InputError
from tinykit.firmware.engine import RUNNER_ENGINES, Engine
from tinykit.hil.inventory.model import InventoryTable, PlaceTable, Retry, Timeouts
from tinykit.tables import read_table

_HINT = "docs/bench.md describes every key; `tinykit bench discover` writes a bench.toml of what is connected"

_TAGS = {
    "place": (),
    "power": ("uhubctl", "relay", "command"),
    "meter": ("ppk2", "joulescope", "ina", "csv"),
}


@dataclass(frozen=True)
class Slot:
    """A place as the inventory has it, with its board.

    Attributes:
        retry, timeouts: its own, or the bench's.
    """

    table: PlaceTable
    board: Board
    retry: Retry
    timeouts: Timeouts

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def tags(self) -> frozenset[str]:
        """What ``select`` knows it by: its tags, its name, its board's name."""
        return frozenset((*self.table.tags, self.table.name, self.board.name))

    @property
    def is_emulated(self) -> bool:
        """Whether it is a process of this computer, new for each session."""
        return self.table.address is None and self.board.emulator is not None


@dataclass(frozen=True)
class Inventory:
    path: Path
    slots: tuple[Slot, ...]


def load_inventory(path: Path) -> Inventory:
    """Read a bench.toml and the boards it names.

    Raises:
        InputError: it cannot be read, or something in it is wrong; names the key and what is allowed.
        BoardError: a board in it is unknown or wrong; names the place.
    """
    table = read_table(path, InventoryTable, noun="bench file", error=InputError, hint=_HINT, tags=_TAGS)
    slots = []
    for place in table.place:
        board = _board(path, place)
        slot = Slot(place, board, place.retry or table.retry, place.timeouts or table.timeouts)
        fault = _fault(slot)
        if fault is not None:
            raise InputError("wrong bench file", where=str(path), why=f"place {place.name}: {fault}", hint=_HINT)
        slots.append(slot)
    return Inventory(path, tuple(slots))


def slot_for(board_name: str, port: str | None = None, engine: Engine = "aot") -> Slot:
    """The place of one board without an inventory, named as the board.

    Args:
        port: where it is; without it its emulator, or a search by its USB ids.
        engine: what runs the models there.

    Raises:
        BoardError: there is no such board, or no way to it.
    """
    board = load_board(board_name)
    slot = Slot(PlaceTable(name=board.name, board=board_name, port=port, engine=engine), board, Retry(), Timeouts())
    fault = _fault(slot)
    if fault is not None and engine in RUNNER_ENGINES:
        raise BoardError(f"{board.name}: {fault}")
    if fault is not None:
        raise BoardError(
            f"{board.name} has no emulator", hint="say where it is: a serial port, or ssh://user@host, or a bench.toml"
        )
    return slot


def select(inventory: Inventory, tags: Sequence[str]) -> tuple[Slot, ...]:
    """The places that have all of ``tags``; all places where none is given.

    Raises:
        InputError: there is no such place; names the tags that there are.
    """
    chosen = tuple(slot for slot in inventory.slots if slot.tags.issuperset(tags))
    if not chosen:
        known = sorted({tag for slot in inventory.slots for tag in slot.tags})
        unknown = [tag for tag in tags if tag not in known]
        why = f"no place has {unknown[0]!r}" if unknown else "no place has them all"
        raise InputError(
            f"no place with {' and '.join(tags)}",
            where=str(inventory.path),
            why=why,
            hint=f"tags, names and boards are: {', '.join(known)}",
        )
    return chosen


def _board(path: Path, place: PlaceTable) -> Board:
    is_file = place.board.endswith(".toml")
    try:
        return load_board(path.parent / place.board if is_file else place.board)
    except BoardError as error:
        where = f"{path}, place {place.name}"
        raise BoardError(
            error.what, where=f"{where}: {error.where}" if error.where else where, why=error.why, hint=error.hint
        ) from None


def _fault(slot: Slot) -> str | None:
    """What is wrong with a place, seen together with its board."""
    table, board = slot.table, slot.board
    if table.engine in RUNNER_ENGINES and not (board.is_hosted and table.port):
        return f"engine {table.engine} runs on a board with Linux: give its port, such as ssh://user@host"
    if slot.is_emulated:
        if table.power is not None:
            return "an emulator needs no power switch: each attempt is a fresh process"
        instrument = table.meter is not None and table.meter.kind != "csv"
        if instrument and board.emulator is not None and not board.is_native:
            return "an emulator draws no current: it has no meter"
    elif table.address is None and not board.usb:
        return f"{board.name} has neither an emulator nor USB ids: give serial_number, location or port"
    return None
