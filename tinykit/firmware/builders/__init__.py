"""The ways to build firmware, one module each."""

from __future__ import annotations

from tinykit.errors import InputError
from tinykit.firmware.builders.base import Builder, Compiler, Ingredients

__all__ = ["BUILDERS", "Builder", "Compiler", "Ingredients", "builder_of"]

BUILDERS = ("gcc", "esp-idf")
"""What a board file's [builder] may name."""


def builder_of(kind: str) -> Builder:
    """The builder of that kind.

    Raises:
        InputError: there is none.
    """
    if kind == "gcc":
        from tinykit.firmware.builders.gcc import GccBuilder

        return GccBuilder()
    if kind == "esp-idf":
        from tinykit.firmware.builders.esp_idf import EspIdfBuilder

        return EspIdfBuilder()
    raise InputError(f"unknown builder {kind!r}", hint=f"one of {', '.join(BUILDERS)}")
