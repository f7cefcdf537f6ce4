"""What runs the model in a firmware: C that tinykit compiled, or an interpreter that is built along with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tinykit.board import Board
from tinykit.errors import InputError
from tinykit.firmware.builders.base import Builder

Engine = Literal["aot", "tflm", "litert", "edgetpu", "library"]
ENGINES: tuple[Engine, ...] = ("aot", "tflm", "litert", "edgetpu", "library")
RUNNER_ENGINES: tuple[Engine, ...] = ("litert", "edgetpu", "library")
"""Those of a release for Linux boards (``tinykit.firmware.runner``), which is deployed and not flashed."""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter in C++, as far as building it goes.

    Attributes:
        name: the engine.
        compiler: the C++ compiler's command.
        version: what it says of itself.
        files: of the interpreter, contents by path in the project; none where the builder's platform has it.
        sources: those of ``files`` that are compiled.
        folders: searched for headers, after the project's own.
        defines: preprocessor symbols for everything in C++.
    """

    name: Engine
    compiler: str
    version: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()


def check_engine(builder: Builder, board: Board, engine: Engine) -> None:
    """Refuse an engine that a builder cannot build.

    Raises:
        InputError: names those that it can.
    """
    if engine == "aot" or engine in getattr(builder, "engines", ()):
        return
    raise InputError(
        f"engine {engine} cannot be built for {board.name} yet",
        why=f"builder {builder.kind} builds C only",
        hint="use --engine aot, or a board whose builder is gcc, linux or coralmicro",
    )


def parse_engines(text: str) -> tuple[Engine, ...]:
    """ "aot,tflm" as engines, each once.

    Raises:
        InputError: one is unknown, or there is none.
    """
    names = [name.strip() for name in text.split(",")]
    engines = tuple(dict.fromkeys(engine for name in names for engine in ENGINES if engine == name))
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        raise InputError(f"unknown engine {unknown[0]!r}", hint=f"one of {', '.join(ENGINES)}, or several with commas")
    return engines
