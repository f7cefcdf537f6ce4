"""Flashing with PlatformIO's own uploader: ``pio run -t upload`` in a project that PlatformIO built.

Which program does it, and whether it verifies, is the platform's choice: esptool for Espressif's chips, OpenOCD for
most others. ``--flasher`` with such a program's name goes without PlatformIO.
"""

from __future__ import annotations

import re

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.errors import DeviceMissing, FlashFailed, InputError
from tinykit.firmware import Image
from tinykit.firmware.builders.pio_registry import ENVIRONMENT, refuse_to_wait
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import last_lines, run_tool

# esptool: "Writing at 0x00010000... (12 %)", "Writing at 0x00010000 [===>   ]  12.3% 4096/300000 bytes..."
_PERCENT = re.compile(r"Writing at 0x[0-9a-f]+.*?(\d+)(?:\.\d+)?\s?%")
_NO_DEVICE = re.compile(
    r"specify `upload_port`|could not open port|Failed to connect to|No serial data received"
    r"|Error: open failed|unable to (?:find|open) a? ?matching|No DFU capable USB device|no device found"
    r"|libusb_open\(\) failed|Unable to connect to",
    re.IGNORECASE,
)
_NO_UPLOADER = re.compile(r"Unknown upload protocol|Do not know how to make File target `upload'|upload_command")


def platformio_command(pio: str, image: Image, port: str | None) -> list[str]:
    """PlatformIO's command line: what was built is uploaded as it is ("nobuild")."""
    chosen = [] if port is None else ["--upload-port", port]
    return [pio, "run", "-d", str(image.project.root), "-t", "nobuild", "-t", "upload", *chosen]


def program_platformio(board: Board, image: Image, probe: str | None, progress: Progress | None) -> None:
    """Write ``image``.

    Args:
        probe: what PlatformIO is to take as ``upload_port``; without it, it looks for the board itself.

    Raises:
        InputError: another builder built the image.
        ToolMissing: PlatformIO is not installed, or has to download something and cannot.
        DeviceMissing: the board is not there.
        FlashFailed: anything else.
    """
    root = image.project.root
    if image.project.builder != "platformio":
        raise InputError(
            "PlatformIO uploads only what it built",
            where=str(root),
            why=f"builder {image.project.builder} built this",
            hint="build it with --builder platformio, or leave out --flasher",
        )
    show = progress or no_progress
    total = image.sizes.flash

    def watch(line: str) -> None:
        refuse_to_wait(line, root, "connect this computer to the network, or leave out --flasher")
        for percent in _PERCENT.findall(line):
            show("writing", total * min(int(percent), 100) // 100, total)

    show("writing", 0, total)
    command = platformio_command(require_tool("platformio"), image, probe)
    status, output = run_tool(command, watch, ENVIRONMENT)
    if status == 0:
        show("writing", total, total)
        return
    if _NO_UPLOADER.search(output):
        raise InputError(
            f"PlatformIO has no uploader for {board.name}",
            where=str(root / "platformio.ini"),
            why=last_lines(output, 3),
            hint="leave out --flasher; or set upload_protocol = custom and upload_command there, and build again",
        )
    if _NO_DEVICE.search(output):
        raise DeviceMissing(
            "PlatformIO finds no board",
            where=probe,
            why=last_lines(output, 3),
            hint="connect the board, or say where it is with --port; `pio device list` shows the serial ports",
        )
    raise FlashFailed("PlatformIO could not upload the firmware", where=board.name, why=last_lines(output))
