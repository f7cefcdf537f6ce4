"""What lies on a board, and what becomes of it when files there are damaged; nothing is started here."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.cli import deploy as command
from tinykit.deploy import Deployed, remove, restart, rollback
from tinykit.deploy.remote import _PROBE, Machine, Remote
from tinykit.deploy.residency import residency
from tinykit.errors import InputError, ToolMissing
from tinykit.firmware import image_of
from tinykit.firmware.runner import ReleaseOptions, render_release
from tinykit.resources import data_dir
from tinykit.runner.install import install
from tinykit.runner.install.install import _check_port, _unpack, prune, status
from tinykit.runner.install.layout import Deployment
from tinykit.runner.install.session import HostSession
from tinykit.runner.install.supervisor import SupervisorService
from tinykit.runner.install.venv import is_whole, make_venv
from tinykit.runner.release import Release, load_release

DIGITS = data_dir("models") / "digits" / "digits.tflite"


class Host(HostSession):
    """Stand-in for the connection to who deploys: it is always there."""

    def __init__(self) -> None:
        self.request = {}

    def commit(self) -> None:
        pass

    def check(self) -> None:
        pass

    def say(self, what: str) -> None:
        pass


def release_of(folder: Path, name: str, port: int) -> Release:
    render_release([DIGITS], load_board("native"), folder / name, ReleaseOptions(name=name, port=port))
    return load_release(folder / name)


def put(base: Path, made: Path, release: Release) -> Deployment:
    """What a deployment leaves on the board, without a service."""
    (base / "blobs").mkdir(parents=True, exist_ok=True)
    for name, digest in release.files.items():
        (base / "blobs" / digest).write_bytes((made / release.name / name).read_bytes())
    place = Deployment(base, release.name)
    place.run.mkdir(parents=True, exist_ok=True)
    _unpack(place, release, base / "venvs" / "key")
    place.point("current", release.build_id)
    return place


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Deployment, Release]:
    """A board's base with deployments "bad", whose release.json is damaged, and "good"; the release that "bad" was."""
    base = tmp_path / "base"
    bad = release_of(tmp_path, "bad", 24601)
    place = put(base, tmp_path, bad)
    put(base, tmp_path, release_of(tmp_path, "good", 24602))
    (place.root / "current" / "release.json").write_bytes(b"\xff{")
    return base, place, bad


