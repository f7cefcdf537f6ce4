"""The runner as a systemd service: of the system when root deploys, else of the user."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tinykit.errors import DeviceError
from tinykit.runner.install.layout import Deployment

_BOOTED = Path("/run/systemd/system")
"""Exists where systemd is the init system (sd_booted(3))."""

_SECONDS = 60.0


def has_systemd() -> bool:
    """Whether systemd runs this machine."""
    return _BOOTED.is_dir()


def quoted(text: str) -> str:
    """A word of ExecStart (systemd.service(5), COMMAND LINES)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def unit_text(place: Deployment, *, of_user: bool) -> str:
    """The unit. It names ``current``, so it is the same for all releases.

    A runner that fails is started again for ever, every two seconds: an accelerator may be plugged in later.
    """
    command = " ".join(quoted(word) for word in place.serve_command())
    return f"""[Unit]
Description=tinykit runner {place.name}
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={command}
Restart=always
RestartSec=2
UMask=0077
NoNewPrivileges=true

[Install]
WantedBy={"default.target" if of_user else "multi-user.target"}
"""


class SystemdService:
    """The unit of one deployment."""

    def __init__(self, place: Deployment) -> None:
        self._place = place
        self._of_user = os.geteuid() != 0
        self.kind = "systemd --user" if self._of_user else "systemd"
        self.note: str | None = None
        folder = Path.home() / ".config/systemd/user" if self._of_user else Path("/etc/systemd/system")
        self._unit = f"tinykit-{place.name}.service"
        self._path = folder / self._unit

    def start(self) -> None:
        """Write the unit where it is another one, have it started at boot, and start it.

        Raises:
            DeviceError: systemd refuses.
        """
        text = unit_text(self._place, of_user=self._of_user)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists() or self._path.read_text(encoding="utf-8") != text:
            temporary = self._path.with_name(f".{self._unit}.{os.getpid()}")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)
        self._systemctl("daemon-reload")
        self._systemctl("enable", self._unit)
        if self._of_user and _run(["loginctl", "enable-linger", getpass.getuser()]).returncode != 0:
            self.note = (
                "the service ends when the last session of this user does: on the board, "
                f"sudo loginctl enable-linger {getpass.getuser()}"
            )
        self._systemctl("restart", self._unit)

    def stop(self) -> None:
        """Stop it, if it is there.

        Raises:
            DeviceError: systemd refuses.
        """
        if self._path.exists():
            self._systemctl("stop", self._unit)

    def remove(self) -> None:
        """Stop it, and remove the unit.

        Raises:
            DeviceError: systemd refuses.
        """
        if self._path.exists():
            self._systemctl("disable", "--now", self._unit)
            self._path.unlink()
            self._systemctl("daemon-reload")

    def state(self) -> dict[str, object]:
        """For a status: whether it runs, and how often systemd had to start it again."""
        command = [*self._command(), "show", self._unit, "--property=ActiveState,NRestarts"]
        lines = _run(command).stdout.splitlines()
        said = dict(line.partition("=")[::2] for line in lines)
        restarts = said.get("NRestarts", "")
        return {"running": said.get("ActiveState") == "active", "restarts": int(restarts) if restarts.isdigit() else 0}

    def _command(self) -> list[str]:
        return ["systemctl", "--user"] if self._of_user else ["systemctl"]

    def _systemctl(self, *words: str) -> None:
        run = _run([*self._command(), *words])
        if run.returncode != 0:
            raise DeviceError(
                f"systemctl {words[0]} failed",
                where=self._unit,
                why=run.stderr.strip().splitlines()[-1] if run.stderr.strip() else f"status {run.returncode}",
                hint=f"look at `{' '.join(self._command())} status {self._unit}` on the board",
            )


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    # A session over ssh need not know where the user's systemd listens (XDG Base Directory Specification).
    environment: Mapping[str, str] = {"XDG_RUNTIME_DIR": f"/run/user/{os.getuid()}", **os.environ}
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, env=environment,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(list(command), 1, "", str(error))
