"""What a chip family says of itself in ``family.toml``: its parts, its builders, what a board has to tell it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tinykit.board.builders import BuilderKind
from tinykit.board.table import BoardTable
from tinykit.errors import BoardError
from tinykit.resources import data_dir
from tinykit.tables import read_table

DefineName = Annotated[str, Field(pattern=r"^TK_[A-Z0-9_]+$")]


class Define(BoardTable):
    """A number that a board gives the family's C.

    Attributes:
        required: the C does not compile without it.
        min, max, multiple_of: what it may be.
        values: the only ones it may be; empty: any.
        needs: others that have to be there with it.
        free: from there on as many bytes that no memory of the board may be in.
    """

    required: bool = False
    min: int = 0
    max: int = (1 << 32) - 1
    multiple_of: int = Field(default=1, gt=0)
    values: tuple[int, ...] = ()
    needs: tuple[DefineName, ...] = ()
    free: int = Field(default=0, ge=0)


class Divider(BoardTable):
    """How the serial port makes its rate: ``scale * clock / divisor``, with a whole divisor from ``min`` to ``max``.

    Attributes:
        when: a define; the divider is that of boards that have it. None: of all that no earlier one is of.
        clock: the define that gives the clock, in Hz.
        rounds: whether the family's C takes the nearest divisor, or the one below.
    """

    when: DefineName | None = None
    clock: DefineName
    scale: int = Field(default=1, gt=0)
    min: int = Field(gt=0)
    max: int = Field(gt=0)
    rounds: Literal["nearest", "down"] = "nearest"


class MarkerPins(BoardTable):
    """Pins that may be a marker: each of ``names`` with a number behind it, from ``first`` to ``last``.

    Attributes:
        number: in the family's C, of the first name with 0 behind it; that of the next name is ``stride`` more.
        chips: those that have them; empty: all.
    """

    names: tuple[str, ...] = Field(min_length=1)
    first: int = Field(default=0, ge=0)
    last: int = Field(ge=0)
    number: int = Field(default=0, ge=0)
    stride: int = Field(default=0, ge=0)
    chips: tuple[str, ...] = ()

    def numbers(self) -> dict[str, int]:
        """Each pin by its name."""
        return {
            f"{name}{n}": self.number + bank * self.stride + n
            for bank, name in enumerate(self.names)
            for n in range(self.first, self.last + 1)
        }

    def ranges(self) -> list[str]:
        """In words: "PA0 to PA15"."""
        return [f"{name}{self.first} to {name}{self.last}" for name in self.names]


class Family(BoardTable):
    """family.toml.

    Attributes:
        uses: other folders of ``ports``, whose files and declarations are this family's, too, where it has no own.
        builders: what can build it; None: as the nearest family it uses says, else any.
        defines: by name. A family with the table takes no others than it and those it uses declare.
        without: defines of the used families that this one does not take.
        one_of: of each of these groups a board has exactly one.
        baud: the only rates the serial port is set up for.
        dividers: the first that is the board's counts.
        marker: pins that ``marker.c`` can raise; none where the family has no such file.
        marker_taken: defines with numbers of pins that are the serial port's.
        marker_taken_bank: a define that says which of the ``names`` those belong to; None: they are numbered through.
    """

    summary: str
    uses: tuple[str, ...] = ()
    builders: tuple[BuilderKind, ...] | None = None
    defines: dict[DefineName, Define] | None = None
    without: tuple[DefineName, ...] = ()
    one_of: tuple[tuple[DefineName, ...], ...] = ()
    baud: tuple[int, ...] = ()
    dividers: tuple[Divider, ...] = ()
    marker: tuple[MarkerPins, ...] = ()
    marker_taken: tuple[DefineName, ...] = ()
    marker_taken_bank: DefineName | None = None

    @model_validator(mode="after")
    def _check_strictness(self) -> Family:
        if self.defines is None and (self.without or self.one_of):
            raise ValueError("field defines: missing, and 'without' and 'one_of' are about it; it may be empty")
        return self


class FamilyFolders:
    """A family's folder and those it uses, nearest first, each once.

    Args:
        name: as a board's [port] says.
        board_file: where the board was read from: beside it may be a folder ``ports`` that takes precedence.

    Raises:
        BoardError: there is no such family, or a family.toml is wrong.
    """

    def __init__(self, name: str, board_file: Path | None) -> None:
        roots = _roots(board_file)
        self.chain: dict[Path, Family] = {}
        wanted = [name]
        seen: set[str] = set()
        while wanted:
            name = wanted.pop(0)
            if name in seen:
                continue
            seen.add(name)
            folder = next((root / name for root in roots if (root / name).is_dir()), None)
            if folder is None:
                known = sorted({p.name for root in roots if root.is_dir() for p in root.iterdir() if p.is_dir()})
                raise BoardError(
                    f"field port.family: no folder {name!r}",
                    where=str(board_file or name),
                    hint=f"one of {', '.join(known)}, or a folder ports/{name} beside the board file",
                )
            self.chain[folder] = _read(folder)
            wanted += self.chain[folder].uses

    @property
    def builders(self) -> tuple[BuilderKind, ...] | None:
        """What can build it; None: no family says."""
        return next((family.builders for family in self.chain.values() if family.builders is not None), None)

    def marker_pins(self, chip: str) -> tuple[MarkerPins, ...]:
        """Pins of a chip that may be a marker; empty: the family can raise none."""
        found = next((family.marker for family in self.chain.values() if family.marker), ())
        return tuple(pins for pins in found if not pins.chips or chip in pins.chips)

    def marker_taken(self, defines: Mapping[str, int]) -> set[int]:
        """Pins, by their numbers in the family's C, that are the serial port's."""
        family = next((family for family in self.chain.values() if family.marker_taken), None)
        if family is None:
            return set()
        bank = defines[family.marker_taken_bank] if family.marker_taken_bank is not None else 0
        stride = max((pins.stride for pins in family.marker), default=0)
        return {bank * stride + defines[name] for name in family.marker_taken if name in defines}

    @property
    def is_strict(self) -> bool:
        """Whether the family, not only one that it uses, declares its defines."""
        return next(iter(self.chain.values())).defines is not None

    @property
    def defines(self) -> dict[str, Define]:
        """All that are declared, by name; the nearest declaration counts."""
        found: dict[str, Define] = {}
        dropped: set[str] = set()
        for family in self.chain.values():
            for name, define in (family.defines or {}).items():
                if name not in dropped:
                    found.setdefault(name, define)
            dropped.update(family.without)
        return found


def has_family(name: str, board_file: Path | None) -> bool:
    """Whether there is a folder of a family of that name."""
    return any((root / name).is_dir() for root in _roots(board_file))


def _roots(board_file: Path | None) -> list[Path]:
    shipped = data_dir("firmware_templates") / "ports"
    return [shipped] if board_file is None else [board_file.parent / "ports", shipped]


def _read(folder: Path) -> Family:
    path = folder / "family.toml"
    if not path.is_file():
        return Family(summary=folder.name)
    return read_table(path, Family, noun="family file", error=BoardError, hint="docs/porting.md describes its fields")
