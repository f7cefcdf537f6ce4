"""The ways to build firmware, one module each."""

from __future__ import annotations

from importlib import import_module

from tinykit.errors import InputError
from tinykit.firmware.builders.base import Builder, Compiler, Ingredients

__all__ = ["BUILDERS", "Builder", "Compiler", "Ingredients", "builder_of"]

BUILDERS = {
    "gcc": ("gcc", "GccBuilder"),
    "zig": ("zig", "ZigBuilder"),
    "linux": ("linux", "LinuxBuilder"),
    "platformio": ("platformio", "PlatformioBuilder"),
    "pico-sdk": ("pico_sdk", "PicoSdkBuilder"),
    "esp-idf": ("esp_idf", "EspIdfBuilder"),
    "coralmicro": ("coralmicro", "CoralmicroBuilder"),
}
"""What a board file's [builder] may name: the module here, and its class."""


def builder_of(kind: str) -> Builder:
    """The builder of that kind. Its module is imported only now.

    Raises:
        InputError: there is none.
    """
    if kind not in BUILDERS:
        raise InputError(f"unknown builder {kind!r}", hint=f"one of {', '.join(BUILDERS)}")
    module, name = BUILDERS[kind]
    builder: Builder = getattr(import_module(f"tinykit.firmware.builders.{module}"), name)()
    return builder
