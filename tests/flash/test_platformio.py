"""Real `pio run -t upload`: into QEMU by gdb, with the platform that comes along; and what it says when it fails."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from support.empty_machine import empty_machine
from support.probe import need_tools
from tinykit.board import load_board
from tinykit.board.tools import find_tool
from tinykit.compiler import compile_graph
from tinykit.errors import DeviceMissing, FlashFailed, InputError, ToolMissing
from tinykit.firmware import Image, build_project, render_project
from tinykit.flash import flash
from tinykit.flash.platformio import platformio_command
from tinykit.graph.reader import read_model
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"
M4 = "qemu-mps2-an386"
BY_GDB = (
    'gdb-multiarch -nx -q -batch -ex "set confirm off" -ex "target remote $UPLOAD_PORT" -ex load '
    '-ex "monitor system_reset" -ex detach $SOURCE'
)


@pytest.fixture(autouse=True)
def pio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = find_tool("platformio")
    if path is None:
        pytest.skip("PlatformIO is not installed (pip install platformio scons)")
    python = Path(path).with_name("python")
    if subprocess.run([python, "-c", "import SCons"], check=False, capture_output=True).returncode != 0:
        pytest.skip("SCons is not installed beside PlatformIO (pip install scons)")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return path


def _image(folder: Path, upload_command: str | None, builder: str = "platformio") -> Image:
    need_tools(M4)
    project = render_project(compile_graph(read_model(DIGITS)), load_board(M4), folder, builder=builder)
    if upload_command is not None:
        with (project.root / "platformio.ini").open("a") as file:
            file.write(f"upload_protocol = custom\nupload_command = {upload_command}\n")
    return build_project(project)


@pytest.mark.slow
def test_the_firmware_is_uploaded_and_answers(tmp_path: Path) -> None:
    if find_tool("gdb-multiarch") is None:
        pytest.skip("gdb-multiarch is not installed")
    image = _image(tmp_path / "firmware", BY_GDB)
    built = image.elf.stat().st_mtime_ns
    seen: list[tuple[str, int, int]] = []
    with empty_machine(M4, tmp_path) as (gdb, serial):
        info = flash(
            image.board, image, serial, flasher="platformio", probe=gdb, progress=lambda *step: seen.append(step)
        )
    assert info is not None
    assert info.build_id == image.build_id
    assert image.elf.stat().st_mtime_ns == built  # uploaded as it was built
    assert (seen[0][1], seen[-1][1]) == (0, image.sizes.flash)


@pytest.mark.slow
def test_what_the_uploader_says_is_understood(tmp_path: Path) -> None:
    """An upload command that fails in an uploader's words."""
    words = tmp_path / "words"
    image = _image(tmp_path / "firmware", f"sh -c 'cat {words}; exit 1'")
    words.write_text("A fatal error occurred: Failed to connect to ESP32-C3: No serial data received.\n")
    ours, theirs = pty.openpty()  # a port that can be opened, with nobody at its other end
    try:
        port = os.ttyname(theirs)
        with pytest.raises(DeviceMissing, match=r"finds no board(.|\n)*No serial data") as caught:
            flash(image.board, image, port, flasher="platformio")
    finally:
        os.close(ours)
        os.close(theirs)
    assert caught.value.exit_code == 3
    assert caught.value.where == port
    words.write_text("** Verify Failed **\n")
    with pytest.raises(FlashFailed, match=r"could not upload(.|\n)*Verify Failed"):
        flash(image.board, image, flasher="platformio")


@pytest.mark.slow
def test_a_project_without_an_uploader(tmp_path: Path) -> None:
    image = _image(tmp_path / "firmware", None)
    with pytest.raises(InputError, match=r"no uploader for(.|\n)*upload_command"):
        flash(image.board, image, flasher="platformio")


@pytest.mark.slow
def test_what_another_builder_built_is_not_uploaded(tmp_path: Path) -> None:
    image = _image(tmp_path / "firmware", None, builder="gcc")
    with pytest.raises(InputError, match=r"uploads only what it built(.|\n)*builder gcc"):
        flash(image.board, image, flasher="platformio")


@pytest.mark.slow
def test_without_a_network_it_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform of a board, which was here when it was built, and is not any more."""
    image = _image(tmp_path / "firmware", "true")
    ini = image.project.root / "platformio.ini"
    ini.write_text(ini.read_text().replace("platform = symlink://platform", "platform = ststm32"))
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with pytest.raises(ToolMissing, match=r"download ststm32(.|\n)*leave out --flasher"):
        flash(image.board, image, flasher="platformio")


@pytest.mark.slow
def test_the_command_names_a_port_only_where_there_is_one(tmp_path: Path) -> None:
    image = _image(tmp_path / "firmware", None)
    command = ["pio", "run", "-d", str(image.project.root), "-t", "nobuild", "-t", "upload"]
    assert platformio_command("pio", image, None) == command
    assert platformio_command("pio", image, "/dev/ttyACM0") == [*command, "--upload-port", "/dev/ttyACM0"]
