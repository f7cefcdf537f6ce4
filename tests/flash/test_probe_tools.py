"""pyOCD, OpenOCD and dfu-util: the real programs take our command lines, and their complaints are explained."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.probe import build_probe
from tinykit.board import list_boards, load_board
from tinykit.board.model import Board
from tinykit.board.tools import find_tool
from tinykit.errors import BoardError, DeviceMissing, InputError
from tinykit.firmware import Image
from tinykit.flash import flash
from tinykit.flash.binary import flat_binary
from tinykit.flash.dfu import dfu_command
from tinykit.flash.openocd import openocd_command
from tinykit.flash.pyocd import pyocd_command

BOARDS = list_boards()


def _tool(name: str) -> str:
    path = find_tool(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return build_probe("nucleo-l4r5zi", tmp_path_factory.mktemp("probe"))


def _on(board: Board, image: Image) -> Image:
    """The image, said to be for that board: it will not arrive there anyway."""
    return Image(
        image.project.__class__(image.project.root, board, image.build_id, image.project.manifest), image.sizes
    )


@pytest.mark.slow
def test_pyocd_knows_every_target_of_the_boards() -> None:
    run = subprocess.run([_tool("pyocd"), "list", "--targets"], capture_output=True, text=True, check=True)
    known = {line.split()[0] for line in run.stdout.splitlines() if line.strip()}
    wanted = {board.flasher.pyocd.target for board in BOARDS if board.flasher.pyocd is not None}
    assert {"nrf51822", "nrf52833", "nrf52840"} <= wanted <= known


def test_pyocd_knows_every_option_of_the_boards() -> None:
    options = pytest.importorskip("pyocd.core.options")
    known = {option.name for option in options.BUILTIN_OPTIONS}
    wanted = {
        option.split("=")[0]
        for board in BOARDS
        if board.flasher.pyocd is not None
        for option in board.flasher.pyocd.options
    }
    assert wanted
    assert wanted <= known


def test_the_nucleos_are_reached_under_reset(image: Image) -> None:
    command = openocd_command("openocd", image.board, image, None)
    assert "reset_config srst_only srst_nogate connect_assert_srst" in command
    assert command.index("target/stm32l4x.cfg") < command.index(
        "reset_config srst_only srst_nogate connect_assert_srst"
    )


@pytest.mark.parametrize("flasher", ["pyocd", "openocd", "gdb", "dfu", "stm32cube"])
def test_the_port_is_looked_at_before_anything_is_written(
    image: Image, flasher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinykit.flash.tool.run_lines", lambda *_, **__: pytest.fail("the flasher was started"))
    with pytest.raises(DeviceMissing, match=r"ttyNoSuchPort(.|\n)*no such port"):
        flash(image.board, image, "/dev/ttyNoSuchPort", flasher=flasher, probe="localhost:9")


def test_a_drive_is_for_uf2_only(image: Image, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"flasher openocd has no drive(.|\n)*uf2"):
        flash(image.board, image, drive=tmp_path)


def test_pyocd_without_a_probe(image: Image) -> None:
    _tool("pyocd")
    board = load_board("nano33ble")
    # A serial number that no probe of the person who runs this has.
    with pytest.raises(DeviceMissing, match=r"no debug probe is connected(.|\n)*udev"):
        flash(board, _on(board, image), flasher="pyocd", probe="tinykit-no-such-probe")
    assert pyocd_command("pyocd", board, image, None) == [
        "pyocd", "load", "--no-wait", "--target", "nrf52840", "-O", "auto_unlock=false",
        "--format", "elf", str(image.elf),
    ]  # fmt: skip


def test_openocd_has_every_file_of_the_boards_and_takes_the_command(image: Image) -> None:
    """With the dummy adapter in the place of the probe it gets as far as looking for a chip."""
    openocd = _tool("openocd")
    boards = [board for board in BOARDS if board.flasher.openocd is not None]
    assert boards
    for board in boards:
        assert board.flasher.openocd is not None
        chip = board.flasher.openocd.config[1]
        # Files are found and read; "shutdown" ends it before it looks for a probe.
        files = [word for name in board.flasher.openocd.config for word in ("-f", name)]
        told = [word for command in board.flasher.openocd.commands for word in ("-c", command)]
        check = subprocess.run([openocd, *files, *told, "-c", "shutdown"], capture_output=True, text=True, check=False)
        assert check.returncode == 0, check.stderr
        settings = board.flasher.openocd.model_copy(update={"config": ("interface/dummy.cfg", chip)})
        dummy = board.model_copy(update={"flasher": board.flasher.model_copy(update={"openocd": settings})})
        run = subprocess.run(openocd_command(openocd, dummy, image, None), capture_output=True, text=True, check=False)
        if "nrf" in chip:
            continue  # SWD only, which the dummy adapter does not do
        assert "scan chain" in run.stderr, run.stderr
        assert "invalid command" not in run.stderr


def test_openocd_without_a_probe(image: Image) -> None:
    _tool("openocd")
    board = load_board("nucleo-l4r5zi")
    with pytest.raises(DeviceMissing, match=r"no debug probe is connected(.|\n)*udev"):
        flash(board, image, probe="tinykit-no-such-probe")


def test_openocd_with_a_probe_but_no_chip(image: Image) -> None:
    _tool("openocd")
    board = load_board("nucleo-l4r5zi")
    assert board.flasher.openocd is not None
    settings = board.flasher.openocd.model_copy(update={"config": ("interface/dummy.cfg", "target/stm32l4x.cfg")})
    dummy = board.model_copy(update={"flasher": board.flasher.model_copy(update={"openocd": settings})})
    with pytest.raises(DeviceMissing, match="finds no chip"):
        flash(dummy, image)


def test_openocd_is_not_given_a_path_it_cannot_quote(image: Image, tmp_path: Path) -> None:
    root = tmp_path / "a{b"
    root.mkdir()
    moved = Image(image.project.__class__(root, image.board, image.build_id, image.project.manifest), image.sizes)
    with pytest.raises(InputError, match="path"):
        openocd_command("openocd", image.board, moved, None)


def test_dfu_util_without_a_device(image: Image) -> None:
    _tool("dfu-util")
    board = load_board("netduinoplus2")
    with pytest.raises(DeviceMissing, match=r"DFU mode(.|\n)*boot loader"):
        flash(board, _on(board, image), probe="tinykit-no-such-device")
    command = dfu_command("dfu-util", board, Path("f.bin"), 0x08000000, None)
    assert command[1:] == [
        "--device", "0483:df11", "--alt", "0", "--dfuse-address", "0x08000000:leave", "--download", "f.bin",
    ]  # fmt: skip


def test_the_flat_binary_is_objcopys(image: Image, tmp_path: Path) -> None:
    start, content = flat_binary(image.elf)
    assert start == 0x08000000
    objcopy = ["arm-none-eabi-objcopy", "-O", "binary", "--gap-fill", "0xff", str(image.elf), str(tmp_path / "f.bin")]
    subprocess.run(objcopy, check=True)
    assert content == (tmp_path / "f.bin").read_bytes()


def test_a_flat_binary_of_what_makes_none(tmp_path: Path) -> None:
    (tmp_path / "no.elf").write_bytes(b"no")
    for path in (tmp_path / "no.elf", tmp_path / "missing.elf"):
        with pytest.raises(InputError, match=r"\.elf"):
            flat_binary(path)


@pytest.mark.parametrize("flasher", ["pyocd", "openocd", "dfu", "esptool", "uf2"])
def test_a_flasher_the_board_file_says_nothing_of(image: Image, flasher: str) -> None:
    if flasher in ("pyocd", "openocd", "dfu"):
        _tool({"dfu": "dfu-util"}.get(flasher, flasher))
    board = load_board("qemu-mps2-an386")
    with pytest.raises(BoardError, match=rf"\[flasher\.{flasher}\]"):
        flash(board, _on(board, image), flasher=flasher)
