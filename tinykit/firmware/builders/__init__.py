"""The ways to build firmware, one module each."""

from __future__ import annotations

from tinykit.errors import InputError
from tinykit.firmware.builders.base import Builder, Compiler, Ingredients

__all__ = ["BUILDERS", "Builder", "Compiler", "Ingredients", "builder_of"]

BUILDERS = ("gcc", "zig", "platformio")
"""What a board file's [builder] may name."""


def builder_of(kind: str) -> Builder:
    """The builder of that kind.

    Raises:
        InputError: there is none.
    """
    if kind == "gcc":
        from tinykit.firmware.builders.gcc import GccBuilder

        return GccBuilder()
    if kind == "zig":
        from tinykit.firmware.builders.zig import ZigBuilder

        return ZigBuilder()
    if kind == "platformio":
        from tinykit.firmware.builders.platformio import PlatformioBuilder

        return PlatformioBuilder()
    raise InputError(f"unknown builder {kind!r}", hint=f"one of {', '.join(BUILDERS)}")
