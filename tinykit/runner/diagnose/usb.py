"""Edge TPUs on USB, as sysfs shows them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tinykit.runner.diagnose.finding import Finding

FRESH, READY = "1a6e:089a", "18d1:9302"
"""Before it has its firmware (Global Unichip Corp.), which the runtime gives it at the first use, and after (Google
Inc.). Source: coral.ai/docs/accelerator/get-started, the udev rules there; usb.ids."""

_FULL_SPEED = 5000
"""Mbit/s of USB 3; the accelerator runs at 480 on USB 2, and slower."""

RULES = ("etc/udev/rules.d", "lib/udev/rules.d", "usr/lib/udev/rules.d")
_RULE_HINT = (
    "install libedgetpu, whose package brings the rule, or write it: "
    'SUBSYSTEM=="usb",ATTRS{idVendor}=="1a6e",GROUP="plugdev" and the same for 18d1, into '
    "/etc/udev/rules.d/99-edgetpu-accelerator.rules; then "
    "`sudo udevadm control --reload-rules && sudo udevadm trigger`, and be in the group plugdev"
)


def usb_findings(root: Path) -> Iterator[Finding]:
    """All accelerators on USB, each with its port's speed and who may open it.

    Args:
        root: of the file system.
    """
    found = [folder for folder in sorted((root / "sys/bus/usb/devices").glob("*")) if _ids(folder) in (FRESH, READY)]
    if not found:
        yield Finding("usb", "absent", "no Edge TPU on USB", f"one shows as {FRESH} or {READY} in `lsusb`")
        return
    for number, folder in enumerate(found):
        ids, name = _ids(folder), folder.name
        state = "waits for its firmware, which the first use gives it" if ids == FRESH else "is ready"
        yield Finding("usb", "ok", f"usb:{number} at {name} ({ids}) {state}")
        yield _speed(number, name, _text(folder / "speed"))
        yield _access(root, number, folder)


def _speed(number: int, name: str, speed: str) -> Finding:
    if not speed.isdigit():
        return Finding("usb-speed", "unknown", f"usb:{number}: the speed of its port is not known")
    if int(speed) >= _FULL_SPEED:
        return Finding("usb-speed", "ok", f"usb:{number} is on USB 3 ({speed} Mbit/s)")
    return Finding(
        "usb-speed",
        "warning",
        f"usb:{number} at {name} is on USB 2 ({speed} Mbit/s): models that stream parameters are several times slower",
        "use a blue USB 3 port, and the cable that came with it",
    )


def _access(root: Path, number: int, folder: Path) -> Finding:
    bus, device = _text(folder / "busnum"), _text(folder / "devnum")
    if not (bus.isdigit() and device.isdigit()):
        return Finding("udev", "unknown", f"usb:{number}: its device file is not known")
    node = root / "dev/bus/usb" / f"{int(bus):03d}" / f"{int(device):03d}"
    try:
        status = node.stat()
    except OSError as error:
        return Finding("udev", "problem", f"usb:{number}: no {node}: {error.strerror}", "plug it in again")
    if may_write(status):
        return Finding("udev", "ok", f"usb:{number} may be opened by this user")
    rule = any("1a6e" in _text(path) for place in RULES for path in (root / place).glob("*.rules"))
    if rule:
        return Finding(
            "udev", "problem", f"usb:{number} may not be opened by this user, though there is a udev rule for it",
            "sudo usermod -aG plugdev $USER, log in again, and plug the accelerator in again",
        )  # fmt: skip
    return Finding("udev", "problem", f"usb:{number} may not be opened by this user: there is no udev rule", _RULE_HINT)


def may_write(status: os.stat_result) -> bool:
    """Whether this process may write a file of that owner, group and mode."""
    if os.geteuid() == 0:
        return True
    if status.st_uid == os.geteuid():
        return bool(status.st_mode & stat.S_IWUSR)
    if status.st_gid in {os.getegid(), *os.getgroups()}:
        return bool(status.st_mode & stat.S_IWGRP)
    return bool(status.st_mode & stat.S_IWOTH)


def _ids(folder: Path) -> str:
    return f"{_text(folder / 'idVendor')}:{_text(folder / 'idProduct')}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
