"""What a board file says, as typed values. One class per table of ``boards/<name>.toml``."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, field_validator, model_validator

from tinykit.board.builders import Builder
from tinykit.board.cores import Feature, core_fault
from tinykit.board.emulators import Emulator
from tinykit.board.energy import Currents
from tinykit.board.flashers import Flasher
from tinykit.board.proof import Console, Proof
from tinykit.board.table import BoardTable, Line
from tinykit.board.timing import Timing

Unit = Literal["instructions", "cycles", "us"]

LEAST_STACK = 512
"""Bytes. The agent alone needs more; below half of this even a fault could not be reported (ports/cortex_m/fault.c)."""


class Toolchain(BoardTable):
    """The compiler.

    Attributes:
        prefix: what precedes ``gcc``, ``objcopy``, ... ("arm-none-eabi-"); empty for the host's own compiler.
        cflags: flags that choose the target, for compiling and linking.
        model_cflags: further flags for the model and its kernels.
        ldflags: further flags for linking only.
        libs: libraries at the end of the link line.
    """

    kind: Literal["gcc"] = "gcc"
    prefix: Line = ""
    cflags: tuple[Line, ...] = ()
    model_cflags: tuple[Line, ...] = ()
    ldflags: tuple[Line, ...] = ()
    libs: tuple[Line, ...] = ()


class Memory(BoardTable):
    """One memory of the chip; ``origin`` and ``size`` in bytes.

    The linker scripts know the names "flash" (code, constants), "ram", and "vectors" (the vector table, where it is
    not at the start of the flash).
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["flash", "ram"]
    origin: int = Field(ge=0, lt=1 << 32)
    size: int = Field(gt=0, le=1 << 32)


class Port(BoardTable):
    """The C code that drives the chip.

    Attributes:
        family: folder under ``firmware_templates/ports``, or under ``ports`` beside the board file.
        stack: bytes reserved for the stack; 0 where the operating system provides it.
        defines: what the family's code is told about the chip (addresses, interrupt numbers), into tk_config.h. What
            it may be the family says (``tinykit.board.family``); ``load_board`` holds them to it.
    """

    family: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    stack: int = Field(default=0, ge=0, multiple_of=16)
    defines: dict[
        Annotated[str, Field(pattern=r"^TK_[A-Z0-9_]+$")], Annotated[int, Field(strict=True, ge=0, lt=1 << 32)]
    ] = Field(default_factory=dict)


class Link(BoardTable):
    """The serial link: largest payload of a frame in bytes, and bits per second."""

    max_payload: int = Field(default=1024, ge=64, le=4096)
    baud: int = Field(default=115200, gt=0)


class Counter(BoardTable):
    """What ``tk_port_ticks`` counts.

    ``scale`` is (numerator, denominator): value in ``unit`` = ticks * numerator / denominator.
    """

    unit: Unit
    hz: int = Field(gt=0)
    scale: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]] = (1, 1)

    def value(self, ticks: int) -> int:
        """``ticks`` in ``unit``, rounded to nearest (halves up)."""
        num, den = self.scale
        return (2 * ticks * num + den) // (2 * den)

    def value_exact(self, ticks: int) -> float:
        """``ticks`` in ``unit`` without rounding, for units finer than the counter's tick (microseconds)."""
        num, den = self.scale
        return ticks * num / den


