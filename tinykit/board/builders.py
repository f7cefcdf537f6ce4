"""What a board file's [builder] says."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from tinykit.board.table import BoardTable, Choice


class PicoSdk(BoardTable):
    """Building with the Pico SDK.

    Attributes:
        board: the board's name in the SDK (its PICO_BOARD).
        uf2_family: family id of the chip in UF2 files.
    """

    board: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    uf2_family: int = Field(ge=0, lt=1 << 32)


class Builder(Choice):
    """What builds the firmware: a module of ``tinykit.firmware.builders``, and what it has to know of the board."""

    needing: ClassVar[tuple[str, ...]] = ("pico-sdk",)

    kind: Literal["gcc", "linux", "pico-sdk", "esp-idf"] = "gcc"
    pico_sdk: PicoSdk | None = None