def test_a_damaged_deployment_is_named_and_the_others_go_on(
    two: tuple[Path, Deployment, Release], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    base, _, _ = two
    bad, good = status(base, Host())["deployments"]
    assert (bad["name"], bad["release"], good["name"], good["damaged"]) == ("bad", None, "good", None)
    assert "wrong release" in bad["damaged"]
    assert residency([bad, good]) == []
    monkeypatch.setattr("tinykit.deploy.status", lambda port: [bad, good])
    command._status("ssh://board", False)
    shown = capsys.readouterr().out
    assert "bad: DAMAGED (wrong release" in shown
    assert "good: digits on native" in shown
    _check_port(base, release_of(tmp_path, "third", 24603))
    with pytest.raises(InputError, match="that of deployment good"):
        _check_port(base, release_of(tmp_path, "third", 24602))
    prune(base)
    assert len(list((base / "deployments").iterdir())) == 2


@pytest.mark.parametrize("damage", ["release.json", "model.tflite", "missing", "venv"])
def test_a_damaged_release_is_made_again(two: tuple[Path, Deployment, Release], tmp_path: Path, damage: str) -> None:
    base, place, release = two
    folder, venv = place.release_folder(release.build_id), base / "venvs" / "key"
    assert _unpack(place, release, venv) == (folder, True)
    assert _unpack(place, release, venv) == (folder, False)
    if damage == "missing":
        (folder / "runner.pyz").unlink()
    elif damage == "venv":
        venv = base / "venvs" / "other"
    else:
        (folder / damage).unlink()  # not written to: a blob is the same file
        (folder / damage).write_bytes(b"damaged")
    assert _unpack(place, release, venv) == (folder, True)
    assert load_release(folder) == release
    assert (folder / "model.tflite").read_bytes() == DIGITS.read_bytes()
    assert _unpack(place, release, venv) == (folder, False)


def test_a_damaged_file_is_copied_again(tmp_path: Path) -> None:
    blobs = tmp_path / "tinykit" / "blobs"
    blobs.mkdir(parents=True)
    whole, broken = (hashlib.sha256(data).hexdigest() for data in (b"whole", b"broken"))
    for name in (whole, broken):
        (blobs / name).write_bytes(b"whole")
    assert whole in probed(tmp_path / "tinykit")
    assert broken not in probed(tmp_path / "tinykit")


def probed(base: Path) -> str:
    """What a board says of itself whose folder is ``base``."""
    home = base.parent
    if base.name != "tinykit":
        (base / "tinykit").symlink_to(base)
        home = base
    command = [sys.executable, "-c", _PROBE]
    return subprocess.run(command, env={"XDG_DATA_HOME": str(home)}, capture_output=True, text=True, check=True).stdout


def wheel(folder: Path, blobs: Path) -> dict[str, str]:
    """A wheel of one module, as a file of the board's; its sha256 by name."""
    blobs.mkdir(parents=True)
    name = "fruit-1.0-py3-none-any.whl"
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("fruit.py", "COLOUR = 'red'\n")
        archive.writestr("fruit-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: fruit\nVersion: 1.0\n")
        archive.writestr("fruit-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("fruit-1.0.dist-info/RECORD", "fruit.py,,\n")
    data = (folder / name).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {name: digest}


def test_files_that_another_command_has_just_copied_stay(two: tuple[Path, Deployment, Release]) -> None:
    base, _, _ = two
    blobs = base / "blobs"
    for name in ("young", "old", "mine"):
        (blobs / name).write_bytes(b"")
    os.utime(blobs / "old", (0, 0))
    prune(base, {"mine"})
    left = {path.name for path in blobs.iterdir()}
    assert "young" in left
    assert not left & {"old", "mine"}
    for place in (base / "deployments").iterdir():
        shutil.rmtree(place)
    prune(base)
    assert (blobs / "young").exists()
    for blob in blobs.iterdir():
        os.utime(blob, (0, 0))
    prune(base)
    assert not base.exists()


def test_nothing_is_left_of_the_last_deployment_however_young(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "base"
    place = put(base, tmp_path, release_of(tmp_path, "only", 24601))
    host = Host()
    host.request = {"name": "only"}
    monkeypatch.setattr(install, "service_of", SupervisorService)
    install.remove(base, host)
    assert not place.base.exists()


@pytest.mark.parametrize("verb", [rollback, restart, remove])
def test_a_name_that_is_not_there_is_refused_before_anything_is_copied(
    verb: Callable[[str, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine("x86_64", 64, (3, 11), "/base", frozenset(), frozenset(), frozenset({"digits"}))
    monkeypatch.setattr(Remote, "probe", lambda self: machine)
    monkeypatch.setattr(Remote, "store", lambda *_: pytest.fail("it was copied"))
    with pytest.raises(InputError, match=r"no deployment 'dogits'(.|\n)*there are: digits"):
        verb("ssh://board", "dogits")


def test_the_command_that_is_shown_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a folder's"
    image = image_of(render_release([DIGITS], load_board("native"), out, ReleaseOptions()))
    assert image.release is not None
    done = Deployed(image.release, True, (1, 2), None, "systemd", None, ())
    command._show(done, image, "ssh://pi@board", out)
    shown = capsys.readouterr().out.partition("test it: ")[2].strip()
    assert shlex.split(shown) == ["tinykit", "test", str(out), "--port", "ssh://pi@board"]


@pytest.mark.slow
def test_a_damaged_environment_is_made_again(tmp_path: Path) -> None:
    wheels = wheel(tmp_path, tmp_path / "blobs")
    venv, made = make_venv(tmp_path, "key", ["fruit==1.0"], wheels, Host())
    assert made
    assert make_venv(tmp_path, "key", ["fruit==1.0"], wheels, Host()) == (venv, False)
    (module,) = venv.rglob("fruit.py")
    module.unlink()
    with pytest.raises(ToolMissing, match="deploy again") as caught:
        make_venv(tmp_path, "key", ["fruit==1.0"], {"other.whl": "0" * 64}, Host())
    assert "--wheels" in str(caught.value.hint)
    assert '"venvs": []' in probed(tmp_path)  # so that the next deployment sends the wheels
    assert make_venv(tmp_path, "key", ["fruit==1.0"], wheels, Host()) == (venv, True)
    assert module.exists()


def test_an_environment_without_its_python_or_with_a_file_cut_short_is_damaged(tmp_path: Path) -> None:
    assert not is_whole(tmp_path / "venvs" / "key")
    venv, made = make_venv(tmp_path, "key", [], {}, Host())
    assert (made, is_whole(venv)) == (True, True)
    (venv / "pyvenv.cfg").write_text("")
    assert not is_whole(venv)
    assert make_venv(tmp_path, "key", [], {}, Host()) == (venv, True)
    (venv / "bin" / "python").unlink()
    assert make_venv(tmp_path, "key", [], {}, Host()) == (venv, True)
    assert is_whole(venv)


@pytest.mark.parametrize(
    ("said", "remedy"), [("[Errno 28] No space left on device", "df -h"), ("no wheel", "--wheels")]
)
def test_a_full_disk_is_not_a_missing_wheel(tmp_path: Path, said: str, remedy: str) -> None:
    class Pip(Host):
        """Stand-in for pip: it fails with these words."""

        def run(self, command: Sequence[str], timeout: float) -> subprocess.CompletedProcess[str]:
            return subprocess.CompletedProcess(command, int("pip" in command), f"ERROR: {said}\n", "")

    with pytest.raises(ToolMissing) as caught:
        make_venv(tmp_path, "key", ["fruit==1.0"], {}, Pip())
    assert remedy in str(caught.value.hint)
    assert not list((tmp_path / "venvs").iterdir())
