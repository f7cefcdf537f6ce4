"""The ssh flasher against a real sshd, with an aarch64 program run by QEMU."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sshd import Server, aarch64_board
from tinykit.board import load_board
from tinykit.emulate.ssh_port import SshTarget
from tinykit.errors import DeviceMissing, InputError, ToolMissing, WrongFirmware
from tinykit.firmware import Image
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.flash import flash
from tinykit.hil.run import RunOptions, run_project
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    try:
        return build_model(DIGITS / "digits.tflite", load_board("rpi4"), tmp_path_factory.mktemp("rpi4"))
    except ToolMissing as error:
        pytest.skip(str(error))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with aarch64_board(tmp_path) as running:
        monkeypatch.setenv("TINYKIT_SSH", running.ssh)
        yield running


@pytest.mark.slow
def test_flash_copies_starts_and_copies_only_what_changed(image: Image, server: Server) -> None:
    assert flash(image.board, image, server.url).build_id == image.build_id
    assert (server.home / ".cache/tinykit/rpi4/firmware").read_bytes() == image.elf.read_bytes()
    copies = sum("cat >" in command for command in server.commands())
    assert copies == 1
    assert flash(image.board, image, server.url).build_id == image.build_id
    assert sum("cat >" in command for command in server.commands()) == copies


@pytest.mark.slow
def test_the_board_computes_what_tflite_micro_does(image: Image, server: Server) -> None:
    flash(image.board, image, server.url)
    options = RunOptions(data=DIGITS / "digits_test.npz", limit=50, port=server.url)
    report = run_project(image.project.root, options)
    assert report.result == "pass"
    assert (report.accuracy.identical, report.accuracy.mismatches) in ((50, 0), (None, 0))


@pytest.mark.slow
def test_a_copy_that_breaks_leaves_the_old_firmware(image: Image, server: Server) -> None:
    installed = server.home / ".cache/tinykit/rpi4/firmware"
    installed.parent.mkdir(parents=True)
    installed.write_bytes(b"the earlier one")
    installed.with_name("firmware.new").mkdir()  # cat cannot write there
    with pytest.raises(Exception, match="not stored on the board"):
        flash(image.board, image, server.url)
    assert installed.read_bytes() == b"the earlier one"


@pytest.mark.slow
def test_another_build_on_the_board_is_told(image: Image, server: Server, tmp_path: Path) -> None:
    other = build_model(DIGITS / "digits.tflite", load_board("rpi4"), tmp_path / "other", BuildOptions(opt_level="O1"))
    flash(other.board, other, server.url)
    with pytest.raises(WrongFirmware):
        run_project(image.project.root, RunOptions(limit=1, port=server.url))


def test_nothing_flashed_yet_is_told(image: Image, server: Server) -> None:
    with pytest.raises(Exception, match="not flashed yet"):
        run_project(image.project.root, RunOptions(limit=1, port=server.url))


def test_no_server_and_no_key_are_told(image: Image, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeviceMissing, match="refused"):
        flash(image.board, image, "ssh://127.0.0.1:1")
    monkeypatch.setenv("TINYKIT_SSH", server.ssh.replace("user_key ", "host_key "))
    with pytest.raises(DeviceMissing, match="ssh-copy-id"):
        flash(image.board, image, server.url)


def test_a_host_keeps_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """ssh compares the Host of ~/.ssh/config letter by letter."""
    monkeypatch.setenv("TINYKIT_SSH", "true")
    for url, where in (
        ("ssh://Pi@MyPi", "Pi@MyPi"),
        ("ssh://MyPi.Local:2222", "MyPi.Local"),
        ("ssh://[FE80::1]:22", "FE80::1"),
        ("ssh://mypi@MyPi", "mypi@MyPi"),
    ):
        assert SshTarget.parse(url).command("run")[-2] == where


@pytest.mark.parametrize("url", ["ssh://", "ssh://-oProxyCommand=x", "ssh://u:secret@h", "ssh://h:99999", "ssh://h/x"])
def test_addresses_that_are_none(image: Image, url: str) -> None:
    with pytest.raises(InputError):
        flash(image.board, image, url)


def test_a_serial_port_is_no_ssh_address(image: Image) -> None:
    with pytest.raises(InputError, match="ssh://"):
        flash(image.board, image, "/dev/ttyUSB0")
