"""Espressif chips over their serial loader, with Espressif's own esptool (PyPI, version 5) as a library.

Only what differs is sent: the chip is asked for the MD5 of what it holds, part by part and then in blocks of 64 KB.
That is also how an interrupted flashing goes on: the blocks that arrived are not sent again.

Source: esptool's documentation, "Scripting" and "Serial Protocol", https://docs.espressif.com/projects/esptool/en/latest/.
"""

from __future__ import annotations

import hashlib
import importlib
import re
import threading
from dataclasses import dataclass
from typing import Any

from tinykit.board import Board
from tinykit.board.flashers import Esptool
from tinykit.emulate import open_board
from tinykit.errors import DeviceDied, DeviceError, DeviceSilent, FlashFailed, ToolMissing, WrongDevice
from tinykit.firmware import Image
from tinykit.firmware.esp_parts import Part, blocks_of, joined, parts_of
from tinykit.flash.esp_log import EspLog, quiet
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import lacks_table
from tinykit.link import Client, DeviceInfo
from tinykit.link.ports import find_port, resolve_port
from tinykit.link.stream import open_serial

_OLDEST = (5, 6)
"""Earlier ones keep their logger elsewhere, so that it could not be put back."""

_ROM_BAUD = 115200
"""Bits per second until both sides agree on another rate."""

_READ_TIMEOUT = 3.0
"""Seconds, esptool's default for a command. Where esptool sets none of its own, it reads as long as the port says."""

_BOOT_TIMEOUT = 15.0
"""Seconds from the reset to the firmware's first answer; the bootloader checks the whole image first."""

_logger_lock = threading.Lock()
"""esptool has one logger for the whole program: boards of a bench are written one after the other."""


@dataclass(frozen=True)
class Written:
    """Bytes sent to the chip, and bytes that were there already."""

    written: int
    unchanged: int


def flash_esptool(board: Board, image: Image, port: str | None = None, progress: Progress | None = None) -> DeviceInfo:
    """Write ``image`` where it differs, start it, and wait until this build answers.

    Args:
        port: as ``open_board`` takes it; without it the board is looked for by its USB ids.

    Raises:
        BoardError: the board file has no [flasher.esptool].
        ToolMissing: esptool is not installed, or too old.
        InputError: the build left no images.
        DeviceMissing: the port is not there, or cannot be opened.
        DeviceSilent: no loader answers.
        WrongDevice: it is another chip.
        DeviceDied: it was there, and went away.
        FlashFailed: it does not take the image, or holds something else afterwards.
        WrongFirmware, DeviceError: the firmware that starts is another one, or none.
    """
    settings = board.flasher.esptool
    if settings is None:
        raise lacks_table(board.name, "esptool")
    parts = parts_of(image.project, settings)
    device = find_port(board.usb, board.name) if port is None else resolve_port(port)
    write_parts(parts, settings, device, progress)
    with open_board(board, image, device) as stream:
        return Client(stream, expected_build=image.build_id).connect(_BOOT_TIMEOUT)


def write_parts(parts: list[Part], settings: Esptool, port: str, progress: Progress | None = None) -> Written:
    """Bring ``parts`` onto the chip at ``port``, as far as they are not there; then start it.

    Raises:
        as ``flash_esptool``.
    """
    tools = _esptool()
    line = open_serial(port, _ROM_BAUD)
    line.timeout = _READ_TIMEOUT
    log = EspLog()
    work = _Work(tools, settings, port, log, progress or no_progress)
    try:
        with _logger_lock, quiet(tools.logger, log):
            return work.run(line, parts)
    except _gone_errors() as error:
        raise _died(port, str(error)) from None
    finally:
        # A line that broke may refuse even that.
        try:
            line.close()
        except _gone_errors():
            pass


@dataclass
class _Tools:
    commands: Any
    logger: Any
    util: Any


