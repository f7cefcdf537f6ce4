"""What a family says of a board's numbers is asked of every board file: each wrong in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinykit.board import list_boards, load_board
from tinykit.errors import BoardError
from tinykit.resources import data_dir

L4, F7, V2, QEMU = "nucleo-l4r5zi", "nucleo-f767zi", "microbit2", "qemu-netduinoplus2"

WRONG = [
    (L4, "TK_UART_RX_IRQ = 70", "TK_UART_RX_IRQ = 700", ["port.defines.TK_UART_RX_IRQ", "0 to 110", "700"]),
    (L4, "TK_UART_RX_IRQ = 70\n", "", ["port.defines.TK_UART_RX_IRQ: missing"]),
    (L4, "TK_UART_TX_PIN = 7", "TK_UART_TX_PIN = 77", ["port.defines.TK_UART_TX_PIN", "0 to 15", "77"]),
    (L4, "TK_UART_TX_PIN", "TK_UART_TXPIN", ["TK_UART_TXPIN", "mean TK_UART_TX_PIN?", "TK_UART_TX_PIN: missing"]),
    (L4, "TK_UART_CLOCK_HZ = 4_000_000", "TK_UART_CLOCK_HZ = 100_000", ["TK_UART_CLOCK_HZ", "0x000f4240 to"]),
    (L4, "TK_UART_CLOCK_HZ = 4_000_000", "TK_UART_CLOCK_HZ = 4e6", ["TK_UART_CLOCK_HZ", "whole number"]),
    (L4, "baud = 115200", "baud = 3000000", ["link.baud", "977 to 1333333", "3000000"]),
    (L4, "0x1ff0_0000", "0x1ff0_0100", ["TK_STACK_GUARD", "multiple of 0x00100000", "0x1ff00100"]),
    (L4, "0x1ff0_0000", "0x2000_0000", ["TK_STACK_GUARD", "reach into memory ram"]),
    (L4, "TK_USART_V2_BASE = 0x4000_8000", "TK_USART_V2_BASE = -1", ["TK_USART_V2_BASE", "greater than or equal to 0"]),
    (L4, "TK_USART_V2_BASE = 0x4000_8000", "TK_USART_V2_BASE = 0x4000_8004", ["TK_USART_V2_BASE", "multiple of 1024"]),
    (L4, "TK_USART_V2_BASE = 0x4000_8000", "TK_USART_V2_BASE = 0", ["TK_USART_V2_BASE", "0x40000000 to 0x5fffffff"]),
    (L4, "TK_COUNTER_DWT = 1\n", "", ["exactly one of TK_COUNTER_DWT, TK_COUNTER_SYSTICK", "it has none"]),
    (L4, "TK_COUNTER_DWT = 1", "TK_COUNTER_DWT = 0", ["TK_COUNTER_DWT", "may be 1", "it is 0"]),
    (L4, "[port.defines]", "[port.defines]\nTK_USART_V1_BASE = 0x4000_8000", ["TK_USART_V1_BASE and TK_USART_V2_BASE"]),
    (L4, "TK_POWER_SUPPLY_BIT = 9\n", "", ["TK_POWER_SUPPLY_BIT: missing, TK_POWER_SUPPLY needs it"]),
    (L4, "[port.defines]", "[port.defines]\nTK_ANY = 1", ["TK_ANY", "takes no such number", "TK_GPIO_ALTERNATE"]),
    (L4, "stack = 16384", "stack = 64", ["port.stack", "at least 512", "64"]),
    (L4, "stack = 16384", "stack = 0x10_0000", ["port.stack", "less than the RAM's 655360"]),
    (L4, 'features = ["dsp", "fpu"]', 'features = ["dsp", "fpu", "mve"]', ["features", "has no mve", "dsp, fpu"]),
    (L4, 'core = "cortex-m4"', 'core = "cortex-m7"', ["toolchain.cflags", "-mcpu=cortex-m4", "'cortex-m7'"]),
    (L4, 'core = "cortex-m4"', 'core = "cortex-m5"', ["core", "one of cortex-m0,", "'cortex-m5'"]),
    (L4, 'title = "', 'title = "two\\nlines', ["title", "one line"]),
    (L4, 'chip = "', 'chip = "bell\\u0007', ["chip", "one line"]),
    (L4, '"-mthumb"', '"-mthumb\\n-O0"', ["toolchain.cflags", "one line"]),
    (L4, '"-lm"', '"-lm\\r"', ["toolchain.libs", "one line"]),
    (F7, "baud = 115200", "baud = 780_000", ["link.baud", "off by", "-2.", "761905"]),
    (F7, "baud = 115200", "baud = 3_000_000", ["link.baud", "to 1000000"]),
    (V2, "baud = 115200", "baud = 230400", ["link.baud", "set up for 115200", "230400"]),
    (V2, "TK_UART_RX_PIN = 40", "TK_UART_RX_PIN = 48", ["TK_UART_RX_PIN", "0 to 47"]),
    (V2, "TK_UART_RX_IRQ = 2", "TK_UART_RX_IRQ = 3", ["TK_UART_RX_IRQ", "may be 2"]),
    (QEMU, "TK_TIM2_ENABLE_BIT = 0\n", "", ["TK_TIM2_ENABLE_BIT: missing, TK_COUNTER_TIM2 needs it"]),
    ("qemu-mps2-an386", "TK_CMSDK_TIMER_BASE = 0x4000_0000\n", "", ["exactly one of TK_CMSDK_TIMER_BASE"]),
    ("qemu-riscv32", "TK_UART_IRQ = 10", "TK_UART_IRQ = 40", ["TK_UART_IRQ", "1 to 31"]),
    ("qemu-riscv32", "-march=rv32imc", "-march=rv32imac", ["toolchain.cflags", "-march=rv32imac"]),
    ("pico", "TK_UART_INDEX = 0", "TK_UART_INDEX = 2", ["TK_UART_INDEX", "0 to 1"]),
    ("pico", "TK_UART_INDEX = 0", "TK_UART_INDEX = 0\nTK_UART_RX_IRQ = 2", ["TK_UART_RX_IRQ", "takes no such number"]),
    ("esp32c3", "TK_UART_TX = 21\n", "", ["port.defines.TK_UART_TX: missing"]),
]  # fmt: skip


def _copy(folder: Path, board: str, right: str = "", wrong: str = "") -> Path:
    text = (data_dir("boards") / f"{board}.toml").read_text()
    assert right in text
    path = folder / f"{board}.toml"
    path.write_text(text.replace(right, wrong))
    return path


def test_every_boards_numbers_are_right() -> None:
    assert list_boards()


@pytest.mark.parametrize(("board", "right", "wrong", "words"), WRONG, ids=[f"{c[0]}-{c[2]!r:.40}" for c in WRONG])
def test_each_wrong_in_turn(board: str, right: str, wrong: str, words: list[str], tmp_path: Path) -> None:
    load_board(_copy(tmp_path, board))
    path = _copy(tmp_path, board, right, wrong)
    with pytest.raises(BoardError) as caught:
        load_board(path)
    message = str(caught.value)
    assert caught.value.exit_code == 2
    for word in [str(path), *words]:
        assert word in message, message


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = _copy(tmp_path, L4, "TK_UART_TX_PIN = 7\nTK_UART_RX_PIN = 8", "TK_UART_TX_PIN = 77\nTK_UART_RX_PIN = 88")
    with pytest.raises(BoardError, match=r"TK_UART_TX_PIN(.|\n)*TK_UART_RX_PIN"):
        load_board(path)


def test_a_users_own_family_is_held_to_what_it_declares(tmp_path: Path) -> None:
    own = tmp_path / "ports" / "own"
    own.mkdir(parents=True)
    path = _copy(tmp_path, L4, 'family = "stm32"', 'family = "own"')
    (own / "family.toml").write_text('summary = "declares nothing"\nuses = ["stm32"]\n')
    text = path.read_text()
    path.write_text(text.replace("TK_UART_TX_PIN = 7", "TK_UART_TX_PIN = 77\nTK_MINE = 1"))
    load_board(path)
    (own / "family.toml").write_text(
        'summary = "declares"\nuses = ["stm32"]\n[defines]\nTK_MINE = { max = 3 }\nTK_UART_TX_PIN = { max = 99 }\n'
    )
    load_board(path)
    path.write_text(text.replace("TK_UART_TX_PIN = 7", "TK_UART_TX_PIN = 7\nTK_MINE = 4"))
    with pytest.raises(BoardError, match="TK_MINE: may be 0 to 3"):
        load_board(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('summary = "x"\nbuilders = ["make"]\n', ["family.toml", "builders.0", "'gcc', 'zig'"]),
        ('summary = "x"\none_of = [["TK_A", "TK_B"]]\n', ["family.toml", "field defines: missing"]),
        ('summary = "x"\n[defines]\nTK_A = { most = 3 }\n', ["family.toml", "defines.TK_A.most", "not a field"]),
    ],
)
def test_a_broken_family_file_names_its_field(text: str, words: list[str], tmp_path: Path) -> None:
    own = tmp_path / "ports" / "own"
    own.mkdir(parents=True)
    (own / "family.toml").write_text(text)
    with pytest.raises(BoardError) as caught:
        load_board(_copy(tmp_path, L4, 'family = "stm32"', 'family = "own"'))
    for word in words:
        assert word in str(caught.value)
