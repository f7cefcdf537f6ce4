"""The whole flash of an Espressif chip in one file, made by esptool, for an emulator to start from."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tinykit.board.emulators import FLASH_IMAGE, QemuEspEmulator
from tinykit.errors import BuildFailed, DoesNotFit, ToolMissing
from tinykit.files import write_file
from tinykit.firmware.esp_parts import parts_of
from tinykit.firmware.project import Project

_MEGABYTE = 1 << 20


def write_flash_image(project: Project) -> Path:
    """Merge what the build made into one file beside the program, padded to the size of the emulated flash.

    The board is one with an emulator of kind "qemu-esp".

    Raises:
        InputError: a part is missing, or two overlap.
        DoesNotFit: the parts end beyond the flash.
        ToolMissing: esptool is not installed.
        BuildFailed: esptool refuses the parts.
    """
    emulator, settings = project.board.emulator, project.board.flasher.esptool
    assert isinstance(emulator, QemuEspEmulator)
    assert settings is not None
    parts = parts_of(project, settings)
    size = int(emulator.flash_size.removesuffix("MB")) * _MEGABYTE
    last = parts[-1]
    if last.end > size:
        raise DoesNotFit(
            f"{last.name} does not fit into the emulated flash",
            where=project.board.name,
            why=f"it ends at 0x{last.end:x}, the flash of {emulator.flash_size} at 0x{size:x}",
            hint="a larger flash_size in a copy of the board file: 2MB, 4MB, 8MB or 16MB",
        )
    with tempfile.TemporaryDirectory(prefix="tinykit-") as temporary:
        folder = Path(temporary)
        command = [
            sys.executable, "-m", "esptool", "--chip", settings.chip, "merge-bin",
            "--output", str(folder / FLASH_IMAGE), "--pad-to-size", emulator.flash_size,
            "--flash-mode", settings.flash_mode, "--flash-freq", settings.flash_freq,
            "--flash-size", "keep" if settings.flash_size == "detect" else settings.flash_size,
        ]  # fmt: skip
        for number, part in enumerate(parts):
            path = folder / f"{number}.bin"
            path.write_bytes(part.data)
            command += [hex(part.offset), str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        said = (run.stdout + run.stderr).strip()
        if "No module named esptool" in said:
            raise ToolMissing(
                "esptool not found",
                why=f"it makes the flash image that {project.board.name} starts from",
                hint="pip install --upgrade esptool",
            )
        if run.returncode != 0:
            raise BuildFailed(
                "esptool cannot merge the flash image",
                where=str(project.root),
                why=said.splitlines()[-1] if said else f"exit status {run.returncode}",
                hint="build the project again; `pip install --upgrade esptool`, 5.0 or later is needed",
            )
        image = project.elf.with_name(FLASH_IMAGE)
        write_file(image, (folder / FLASH_IMAGE).read_bytes())
    return image
