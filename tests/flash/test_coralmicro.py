"""Flashing the Coral Dev Board Micro: the command line, and what is made of the words of a stand-in of flashtool.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.coralmicro_checkout import make_checkout, need_coralmicro_tools
from tinykit.board import load_board
from tinykit.board.coralmicro import VARIABLE
from tinykit.errors import DeviceMissing, FlashFailed, ToolMissing
from tinykit.firmware import Image
from tinykit.firmware.from_model import build_model
from tinykit.flash import flash
from tinykit.flash.coralmicro import coralmicro_command
from tinykit.resources import data_dir

BOARD = load_board("coral-micro")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def image(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Image:
    need_coralmicro_tools()
    model = data_dir("models") / "digits" / "digits.tflite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(checkout))
        return build_model(model, BOARD, tmp_path_factory.mktemp("fw"))


@pytest.mark.slow
def test_the_command_line(image: Image, checkout: Path) -> None:
    tool = [sys.executable, str(checkout / "scripts" / "flashtool.py")]
    files = ["--build_dir", str(image.elf.parent), "--elf_path", str(image.elf)]
    assert coralmicro_command(checkout, image, None) == [*tool, *files]
    assert coralmicro_command(checkout, image, "1234") == [*tool, *files, "--serial", "1234"]


@pytest.mark.slow
def test_it_is_flashed(image: Image, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(checkout))
    monkeypatch.setenv("STAND_IN_FLASHTOOL", "several boards")
    seen: list[tuple[str, int, int]] = []
    assert flash(BOARD, image, probe="1234", progress=lambda *now: seen.append(now)) is None
    assert seen[-1] == ("writing", 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("happens", "error", "words"),
    [
        ("no board", DeviceMissing, r"no Dev Board Micro is connected(.|\n)*99-coral-micro.rules"),
        ("several boards", DeviceMissing, r"several(.|\n)*--probe SERIAL"),
        ("no access", DeviceMissing, r"may not be used(.|\n)*Access denied(.|\n)*99-coral-micro.rules"),
        ("gone", DeviceMissing, r"Unable to find device in SDP mode"),
        ("no package", ToolMissing, r"package of hid(.|\n)*pip install -r .*requirements\.txt"),
        ("broken", FlashFailed, r"blhost returned non-zero"),
    ],
)
def test_what_goes_wrong_is_told_apart(
    happens: str, error: type[Exception], words: str, image: Image, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(checkout))
    monkeypatch.setenv("STAND_IN_FLASHTOOL", happens)
    with pytest.raises(error, match=words):
        flash(BOARD, image)


def test_without_a_checkout(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ToolMissing, match="git clone"):
        flash(BOARD, image)
