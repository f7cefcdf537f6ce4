"""The gdb flasher against a real gdb server: QEMU's, of machines that start with empty memories."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

import pytest

from support.empty_machine import empty_machine, free_port
from support.probe import need_tools
from tinykit.board import load_board
from tinykit.board.tools import find_tool
from tinykit.errors import DeviceError, DeviceMissing, FlashFailed, InputError, WrongFirmware
from tinykit.firmware import Image
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.firmware.project import OptLevel
from tinykit.flash import flash
from tinykit.flash import gdb as gdb_flasher
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"
MACHINES = ("qemu-mps2-an386", "qemu-netduinoplus2", "qemu-riscv32", "qemu-microbit")


@pytest.fixture(autouse=True)
def gdb() -> None:
    path = find_tool("gdb-multiarch")
    if path is None or Path(path).name == "gdb":
        pytest.skip("gdb-multiarch is not installed")


def _build(board_name: str, folder: Path, opt_level: OptLevel = "O2") -> Image:
    need_tools(board_name)
    return build_model(DIGITS, load_board(board_name), folder, BuildOptions(opt_level=opt_level))


@pytest.mark.slow
@pytest.mark.parametrize("board_name", MACHINES)
def test_the_firmware_is_written_and_answers(board_name: str, tmp_path: Path) -> None:
    image = _build(board_name, tmp_path / "firmware")
    seen: list[tuple[str, int, int]] = []
    with empty_machine(board_name, tmp_path) as (gdb, serial):
        info = flash(image.board, image, serial, progress=lambda *step: seen.append(step), flasher="gdb", probe=gdb)
    assert info is not None
    assert info.build_id == image.build_id
    assert seen[-1] == ("writing", image.sizes.flash, image.sizes.flash)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


@pytest.mark.slow
def test_a_second_firmware_replaces_the_first_without_a_restart_of_the_machine(tmp_path: Path) -> None:
    first = _build("qemu-mps2-an386", tmp_path / "first")
    second = _build("qemu-mps2-an386", tmp_path / "second", opt_level="Os")
    assert first.build_id != second.build_id
    with empty_machine("qemu-mps2-an386", tmp_path) as (gdb, serial):
        for image in (first, second):
            info = flash(image.board, image, serial, flasher="gdb", probe=gdb)
            assert info is not None
            assert info.build_id == image.build_id
        # Written, but nobody is asked.
        assert flash(first.board, first, flasher="gdb", probe=gdb) is None
        from tinykit.emulate import open_board
        from tinykit.link import Client

        with open_board(second.board, None, serial) as stream, pytest.raises(WrongFirmware):
            Client(stream, expected_build=second.build_id).connect()


@pytest.mark.slow
@pytest.mark.parametrize("words", [("reset", "system_reset"), ("reset", "no_such_word")], ids=["reset", "no reset"])
def test_a_hardware_boards_project_starts_in_qemu(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QEMU knows another word than the probes; without any, the core starts where its vector table says.

    USART6, the board's console, is QEMU's sixth.
    """
    monkeypatch.setattr(gdb_flasher, "_RESET_WORDS", words)
    image = _build("netduinoplus2", tmp_path / "firmware")
    with empty_machine("qemu-netduinoplus2", tmp_path, uart=5) as (gdb, serial):
        info = flash(image.board, image, serial, flasher="gdb", probe=gdb)
    assert info is not None
    assert info.build_id == image.build_id


@pytest.mark.slow
def test_a_core_that_cannot_be_started_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdb_flasher, "_RESET_WORDS", ("no_such_word",))
    image = _build("qemu-riscv32", tmp_path / "firmware")
    with (
        empty_machine("qemu-riscv32", tmp_path) as (gdb, _),
        pytest.raises(FlashFailed, match=r"written, but cannot be started(.|\n)*no_such_word"),
    ):
        flash(image.board, image, flasher="gdb", probe=gdb)


@pytest.mark.slow
def test_no_server(tmp_path: Path) -> None:
    image = _build("qemu-mps2-an386", tmp_path)
    start = time.monotonic()
    for remote in (f"127.0.0.1:{free_port()}", str(tmp_path / "ttyBmpGdb"), "no.such.host.invalid:1234"):
        with pytest.raises(DeviceMissing, match=r"no gdb server answers(.|\n)*--probe") as caught:
            flash(image.board, image, flasher="gdb", probe=remote)
        assert remote in str(caught.value)
        assert "monitor" not in str(caught.value)
        assert caught.value.exit_code == 3
    assert time.monotonic() - start < 30


@pytest.mark.slow
def test_a_refused_connection_is_said_to_be_refused(tmp_path: Path) -> None:
    image = _build("qemu-mps2-an386", tmp_path)
    with pytest.raises(DeviceMissing, match=r"why: \S+: Connection refused"):
        flash(image.board, image, flasher="gdb", probe=f"127.0.0.1:{free_port()}")


@pytest.mark.slow
def test_a_server_is_needed(tmp_path: Path) -> None:
    image = _build("qemu-mps2-an386", tmp_path)
    with pytest.raises(InputError, match=r"localhost:2331"):
        flash(image.board, image, flasher="gdb")
    with pytest.raises(InputError, match="esptool, gdb, pyocd"):
        flash(image.board, image, flasher="jtag")


@pytest.mark.slow
def test_another_chip_is_noticed(tmp_path: Path) -> None:
    """The STM32's flash begins where the MPS2 has nothing: what is read back differs."""
    image = _build("qemu-netduinoplus2", tmp_path / "firmware")
    with (
        empty_machine("qemu-mps2-an386", tmp_path) as (gdb, _),
        pytest.raises((FlashFailed, DeviceError), match=r"differ|could not write"),
    ):
        flash(image.board, image, flasher="gdb", probe=gdb)


@pytest.mark.slow
def test_a_mute_server_is_given_up(tmp_path: Path) -> None:
    image = _build("qemu-mps2-an386", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        start = time.monotonic()
        with pytest.raises(DeviceMissing, match="does not answer as a gdb server"):
            flash(image.board, image, flasher="gdb", probe=f"127.0.0.1:{mute.getsockname()[1]}")
        assert time.monotonic() - start < 30


def test_gdb_of_any_name_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which("gdb-multiarch")
    assert real is not None
    (tmp_path / "arm-none-eabi-gdb").symlink_to(real)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_tool("gdb-multiarch") == str(tmp_path / "arm-none-eabi-gdb")