class Board(BoardTable):
    """A board: one file of ``boards/``.

    Attributes:
        core: what code is compiled for ("cortex-m4", "rv32imc", "native"); chooses kernels with ``features``.
        features: what the core does beyond portable C ("dsp", "mve", "fpu").
        sources: where the numbers in the file come from.
        aliases: other names that people know it by.
        needs: what has to be there to work with it, one sentence each.
        memory: empty for the host, else with at least a "flash" and a "ram".
        usb: "vid:pid" of the USB devices through which such a board appears as a serial port. Those of a
            USB-to-serial chip are shared by boards of all kinds.
        emulator: absent for a board that exists only as hardware.
        console: where the serial port is; absent where there are no pins.
        timing: the clocks that cycles are estimated for; empty where there is no cost model for the core.
        energy: currents from the datasheet; absent where it was not looked up.
        proof: how far the board was tried; absent: not at all.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    title: Line
    chip: Line
    core: Line
    features: tuple[Feature, ...] = ()
    sources: tuple[Line, ...] = Field(min_length=1)
    aliases: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")], ...] = ()
    needs: tuple[Line, ...] = ()
    usb: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")], ...] = ()
    toolchain: Toolchain
    memory: tuple[Memory, ...] = ()
    port: Port
    link: Link = Link()
    counter: Counter
    emulator: Emulator | None = None
    builder: Builder = Builder()
    flasher: Flasher = Flasher()
    console: Console | None = None
    timing: tuple[Timing, ...] = ()
    energy: Currents | None = None
    proof: Proof | None = None

    _path: Path | None = PrivateAttr(default=None)

    @field_validator("memory")
    @classmethod
    def _check_memories(cls, memory: tuple[Memory, ...]) -> tuple[Memory, ...]:
        names = [m.name for m in memory]
        if len(set(names)) != len(names):
            raise ValueError(f"two memories of one name among {', '.join(names)}")
        kinds = {m.name: m.kind for m in memory}
        if memory and (kinds.get("flash") != "flash" or kinds.get("ram") != "ram"):
            raise ValueError('needs a memory "flash" of kind "flash" and a memory "ram" of kind "ram"')
        ordered = sorted(memory, key=lambda m: m.origin)
        for low, high in itertools.pairwise(ordered):
            if low.origin + low.size > high.origin:
                raise ValueError(f"{low.name} and {high.name} overlap at 0x{high.origin:08x}")
        return memory

    @model_validator(mode="after")
    def _check_stack(self) -> Board:
        if self.memory and self.port.stack == 0:
            raise ValueError("field port.stack: a board with memories needs a stack size in bytes")
        ram = self.ram_bytes
        if ram is not None and not LEAST_STACK <= self.port.stack < ram:
            raise ValueError(
                f"field port.stack: must be at least {LEAST_STACK} and less than the RAM's {ram} bytes "
                f"(it is {self.port.stack})"
            )
        return self

    @model_validator(mode="after")
    def _check_core(self) -> Board:
        fault = core_fault(self.core, self.features, self.toolchain.cflags)
        if fault is not None:
            raise ValueError(fault)
        return self

    @model_validator(mode="after")
    def _check_flash_layout(self) -> Board:
        if self.emulator is not None and self.emulator.kind == "qemu-esp" and self.flasher.esptool is None:
            raise ValueError(
                "field flasher.esptool: an emulator of kind 'qemu-esp' needs to know what lies where in the flash"
            )
        return self

    @model_validator(mode="after")
    def _check_proof(self) -> Board:
        emulator = None if self.emulator is None else self.emulator.kind
        why = None if self.proof is None else self.proof.why_not(self.name, emulator)
        if why is not None:
            raise ValueError(why)
        return self

    @property
    def path(self) -> Path | None:
        """The file the board was read from."""
        return self._path

    @property
    def is_hosted(self) -> bool:
        """Whether an operating system runs the firmware as a program, which then has no memories of its own."""
        return not self.memory

    @property
    def is_native(self) -> bool:
        """Whether that operating system is this computer's."""
        return self.is_hosted and not self.toolchain.prefix

    @property
    def clock(self) -> str | None:
        """What the core runs at while it is measured ("16 MHz"); None where its cycles are not what is counted."""
        if self.counter.unit != "cycles":
            return None
        return f"{self.counter.value_exact(self.counter.hz) / 1e6:g} MHz"

    def has_memory(self, name: str) -> bool:
        """Whether the chip has a memory of that name."""
        return any(m.name == name for m in self.memory)

    @property
    def flash_bytes(self) -> int | None:
        """Size of the memory "flash" in bytes; None for the host."""
        return self._size("flash")

    @property
    def ram_bytes(self) -> int | None:
        """Size of the memory "ram" in bytes; None for the host."""
        return self._size("ram")

    def _size(self, name: str) -> int | None:
        return next((m.size for m in self.memory if m.name == name), None)
