"""The USB drives that UF2 boot loaders show: finding the right one, and writing a file to it."""

from __future__ import annotations

import errno
import os
import string
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tinykit.errors import DeviceMissing, InputError

INFO_FILE = "INFO_UF2.TXT"
"""Every UF2 drive has it (github.com/microsoft/uf2, "Files exposed by bootloaders")."""

_CHUNK = 64 * 1024
_INFO_BYTES = 4096
# What a drive that left says, because the board restarted: I/O error, no such device, no such file.
_GONE = (errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT)


@dataclass(frozen=True)
class Drive:
    """A mounted UF2 drive; ``board_id`` as in its INFO_UF2.TXT."""

    path: Path
    board_id: str


def find_drives() -> list[Drive]:
    """All UF2 drives that are mounted."""
    drives = (read_drive(path) for path in sorted(set(_mount_points())))
    return [drive for drive in drives if drive is not None]


def read_drive(path: Path) -> Drive | None:
    """The UF2 drive mounted at ``path``, or None if it is no such drive."""
    try:
        with (path / INFO_FILE).open("rb") as file:
            text = file.read(_INFO_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return None
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "board-id":
            return Drive(path, value.strip())
    return None


def unmounted(label: str) -> Path | None:
    """The block device of a drive with that label that is connected but not mounted (Linux)."""
    device = Path("/dev/disk/by-label") / label
    return device if device.exists() else None


def copy_to_drive(data: bytes, drive: Drive, name: str, progress: Callable[[int, int], None]) -> None:
    """Write a file to the drive. The boot loader restarts the board with the last block, and the drive goes away.

    Args:
        progress: told the bytes written and all bytes.

    Raises:
        DeviceMissing: the drive went away before everything was written.
        InputError: it cannot be written.
    """
    done = 0
    try:
        # Not through a temporary name: blocks take effect as they arrive, whatever the file is called.
        with (drive.path / name).open("wb", buffering=0) as file:
            while done < len(data):
                done += file.write(data[done : done + _CHUNK])
                progress(done, len(data))
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno in _GONE and done == len(data) and not (drive.path / INFO_FILE).exists():
            return  # restarted before the operating system was done with the file
        if error.errno in _GONE:
            raise DeviceMissing(
                "the drive went away while it was written",
                where=str(drive.path),
                why=f"{done} of {len(data)} bytes were written: {error.strerror}",
                hint="connect the board again with BOOTSEL held, and repeat",
            ) from None
        raise InputError(
            "cannot write to the drive",
            where=str(drive.path),
            why=error.strerror or str(error),
            hint="check that you may write there, and that it is mounted read-write",
        ) from None


def _mount_points() -> Iterator[Path]:
    if sys.platform == "win32":
        yield from (Path(f"{letter}:\\") for letter in string.ascii_uppercase)
    elif sys.platform == "darwin":
        yield from Path("/Volumes").glob("*")
    else:
        try:
            lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        # fstab(5): a space in a mount point is written as \040. The boot loaders' drives are FAT.
        for fields in (line.split(" ") for line in lines):
            if len(fields) > 2 and fields[2] in ("vfat", "msdos"):
                yield Path(fields[1].replace("\\040", " "))
