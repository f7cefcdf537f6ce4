"""What a board file says about proof: how far the board was tried, on what, and by which tests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from tinykit.board.table import BoardTable

Level = Literal["hardware", "system-emulator", "isa-emulator", "host", "build", "parts"]
LEVELS: dict[Level, str] = {
    "hardware": "the board itself ran the firmware",
    "system-emulator": "an emulator of the processor with its memories and peripherals ran the firmware",
    "isa-emulator": "an emulator of the instruction set alone ran the firmware",
    "host": "the board is this computer, which ran the firmware",
    "build": "the board's compiler built the firmware; nothing ran it",
    "parts": "neither built as a whole nor run: the tools it needs were not at hand. Parts of it were checked",
}
"""What each level means, the strongest first."""
TITLES: dict[Level, str] = {
    "hardware": "hardware",
    "system-emulator": "full-system emulator",
    "isa-emulator": "ISA emulator",
    "host": "this computer",
    "build": "build only",
    "parts": "parts only",
}
"""What people call each level."""


class Check(BoardTable):
    """One thing that was checked.

    Attributes:
        what: in words.
        test: the test that checks it, as pytest names it.
    """

    what: str = Field(min_length=1)
    test: str = Field(pattern=r"^(tests|hil)/[\w/]+\.py::test_\w+(\[[\w.-]+\])?$")


class Proof(BoardTable):
    """How far a board was tried.

    Attributes:
        level: one of ``LEVELS``.
        twin: name of the emulated board that ran the firmware in this one's place.
        specimen: for level "hardware", which unit ran it, and when.
        unproven: what none of the checks shows.
    """

    level: Level
    twin: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9._-]*$")
    specimen: Annotated[str, Field(min_length=1)] | None = Field(default=None, validate_default=True)
    unproven: str = ""
    checks: tuple[Check, ...] = Field(min_length=1)

    @field_validator("specimen")
    @classmethod
    def _check_specimen(cls, specimen: str | None, info: ValidationInfo) -> str | None:
        if "level" in info.data and (info.data["level"] == "hardware") != (specimen is not None):
            raise ValueError("level 'hardware' needs it (which unit, and when), no other level has it")
        return specimen

    def why_not(self, name: str, emulator: str | None) -> str | None:
        """What contradicts the level in a board of that name, with an emulator of that kind; None: nothing.

        A twin's own file is not looked at: it may lie elsewhere.
        """
        if self.twin == name:
            return "field proof.twin: a board is not its own twin"
        if self.twin is not None and emulator is not None:
            return "field proof.twin: a board with an [emulator] needs none"
        fits: dict[Level, tuple[str, ...]] = {
            "system-emulator": ("qemu", "rp2040js", "renode", "qemu-esp"),
            "isa-emulator": ("qemu", "qemu-user"),
            "host": ("native",),
        }
        if self.level not in fits or (self.twin is not None and self.level != "host"):
            return None
        if emulator not in fits[self.level]:
            kinds = ", ".join(repr(kind) for kind in fits[self.level])
            twin = "" if self.level == "host" else ", or a proof.twin"
            return f"field proof.level: {self.level!r} needs an [emulator] of kind {kinds}{twin}"
        return None


class Console(BoardTable):
    """Where a board's serial console is.

    Attributes:
        uart: the chip's name for the serial port.
        tx, rx: pins of the chip that send and receive, as its manual calls them.
        connector: where they lead, and what has to be connected there.
        sources: where that is written, by URL.
    """

    uart: str = Field(min_length=1)
    tx: str = Field(pattern=r"^[A-Z][A-Z0-9._]*$")
    rx: str = Field(pattern=r"^[A-Z][A-Z0-9._]*$")
    connector: str = Field(min_length=1)
    sources: tuple[str, ...] = Field(min_length=1)
