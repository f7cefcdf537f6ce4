"""STM32CubeProgrammer: it is behind a registration of ST's, so a stand-in takes its place.

The stand-in writes its command line down and says what it is told to say, in the words of the real program (version
2.17, as users quote it). It proves the command line and that words are understood; not that a chip is written.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from support.probe import build_probe
from tinykit.board import load_board
from tinykit.board.tools import check_tools, find_tool
from tinykit.errors import BoardError, DeviceMissing, FlashFailed, TinykitError, ToolMissing
from tinykit.firmware import Image
from tinykit.flash import flash

BANNER = """      -------------------------------------------------------------------
                       STM32CubeProgrammer v2.17.0
      -------------------------------------------------------------------

"""
BAR = "\u2588" * 50
WRITTEN = f"""ST-LINK SN  : 0669FF3032584D3043195536
Memory Programming ...
Opening and parsing file: firmware.elf
Download in Progress:
{BAR[:25]}  50%
{BAR} 100%
File download complete
Verifying ...
Read progress:
{BAR} 100%
"""
GOOD = WRITTEN + "Download verified successfully\nMCU Reset\nSoftware reset is performed\n"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return build_probe("nucleo-l4r5zi", tmp_path_factory.mktemp("probe"))


@pytest.fixture
def programmer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in's folder; what it says is in the file "words" there, its exit status in "status"."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "STM32_Programmer_CLI"
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, sys\n"
        "folder = pathlib.Path(__file__).parent\n"
        "(folder / 'arguments').write_text(json.dumps(sys.argv[1:]))\n"
        f"print({BANNER!r})\n"
        "if '--version' not in sys.argv:\n"
        "    sys.stdout.buffer.write((folder / 'words').read_bytes())\n"
        "    sys.exit(int((folder / 'status').read_text()))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


def _tell(folder: Path, words: str, status: int) -> None:
    (folder / "words").write_text(words, encoding="utf-8")
    (folder / "status").write_text(str(status))


@pytest.mark.slow
def test_it_writes_compares_and_resets(image: Image, programmer: Path) -> None:
    _tell(programmer, GOOD, 0)
    seen: list[tuple[str, int, int]] = []
    flash(image.board, image, flasher="stm32cube", probe="0669FF", progress=lambda *step: seen.append(step))
    assert json.loads((programmer / "arguments").read_text()) == [
        "--connect", "port=SWD", "mode=UR", "reset=HWrst", "sn=0669FF",
        "--download", str(image.elf), "--verify", "--rst",
    ]  # fmt: skip
    total = image.sizes.flash
    assert seen == [
        ("writing", total // 2, total),
        ("writing", total, total),
        ("comparing", total, total),
        ("writing", total, total),
    ]
    flash(image.board, image, flasher="stm32cube")
    assert not any(word.startswith("sn=") for word in json.loads((programmer / "arguments").read_text()))


@pytest.mark.parametrize(
    ("words", "status", "error", "message"),
    [
        ("Error: No debug probe detected.\n", 1, DeviceMissing, r"no ST-LINK is connected(.|\n)*udev"),
        ("ST-LINK SN  : 38FF\nError: No STM32 target found! If your product embeds Debug\n", 1, DeviceMissing,
         r"finds no chip(.|\n)*power"),
        (WRITTEN + "Error: Data mismatch found at address 0x08000100\nError: Download verification failed\n", 1,
         FlashFailed, r"does not hold what was written(.|\n)*write-protected"),
        ("Error: failed to erase memory\n", 1, FlashFailed, r"could not write(.|\n)*failed to erase"),
        # It has been seen to end well after an error: what was not compared was not written.
        ("Error: Failed to download data!\n", 0, FlashFailed, r"could not write(.|\n)*Failed to download"),
    ],
)  # fmt: skip
def test_its_complaints_are_understood(
    image: Image, programmer: Path, words: str, status: int, error: type[TinykitError], message: str
) -> None:
    _tell(programmer, words, status)
    with pytest.raises(error, match=message) as caught:
        flash(image.board, image, flasher="stm32cube")
    assert caught.value.exit_code == (3 if error is DeviceMissing else 4)


@pytest.mark.slow
def test_it_is_found_and_says_its_version(programmer: Path) -> None:
    [status] = [tool for tool in check_tools() if tool.name == "STM32_Programmer_CLI"]
    assert status.path == str(programmer / "STM32_Programmer_CLI")
    assert status.version == "STM32CubeProgrammer v2.17.0"


def test_it_is_found_where_its_installer_puts_it(programmer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr("tinykit.board.tools.STM32CUBE_FOLDERS", (programmer,))
    assert find_tool("STM32_Programmer_CLI") == str(programmer / "STM32_Programmer_CLI")


def test_without_it_where_to_get_it_is_said(image: Image) -> None:
    if find_tool("STM32_Programmer_CLI") is not None:
        pytest.skip("STM32CubeProgrammer is installed")
    with pytest.raises(ToolMissing, match=r"STM32_Programmer_CLI not found(.|\n)*st\.com") as caught:
        flash(image.board, image, flasher="stm32cube")
    assert caught.value.exit_code == 3


def test_a_chip_that_is_not_st_s(image: Image) -> None:
    with pytest.raises(BoardError, match="does not know the nRF52840"):
        flash(load_board("nano33ble"), image, flasher="stm32cube")
