"""The boot ROM of the emulated RP2040: compiled once, then kept in the user's cache."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

from tinykit.board.tools import program_version, require_tool
from tinykit.errors import BuildFailed
from tinykit.files import cache_dir, write_file

_HERE = Path(__file__).parent
_SOURCES = ("boot_rom_start.S", "boot_rom.c")
_SCRIPT = "boot_rom.ld"
_GCC = "arm-none-eabi-gcc"
_OBJCOPY = "arm-none-eabi-objcopy"
# Without the option about loop patterns the compiler would make a call of memset out of the loop that is memset.
_FLAGS = (
    "-mcpu=cortex-m0plus", "-mthumb", "-std=gnu99", "-Os", "-Wall", "-Wextra", "-Wconversion", "-ffreestanding",
    "-fno-tree-loop-distribute-patterns", "-nostdlib", "-Wl,--build-id=none",
)  # fmt: skip
_TIMEOUT = 60.0  # seconds


def boot_rom() -> Path:
    """The ROM's image, a file of at most 16 KB.

    Raises:
        ToolMissing: there is no arm-none-eabi-gcc.
        BuildFailed: it does not compile, or the cache cannot be written.
    """
    gcc, objcopy = require_tool(_GCC), require_tool(_OBJCOPY)
    digest = hashlib.sha256(f"{program_version([gcc])} {_FLAGS}".encode())
    for name in (*_SOURCES, _SCRIPT):
        digest.update((_HERE / name).read_bytes())
    image = cache_dir() / f"rp2040-boot-rom-{digest.hexdigest()[:16]}.bin"
    if image.is_file():
        return image
    with tempfile.TemporaryDirectory(prefix="tinykit-rom-") as folder:
        elf, raw = Path(folder) / "rom.elf", Path(folder) / "rom.bin"
        _run([gcc, *_FLAGS, "-T", str(_HERE / _SCRIPT), *(str(_HERE / n) for n in _SOURCES), "-lgcc", "-o", str(elf)])
        _run([objcopy, "-O", "binary", str(elf), str(raw)])
        try:
            image.parent.mkdir(parents=True, exist_ok=True)
            write_file(image, raw.read_bytes())
        except OSError as error:
            raise BuildFailed(
                "cannot keep the emulator's boot ROM",
                where=str(image),
                why=error.strerror or str(error),
                hint="set XDG_CACHE_HOME to a folder that can be written",
            ) from None
    return image


def _run(command: list[str]) -> None:
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT, stdin=subprocess.DEVNULL
        )
        failed, why = run.returncode != 0, run.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        failed, why = True, str(error)
    if failed:
        raise BuildFailed(
            "the emulator's boot ROM did not build", where=command[0], why=why, hint="try another compiler"
        )
