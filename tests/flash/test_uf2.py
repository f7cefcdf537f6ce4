"""Flashing over a UF2 boot loader's drive (here a folder) and with picotool (here a script that notes its calls)."""

from __future__ import annotations

import errno
import os
import select
import threading
import tty
from pathlib import Path

import pytest

from support.probe import FACTS, need_tools
from tinykit.board import load_board
from tinykit.board.tools import find_tool
from tinykit.compiler import compile_graph
from tinykit.emulate.rp2040js import Rp2040js
from tinykit.errors import DeviceError, DeviceMissing, InputError
from tinykit.firmware import Image, build_project, render_project
from tinykit.firmware.image import Sizes
from tinykit.firmware.project import Project
from tinykit.firmware.uf2_file import RP2040, RP2350_ARM_S, Block
from tinykit.flash import drive as drives
from tinykit.flash import flash
from tinykit.flash.picotool import picotool_load
from tinykit.graph.reader import read_model
from tinykit.resources import data_dir

PICO_INFO = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n"
PICO2_INFO = "UF2 Bootloader v1.0\r\nModel: Raspberry Pi RP2350\r\nBoard-ID: RP2350\r\n"


@pytest.fixture(autouse=True)
def nothing_connected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever this computer has mounted or installed: these tests find no board but their own."""
    monkeypatch.setattr(drives, "_mount_points", lambda: iter(()))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def image_for(folder: Path, board: str = "pico", family: int = RP2040, blocks: int = 3) -> Image:
    """As if built: what matters to a flasher is the UF2 file."""
    (folder / "build").mkdir(parents=True)
    data = b"".join(
        Block(0x10000000 + 256 * i, bytes([i % 256] * 256), i, blocks, family).encode() for i in range(blocks)
    )
    (folder / "build" / "firmware.uf2").write_bytes(data)
    manifest = {"builder": "pico-sdk", "build_id": "0" * 32, "model": {"name": FACTS.name}}
    project = Project(folder, load_board(board), "0" * 32, manifest)
    return Image(project, Sizes(0, 0, 0, 0, 0, 0, 0))


def drive_at(folder: Path, info: str = PICO_INFO) -> Path:
    folder.mkdir(parents=True)
    (folder / drives.INFO_FILE).write_bytes(info.encode())
    return folder


def written(image: Image) -> bytes:
    return image.elf.with_suffix(".uf2").read_bytes()


def test_the_drive_is_found_among_others_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = image_for(tmp_path / "firmware")
    (tmp_path / "stick").mkdir()
    mounts = [tmp_path / "stick", drive_at(tmp_path / "pico2", PICO2_INFO), drive_at(tmp_path / "my pico")]
    monkeypatch.setattr(drives, "_mount_points", lambda: iter(mounts))
    seen = []
    assert flash(image.board, image, progress=lambda what, done, total: seen.append((what, done, total))) is None
    assert (tmp_path / "my pico" / "firmware.uf2").read_bytes() == written(image)
    assert [p.name for p in (tmp_path / "pico2").iterdir()] == [drives.INFO_FILE]
    assert seen[-1] == (f"writing to {tmp_path / 'my pico'}", 1536, 1536)


@pytest.mark.skipif(not Path("/proc/self/mounts").exists(), reason="Linux")
def test_mount_points_are_those_of_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    text = "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /media/me/RPI\\040RP2 vfat rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: text)
    assert list(drives._mount_points()) == [Path("/media/me/RPI RP2")]


def test_two_boards_need_a_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = image_for(tmp_path / "firmware")
    mounts = [drive_at(tmp_path / "a"), drive_at(tmp_path / "b")]
    monkeypatch.setattr(drives, "_mount_points", lambda: iter(mounts))
    with pytest.raises(InputError, match="--drive") as caught:
        flash(image.board, image)
    assert str(tmp_path / "a") in str(caught.value)
    flash(image.board, image, drive=tmp_path / "b")
    assert (tmp_path / "b" / "firmware.uf2").is_file()
    assert not (tmp_path / "a" / "firmware.uf2").exists()


def test_no_board_in_bootsel_mode_is_explained(tmp_path: Path) -> None:
    image = image_for(tmp_path)
    with pytest.raises(DeviceMissing, match=r"no pico in BOOTSEL mode(.|\n)*hold the board's BOOTSEL button") as caught:
        flash(image.board, image)
    assert caught.value.exit_code == 3


def test_another_chips_drive_is_mentioned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = image_for(tmp_path / "firmware")
    mounts = [drive_at(tmp_path / "pico2", PICO2_INFO)]
    monkeypatch.setattr(drives, "_mount_points", lambda: iter(mounts))
    with pytest.raises(DeviceMissing, match="another chip, RP2350"):
        flash(image.board, image)


def test_a_drive_that_is_not_mounted_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = image_for(tmp_path)
    monkeypatch.setattr("tinykit.flash.uf2.unmounted", lambda label: Path(f"/dev/disk/by-label/{label}"))
    with pytest.raises(DeviceMissing, match=r"not mounted(.|\n)*udisksctl mount -b /dev/disk/by-label/RPI-RP2"):
        flash(image.board, image)


@pytest.mark.parametrize(
    ("info", "message"),
    [(None, "not the drive of a UF2"), ("no id\n", "not the drive of a UF2"), (PICO2_INFO, "RP2350, expected RPI-RP2")],
)
def test_a_wrong_drive_is_refused(tmp_path: Path, info: str | None, message: str) -> None:
    image = image_for(tmp_path / "firmware")
    folder = tmp_path / "drive"
    folder.mkdir()
    if info is not None:
        (folder / drives.INFO_FILE).write_text(info)
    with pytest.raises(InputError, match=message):
        flash(image.board, image, drive=folder)
    assert not (folder / "firmware.uf2").exists()


def test_a_uf2_file_of_another_chip_is_refused(tmp_path: Path) -> None:
    image = image_for(tmp_path / "firmware", family=RP2350_ARM_S)
    with pytest.raises(InputError, match="rp2350-arm-s, the board takes rp2040"):
        flash(image.board, image, drive=drive_at(tmp_path / "drive"))


@pytest.mark.parametrize("content", [None, b"", b"x" * 512])
def test_a_missing_or_damaged_uf2_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    image = image_for(tmp_path / "firmware")
    uf2 = image.elf.with_suffix(".uf2")
    uf2.unlink()
    if content is not None:
        uf2.write_bytes(content)
    with pytest.raises(InputError, match=r"firmware\.uf2"):
        flash(image.board, image, drive=drive_at(tmp_path / "drive"))


def test_a_drive_that_leaves_midway_is_told_from_one_that_restarts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = image_for(tmp_path / "firmware", blocks=1000)
    folder = drive_at(tmp_path / "drive")

    def pulled(_: int) -> None:
        (folder / drives.INFO_FILE).unlink()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", pulled)
    assert flash(image.board, image, drive=folder) is None  # all was written, then the board restarted

    folder = drive_at(tmp_path / "drive2")

    def midway(what: str, done: int, total: int) -> None:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    with pytest.raises(DeviceMissing, match=r"65536 of 512000 bytes"):
        flash(image.board, image, drive=folder, progress=midway)


def picotool(folder: Path, info: int, load: int, words: str = "") -> Path:
    """A picotool that answers as told and notes how it was called."""
    (folder / "bin").mkdir()
    calls = folder / "calls"
    script = folder / "bin" / "picotool"
    script.write_text(
        f'#!/bin/sh\necho "$@" >>{calls}\necho "{words}"\ncase $1 in info) exit {info};; load) exit {load};; esac\n'
    )
    script.chmod(0o755)
    return calls


def test_picotool_is_used_where_no_drive_is_mounted(tmp_path: Path) -> None:
    image = image_for(tmp_path / "firmware")
    calls = picotool(tmp_path, 0, 0)
    assert flash(image.board, image) is None
    assert calls.read_text().splitlines() == ["info", f"load -v -x {image.elf.with_suffix('.uf2')}"]


def test_what_picotool_complains_of_is_shown(tmp_path: Path) -> None:
    image = image_for(tmp_path / "firmware")
    picotool(tmp_path, 0, 1, "ERROR: verification failed")
    with pytest.raises(DeviceError, match="verification failed"):
        flash(image.board, image)


def test_missing_rights_for_picotool_are_explained(tmp_path: Path) -> None:
    image = image_for(tmp_path / "firmware")
    picotool(tmp_path, 1, 1, "appears to be in BOOTSEL mode, but picotool was unable to connect. Maybe try 'sudo' "
             "or check your permissions.")  # fmt: skip
    with pytest.raises(DeviceMissing, match="udev"):
        flash(image.board, image)


def test_the_real_picotool_sees_no_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    if find_tool("picotool") is None:
        pytest.skip("picotool is not installed")
    image = image_for(tmp_path)
    assert picotool_load(image.elf.with_suffix(".uf2")) is False


@pytest.fixture
def digits_on_pico(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Image:
    monkeypatch.undo()
    need_tools("rp2040js-pico")
    model = data_dir("models") / "digits" / "digits.tflite"
    return build_project(render_project(compile_graph(read_model(model)), load_board("pico"), tmp_path / "firmware"))


@pytest.mark.slow
def test_with_a_port_the_firmware_is_asked_and_not_flashed_twice(digits_on_pico: Image, tmp_path: Path) -> None:
    image = digits_on_pico
    folder = drive_at(tmp_path / "drive")
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    with Rp2040js(image.board, image.elf) as stream:
        done = threading.Event()

        def pump() -> None:
            while not done.is_set():
                if from_device := stream.read(0.01):
                    os.write(ours, from_device)
                if select.select([ours], [], [], 0)[0]:
                    stream.write(os.read(ours, 4096))

        thread = threading.Thread(target=pump)
        thread.start()
        try:
            info = flash(image.board, image, os.ttyname(theirs), drive=folder)
        finally:
            done.set()
            thread.join()
            os.close(ours)
            os.close(theirs)
    assert info is not None
    assert info.build_id == image.build_id
    assert [p.name for p in folder.iterdir()] == [drives.INFO_FILE]
