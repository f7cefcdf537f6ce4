"""What a board file's [builder] says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from tinykit.board.table import BoardTable, Choice, Line

BuilderKind = Literal["gcc", "zig", "linux", "platformio", "pico-sdk", "esp-idf", "coralmicro"]


class PicoSdk(BoardTable):
    """Building with the Pico SDK.

    Attributes:
        board: the board's name in the SDK (its PICO_BOARD).
        uf2_family: family id of the chip in UF2 files.
    """

    board: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    uf2_family: int = Field(ge=0, lt=1 << 32)


class Platformio(BoardTable):
    """What a board is to PlatformIO.

    Attributes:
        platform: of its registry, with a version or without ("ststm32", "ststm32@^19.0.0").
        board: the platform's name of the board.
        framework: what the port builds upon, of those that the platform brings; None: nothing, the firmware is all.
        options: further lines of the environment in platformio.ini.
    """

    platform: str = Field(pattern=r"^[\w@/:.^~<>=, -]+$")
    board: str = Field(pattern=r"^[\w-]+$")
    framework: Literal["espidf", "arduino"] | None = None
    options: dict[Annotated[str, Field(pattern=r"^[a-z][\w.]*$")], Line] = Field(default_factory=dict)


class Builder(Choice):
    """What builds the firmware, unless the user says otherwise: a module of ``tinykit.firmware.builders``.

    Attributes:
        platformio: PlatformIO's own platform for the board; without it PlatformIO builds as builder gcc does, with the
            compiler on PATH.
    """

    needing: ClassVar[tuple[str, ...]] = ("pico-sdk",)

    kind: BuilderKind = "gcc"
    pico_sdk: PicoSdk | None = None
    platformio: Platformio | None = None
