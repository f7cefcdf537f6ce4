"""Why a serial port cannot be opened, and the command that changes it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path

from tinykit.errors import DeviceMissing

_DEVELOPMENT_GROUPS = ("dialout", "uucp", "plugdev", "tty")
"""Groups that distributions give serial ports to: Debian and Fedora dialout, Arch uucp; the rest by udev rules."""


def cannot_open(port: str, error: Exception) -> DeviceMissing:
    """The error for a port that pyserial or the system refused to open."""
    number, text = getattr(error, "errno", None), str(error)
    if number == errno.EACCES or "ermission denied" in text:
        why, hint = _permission(port)
    elif (
        number in (errno.EBUSY, errno.EAGAIN)
        or "lock" in text.lower()
        or "busy" in text.lower()
        or "Access is denied" in text
    ):
        why, hint = _busy(port)
    elif number == errno.ENOENT or "FileNotFoundError" in text or "No such file" in text:
        why = "there is no such port"
        hint = "connect the board and look for its port with `tinykit ports`"
    else:
        why, hint = text, "check the name of the port with `tinykit ports`"
    return DeviceMissing("cannot open the serial port", where=port, why=why, hint=hint)


def access_problem(port: str) -> str | None:
    """What keeps this user from opening a device file, with what to do; None when nothing does, or it is no file."""
    if not Path(port).exists() or os.access(port, os.R_OK | os.W_OK):
        return None
    why, hint = _permission(port)
    return f"{why}; {hint}"


def holders(port: str) -> list[str]:
    """Other programs that have a device file open, as "name (process id)". Those of other users cannot be seen."""
    real = os.path.realpath(port)
    found = []
    if not sys.platform.startswith("linux"):
        return []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        # It may end while it is looked at, or belong to another user.
        with contextlib.suppress(OSError):
            if any(os.path.realpath(fd) == real for fd in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                found.append(f"{name} (process {process.name})")
    return found


def _busy(port: str) -> tuple[str, str]:
    names = holders(port)
    why = f"{' and '.join(names)} has it open" if names else "another program has it open"
    hint = "close the serial monitor or the other session that uses it"
    if "ModemManager" in why:
        hint = "tell ModemManager to leave it alone: `sudo systemctl disable --now ModemManager`"
    elif not names and sys.platform.startswith("linux"):
        hint += f"; `sudo fuser -v {port}` names it"
    return why, hint


def _permission(port: str) -> tuple[str, str]:
    """Cause and remedy of EACCES: not in the group, not yet in the group, or a port that no group may use."""
    if not sys.platform.startswith("linux"):
        return "permission denied", "check who may use the port"
    import grp
    import pwd

    try:
        status = Path(port).stat()
        group = grp.getgrgid(status.st_gid).gr_name
        user = pwd.getpwuid(os.getuid()).pw_name
        members = grp.getgrgid(status.st_gid).gr_mem
    except (OSError, KeyError):
        return "permission denied", "add yourself to the port's group: `sudo usermod -aG dialout $USER`, log in again"
    mode = stat.filemode(status.st_mode)
    allowed = bool(status.st_mode & stat.S_IRGRP and status.st_mode & stat.S_IWGRP)
    if allowed and group != "root":
        if user in members:
            why = f"permission denied: {user} is in the group {group}, but this login is older than that"
            return why, f"log out and in again, or run `newgrp {group}` in this shell"
        why = f"permission denied: the port is for the group {group}, and {user} is not in it"
        return why, f"`sudo usermod -aG {group} {user}`, then log out and in again"
    wanted = next((name for name in _DEVELOPMENT_GROUPS if _group_exists(name)), "dialout")
    why = f"permission denied: the port belongs to {group} with mode {mode}, so no group of users may open it"
    return why, (
        f"a udev rule: `{udev_rule_command(wanted)}`, connect the board anew, and be in the group: "
        f"`sudo usermod -aG {wanted} {user}`"
    )


def udev_rule_command(group: str) -> str:
    """The shell command that lets a group use USB serial ports; systemd's logind also gives them to who sits there."""
    rule = f'SUBSYSTEM=="tty", SUBSYSTEMS=="usb", GROUP="{group}", MODE="0660", TAG+="uaccess"'
    # below 73, or the uaccess tag comes too late (systemd's 73-seat-late.rules)
    return f"echo '{rule}' | sudo tee /etc/udev/rules.d/70-tinykit.rules && sudo udevadm control --reload"


def _group_exists(name: str) -> bool:
    import grp

    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True
