"""Board files: the shipped ones are right, broken ones are explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinykit.board import list_boards, load_board
from tinykit.board.accelerator import list_accelerators, load_accelerator
from tinykit.errors import BoardError
from tinykit.resources import data_dir

SHIPPED = sorted(path.stem for path in data_dir("boards").glob("*.toml"))
GOOD = """
name = "mine"
title = "My board"
chip = "X1"
core = "cortex-m4"
sources = ["https://example.com/manual"]
[toolchain]
prefix = "arm-none-eabi-"
[[memory]]
name = "flash"
kind = "flash"
origin = 0
size = 1024
[[memory]]
name = "ram"
kind = "ram"
origin = 0x20000000
size = 1024
[port]
family = "cmsdk"
stack = 512
[port.defines]
TK_UART_BASE = 0x40004000
TK_UART_CLOCK_HZ = 25000000
TK_UART_RX_IRQ = 0
TK_CMSDK_TIMER_BASE = 0x40000000
[counter]
unit = "cycles"
hz = 1000000
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text)
    return path


def test_all_shipped_boards_load() -> None:
    boards = list_boards()
    assert [b.name for b in boards] == SHIPPED
    assert {"native", "qemu-microbit", "qemu-mps2-an386", "qemu-riscv32"} <= set(SHIPPED)


def test_microbit_has_the_memories_of_the_chip() -> None:
    board = load_board("qemu-microbit")
    assert (board.flash_bytes, board.ram_bytes) == (256 * 1024, 16 * 1024)


def test_the_unit_says_who_counts() -> None:
    for board in list_boards():
        if board.emulator is not None and board.emulator.kind in ("qemu", "rp2040js", "renode", "qemu-esp"):
            assert board.counter.unit == "instructions", board.name
        else:
            assert board.counter.unit in ("cycles", "us"), board.name


def test_an_alias_is_a_name() -> None:
    assert load_board("coral-dev-board-micro") == load_board("coral-micro")
    names = [board.name for board in list_boards()]
    aliases = [alias for board in list_boards() for alias in board.aliases]
    assert len({*names, *aliases}) == len(names) + len(aliases)


def test_accelerators_load_and_say_what_they_need() -> None:
    assert [one.name for one in list_accelerators()] == ["coral-pcie", "coral-usb"]
    assert load_accelerator("coral-usb").device == "usb"
    for name in ("coral", "../native", ""):
        with pytest.raises(BoardError, match="coral-usb"):
            load_accelerator(name)


@pytest.mark.parametrize("name", ["rpi-zero-2", "rpi4", "rpi5", "coral-dev-board", "coral-dev-board-micro"])
def test_boards_of_pi_and_coral_say_what_they_need(name: str) -> None:
    assert load_board(name).needs


def test_native_has_no_memories_and_measures_time() -> None:
    board = load_board("native")
    assert board.is_native
    assert board.flash_bytes is None
    assert board.counter.unit == "us"
    assert board.counter.value_exact(1500) == 1.5


def test_counter_rounds_to_nearest() -> None:
    counter = load_board("qemu-mps2-an386").counter
    # 3.2 ticks to an instruction: whatever the phase, the count of 7 instructions is 22 or 23 ticks.
    assert counter.value(22) == counter.value(23) == 7


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("qemu-mps2-an368", "qemu-mps2-an386"), ("an386", "qemu-mps2-an386"), ("QEMU-RISCV32", "qemu-riscv32")],
)
def test_unknown_board_names_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(BoardError, match=right) as caught:
        load_board(wrong)
    assert caught.value.exit_code == 2


def test_unknown_board_far_from_all_lists_all() -> None:
    with pytest.raises(BoardError) as caught:
        load_board("zzzzzz")
    assert all(name in str(caught.value) for name in SHIPPED)


def test_a_path_is_a_name(tmp_path: Path) -> None:
    board = load_board(str(_write(tmp_path, GOOD)))
    assert board.name == "mine"
    assert board.port.defines["TK_UART_BASE"] == 0x40004000
    assert board.path == tmp_path / "mine.toml"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('kind = "ram"', 'kind = "rom"', ["memory.1.kind", "'flash' or 'ram'", "'rom'"]),
        ('unit = "cycles"', 'unit = "ticks"', ["counter.unit", "'instructions', 'cycles' or 'us'"]),
        ("stack = 512", "stack = 512\nstak = 1", ["port.stak", "not a field"]),
        ("hz = 1000000", "", ["counter.hz", "missing"]),
        ("hz = 1000000", "hz = 0", ["counter.hz", "greater than 0"]),
        ("size = 1024\n[[memory]]", "size = -1\n[[memory]]", ["memory.0.size", "greater than 0"]),
        ("origin = 0x20000000", "origin = 512", ["flash and ram overlap"]),
        ('name = "ram"', 'name = "flash"', ["two memories of one name"]),
        ("stack = 512", "", ["port.stack"]),
        ("TK_UART_BASE", "lower", ["port.defines", "pattern"]),
        ('name = "mine"', 'name = "other"', ["other", "mine.toml"]),
        ('chip = "X1"', "chip = ", ["not valid TOML", "line"]),
    ],
)
def test_a_broken_file_names_file_field_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    assert old in GOOD
    path = _write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(BoardError) as caught:
        load_board(path)
    message = str(caught.value)
    assert str(path) in message
    for words in expected:
        assert words in message


def test_a_wrong_emulator_kind_lists_the_kinds(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD + '[emulator]\nkind = "bochs"\n')
    with pytest.raises(BoardError, match=r"emulator.*'qemu', 'native', 'qemu-user', 'rp2040js', 'renode', 'qemu-esp'"):
        load_board(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00" * 100])
def test_a_binary_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(BoardError, match=r"mine\.toml"):
        load_board(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    for path in (tmp_path / "none.toml", tmp_path / "folder.toml"):
        with pytest.raises(BoardError, match=path.name):
            load_board(path)
