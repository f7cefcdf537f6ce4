"""The systemd unit: held to systemd's own check where that is installed; `systemctl` is a stand-in, which says so.

No systemd runs where these tests do, so what they show is what is asked of it, and in which order.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tinykit.errors import DeviceError
from tinykit.runner.install import systemd
from tinykit.runner.install.layout import Deployment
from tinykit.runner.install.service import service_of
from tinykit.runner.install.systemd import SystemdService, quoted, unit_text

STAND_IN = """#!/bin/sh
# A stand-in for systemctl and loginctl, made for a test: it writes down what it is asked, and does nothing.
echo "$(basename "$0") $*" >> {log}
case "$*" in *show*) echo ActiveState=active; echo NRestarts=3;; *{refuses}*) echo "it refuses" >&2; exit 1;; esac
"""


@pytest.fixture
def place(tmp_path: Path) -> Deployment:
    place = Deployment(tmp_path / "base of 100%", "digits")
    place.run.mkdir(parents=True)
    return place


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, refuses: str = "nothing") -> Path:
    log = folder / "asked"
    log.touch()
    (folder / "bin").mkdir(exist_ok=True)
    for name in ("systemctl", "loginctl"):
        (folder / "bin" / name).write_text(STAND_IN.format(log=log, refuses=refuses))
        (folder / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(folder))
    return log


def test_systemd_takes_the_unit(place: Deployment, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for command in place.serve_command()[:2]:
        Path(command).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", command)
    unit = tmp_path / "tinykit-digits.service"
    unit.write_text(unit_text(place, of_user=False))
    run = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (run.returncode, "tinykit-digits" in run.stderr) == (0, False), run.stderr


def test_words_of_a_command_are_quoted() -> None:
    assert quoted('a "b" 50% $x \\') == '"a \\"b\\" 50%% $$x \\\\"'


def test_it_names_current_and_not_a_release(place: Deployment) -> None:
    text = unit_text(place, of_user=True)
    assert "/current/runner.pyz" in text
    assert "Restart=always" in text
    assert "WantedBy=default.target" in text
    assert "WantedBy=multi-user.target" in unit_text(place, of_user=False)


def test_a_users_service(place: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = stand_in(tmp_path, monkeypatch)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    service = SystemdService(place)
    service.start()
    unit = tmp_path / ".config/systemd/user/tinykit-digits.service"
    assert unit.read_text() == unit_text(place, of_user=True)
    asked = log.read_text().splitlines()
    assert [line.split()[-1] if "loginctl" not in line else "linger" for line in asked] == [
        "daemon-reload", "tinykit-digits.service", "linger", "tinykit-digits.service",
    ]  # fmt: skip
    assert asked[0] == "systemctl --user daemon-reload"
    assert asked[3] == "systemctl --user restart tinykit-digits.service"
    assert service.state() == {"running": True, "restarts": 3}
    service.remove()
    assert not unit.exists()
    assert "systemctl --user disable --now tinykit-digits.service" in log.read_text()


def test_no_lingering_is_a_note(place: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, refuses="enable-linger")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    service = SystemdService(place)
    service.start()
    assert service.note is not None
    assert "enable-linger" in service.note


def test_what_systemd_refuses_is_told(place: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, refuses="restart")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(DeviceError, match="it refuses"):
        SystemdService(place).start()


def test_the_machine_decides(place: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd, "_BOOTED", tmp_path)
    assert service_of(place).kind.startswith("systemd")
    monkeypatch.setattr(systemd, "_BOOTED", tmp_path / "nothing")
    assert service_of(place).kind == "supervisor"