class _Work:
    """One flashing. ``doing`` names the phase, for messages."""

    def __init__(self, tools: _Tools, settings: Esptool, port: str, log: EspLog, progress: Progress) -> None:
        self._tools = tools
        self._settings = settings
        self._port = port
        self._log = log
        self._progress = progress

    def run(self, line: Any, parts: list[Part]) -> Written:
        chip = self._connect(line)
        try:
            chip = self._prepare(chip)
            changed = self._changed(chip, parts)
            self._write(chip, changed)
            self._tools.commands.reset_chip(chip, self._settings.after)
        except self._tools.util.FatalError as error:
            raise self._failed(str(error)) from None
        written = sum(len(part.data) for part in changed)
        return Written(written, sum(len(part.data) for part in parts) - written)

    def _connect(self, line: Any) -> Any:
        """The chip in its loader, the right one."""
        self._progress("connecting", 0, 1)
        try:
            chip = self._tools.commands.detect_chip(line, _ROM_BAUD, self._settings.before)
        except self._tools.util.FatalError as error:
            raise self._silent(str(error)) from None
        found = chip.CHIP_NAME.lower().replace("-", "")
        if found != self._settings.chip:
            raise WrongDevice(
                f"the chip is an {chip.CHIP_NAME}, not an {_label(self._settings.chip)}",
                where=self._port,
                why="nothing was written",
                hint="choose the board with --board, or the port with --port (`tinykit ports` lists them)",
            )
        self._progress("connecting", 1, 1)
        return chip

    def _prepare(self, chip: Any) -> Any:
        """esptool's loader running, line at full speed, flash chip set up."""
        if self._settings.stub:
            chip = self._tools.commands.run_stub(chip)
        if self._settings.baud != _ROM_BAUD:
            chip.change_baud(self._settings.baud)
        # When the line breaks we say so at once instead of trying for seconds: running again goes on where it broke.
        chip.WRITE_FLASH_ATTEMPTS = 1
        self._tools.commands.attach_flash(chip)
        size = self._tools.commands.detect_flash_size(chip)
        if size is not None:
            chip.flash_set_parameters(self._tools.util.flash_size_bytes(size))
        return chip

    def _changed(self, chip: Any, parts: list[Part]) -> list[Part]:
        """The pieces that the flash does not hold."""
        changed: list[Part] = []
        total, done = sum(len(part.data) for part in parts), 0
        for part in parts:
            if self._is_patched(part):
                changed.append(part)  # esptool changes its header and compares what comes of that
            elif not _holds(chip, part):
                blocks = blocks_of(part, whole=part.offset == self._settings.bootloader)
                changed += blocks if len(blocks) == 1 else [block for block in blocks if not _holds(chip, block)]
            done += len(part.data)
            self._progress("comparing", done, total)
        return joined(changed)

    def _is_patched(self, part: Part) -> bool:
        settings = self._settings
        keep = (settings.flash_mode, settings.flash_freq, settings.flash_size) == ("keep",) * 3
        return part.offset == settings.bootloader and not keep

    def _write(self, chip: Any, parts: list[Part]) -> None:
        total, done = sum(len(part.data) for part in parts), 0
        for part in parts:
            before, size = done, len(part.data)

            # esptool counts compressed bytes: its share of them is our share of the part.
            def show(sent: int, of: int, before: int = before, size: int = size) -> None:
                self._progress("writing", before + size * sent // max(of, 1), total)

            self._log.on_progress = show
            # This verifies by MD5, too.
            self._tools.commands.write_flash(
                chip,
                [(part.offset, part.data)],
                flash_mode=self._settings.flash_mode,
                flash_freq=self._settings.flash_freq,
                flash_size=self._settings.flash_size,
                skip_flashed=self._is_patched(part),
            )
            done += size
            self._progress("writing", done, total)
        self._log.on_progress = None

    def _silent(self, why: str) -> DeviceError:
        return DeviceSilent(
            "no Espressif loader answers",
            where=self._port,
            why=_first_line(why),
            hint="hold BOOT, press and release RESET, release BOOT, try again; and check that it is the board's port",
        )

    def _failed(self, why: str) -> DeviceError:
        if any(words in why for words in ("No serial data received", "stopped", "No more data", "no reply")):
            return _died(self._port, _first_line(why))
        return FlashFailed(
            "the chip did not take the firmware",
            where=self._port,
            why=f"{_first_line(why)}; esptool's last words: {self._log.tail()}" if self._log.tail() else why,
            hint="try again; at a lower rate with [flasher.esptool] baud = 115200 in a copy of the board file",
        )


def _holds(chip: Any, part: Part) -> bool:
    expected = hashlib.md5(part.data, usedforsecurity=False).hexdigest()
    return bool(chip.flash_md5sum(part.offset, len(part.data)) == expected)


def _esptool() -> _Tools:
    hint = "pip install --upgrade esptool"
    try:
        version = str(importlib.import_module("esptool").__version__)
        names = ("cmds", "logger", "util")
        modules = [importlib.import_module(f"esptool.{name}") for name in names]
    except ImportError as error:
        raise ToolMissing(
            "esptool not found", why=f"it puts firmware onto Espressif chips ({error})", hint=hint
        ) from None
    if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < _OLDEST:
        needed = ".".join(str(number) for number in _OLDEST)
        raise ToolMissing(f"esptool {version} is too old", why=f"version {needed} or later is needed", hint=hint)
    return _Tools(*modules)


def _gone_errors() -> tuple[type[Exception], ...]:
    """What pyserial and the system raise when a port goes away."""
    import serial

    errors: list[type[Exception]] = [serial.SerialException, OSError, TypeError]  # TypeError: closed meanwhile
    try:
        import termios
    except ImportError:  # Windows
        return tuple(errors)
    return (*errors, termios.error)


def _died(port: str, why: str) -> DeviceDied:
    return DeviceDied(
        "the chip went away while it was flashed",
        where=port,
        why=why,
        hint="check the cable and the power, and flash again: what had arrived is not sent a second time",
    )


def _label(chip: str) -> str:
    """ "esp32c3" as "ESP32-C3"."""
    name = chip.upper()
    return name if name in ("ESP32", "ESP8266") else f"{name[:5]}-{name[5:]}"


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "it said nothing"
