"""Flashing over USB with dfu-util: a chip whose ROM, or boot loader, speaks DFU (STM32: the DfuSe variant)."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.errors import DeviceMissing, FlashFailed
from tinykit.firmware import Image
from tinykit.flash.binary import flat_binary
from tinykit.flash.progress import Progress, no_progress
from tinykit.flash.tool import lacks_table, last_lines, run_tool

_PROGRESS = re.compile(r"Download\s.*?(\d+)%\s")


def dfu_command(dfu_util: str, board: Board, binary: Path, address: int, probe: str | None) -> list[str]:
    """dfu-util's command line: write at ``address``, then start the firmware.

    Raises:
        BoardError: the board file has no [flasher.dfu].
    """
    settings = board.flasher.dfu
    if settings is None:
        raise lacks_table(board.name, "dfu")
    chosen = [] if probe is None else ["--serial", probe]
    return [
        dfu_util, "--device", settings.device, "--alt", str(settings.alt), *chosen,
        "--dfuse-address", f"0x{address:08x}:leave", "--download", str(binary),
    ]  # fmt: skip


def program_dfu(board: Board, image: Image, probe: str | None, progress: Progress | None) -> None:
    """Write ``image``.

    Args:
        probe: the device's serial number; needed where there are several.

    Raises:
        ToolMissing: dfu-util is not installed.
        DeviceMissing: no device is in DFU mode.
        FlashFailed: anything else.
    """
    show = progress or no_progress
    address, content = flat_binary(image.elf)

    def watch(line: str) -> None:
        for percent in _PROGRESS.findall(line):
            show("writing", len(content) * int(percent) // 100, len(content))

    with tempfile.TemporaryDirectory(prefix="tinykit-dfu-") as folder:
        binary = Path(folder) / "firmware.bin"
        binary.write_bytes(content)
        status, output = run_tool(dfu_command(require_tool("dfu-util"), board, binary, address, probe), watch)
    if "No DFU capable USB device available" in output:
        raise DeviceMissing(
            "no device is in DFU mode",
            where=board.flasher.dfu.device if board.flasher.dfu else None,
            hint="start the board's boot loader (its board file says how) and see `dfu-util --list`; on Linux the "
            "device may need a udev rule",
        )
    if "File downloaded successfully" not in output:
        why = last_lines(output) if status is not None else "dfu-util did not come to an end"
        raise FlashFailed("dfu-util could not write the firmware", where=board.name, why=why)
