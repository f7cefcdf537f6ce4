"""A builder that cannot build a board is refused before anything is written, exported projects included."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinykit.board import list_boards, load_board
from tinykit.errors import BoardError
from tinykit.firmware.builders import BUILDERS
from tinykit.firmware.builders.choose import choose_builder, possible_builders
from tinykit.firmware.from_model import BuildOptions, build_model, export_model
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"
ALL = [(board.name, kind) for board in list_boards() for kind in BUILDERS]


@pytest.mark.parametrize(
    ("name", "builder", "instead"),
    [
        ("pico", "zig", "pico-sdk"),
        ("pico", "platformio", "pico-sdk"),
        ("pico", "linux", "pico-sdk"),
        ("esp32", "gcc", "esp-idf or platformio"),
        ("coral-micro", "gcc", "coralmicro"),
        ("rpi4", "pico-sdk", "gcc or linux"),
        ("rpi4", "platformio", "gcc or linux"),
        ("nucleo-f767zi", "pico-sdk", "gcc or zig or platformio"),
        ("qemu-lx106", "zig", "gcc or platformio"),
    ],
)
def test_the_possible_ones_are_listed(name: str, builder: str, instead: str, tmp_path: Path) -> None:
    for make in (build_model, export_model):
        with pytest.raises(BoardError) as caught:
            make(DIGITS, load_board(name), tmp_path / "out", BuildOptions(builder=builder))
        message = str(caught.value)
        assert f"builder '{builder}' does not build for {name}" in message
        assert f"is built by {instead}\n" in message + "\n"
        assert caught.value.exit_code == 2
        assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "builder"), ALL)
def test_what_is_possible_can_be_exported_and_nothing_else(name: str, builder: str, tmp_path: Path) -> None:
    board = load_board(name)
    if builder in possible_builders(board):
        project = export_model(DIGITS, board, tmp_path / "out", BuildOptions(builder=builder))
        assert project.builder == builder
    else:
        with pytest.raises(BoardError, match="does not build for"):
            choose_builder(board, builder, export=True)


def test_a_board_files_own_builder_is_asked_too(tmp_path: Path) -> None:
    path = tmp_path / "pico.toml"
    text = (data_dir("boards") / "pico.toml").read_text()
    path.write_text(text.replace('kind = "pico-sdk"', 'kind = "gcc"'))
    with pytest.raises(BoardError, match=r"does not build(.|\n)*pico-sdk(.|\n)*change \[builder\]"):
        choose_builder(load_board(path), None)
