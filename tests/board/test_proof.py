"""docs/boards.md and what it is made of: nothing is called proven that no test proves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tinykit.board import Board, list_boards, load_board
from tinykit.board.accelerator import list_accelerators
from tinykit.board.boards_doc import PATH, document
from tinykit.board.proof import LEVELS, TITLES

ROOT = Path(__file__).resolve().parents[2]
BOARDS = list_boards()
REAL = [board for board in BOARDS if board.emulator is None]


def by_name(boards: list[Board]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("board", boards, ids=[board.name for board in boards])


def test_the_document_is_up_to_date() -> None:
    assert (ROOT / PATH).read_text() == document(BOARDS), "run: python -m tinykit.board.boards_doc"


def test_every_board_is_in_it_with_its_level() -> None:
    text = document(BOARDS)
    for board in BOARDS:
        assert board.proof is not None, board.name
        (row,) = re.findall(rf"^\| \*\*{re.escape(board.name)}\*\*(?:, also [^<]*)?<br>.*$", text, re.MULTILINE)
        assert f"| {TITLES[board.proof.level]} |" in row
    assert list(LEVELS) == list(TITLES)


def test_a_board_without_proof_is_not_tried_and_hardware_names_its_specimen() -> None:
    board = load_board("nano33ble")
    unknown = board.model_copy(update={"proof": None})
    assert "| not tried |" in document([unknown])
    assert "No board has been tried on hardware" in document([unknown])
    assert board.proof is not None
    tried = board.proof.model_copy(update={"level": "hardware", "specimen": "revision 2, 1 May"})
    text = document([board.model_copy(update={"proof": tried})])
    assert "| hardware | revision 2, 1 May |" in text
    assert "No board has been tried on hardware" not in text


@by_name([board for board in BOARDS if board.proof is not None and board.proof.twin is not None])
def test_a_twin_is_an_emulated_board_of_the_same_chip(board: Board) -> None:
    assert board.proof is not None
    twin = load_board(board.proof.twin or "")
    assert twin.emulator is not None
    assert twin.proof is not None
    assert twin.proof.level == board.proof.level
    assert (twin.chip, twin.core, twin.features) == (board.chip, board.core, board.features)
    assert (twin.memory, twin.toolchain, twin.port.family, twin.link) == (
        board.memory,
        board.toolchain,
        board.port.family,
        board.link,
    )


NAMED = [(board.name, check.test) for board in BOARDS if board.proof is not None for check in board.proof.checks]
PROOFS = {board.name: board.proof for board in BOARDS} | {one.name: one.proof for one in list_accelerators()}
NAMED += [(one.name, check.test) for one in list_accelerators() for check in one.proof.checks]


@pytest.mark.slow
def test_every_test_that_is_named_is_one_that_pytest_finds() -> None:
    files = sorted({test.partition("::")[0] for _, test in NAMED})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    found = set(run.stdout.splitlines())
    # A module that needs a package which is not installed is skipped as a whole; it is then not known what it has.
    modules = {line.partition("::")[0] for line in found if "::" in line}
    assert modules
    missing = [f"boards/{name}.toml: {test}" for name, test in NAMED if test not in found and _file(test) in modules]
    assert not missing, "there are no such tests:\n" + "\n".join(missing)


@pytest.mark.parametrize(("name", "test"), NAMED)
def test_a_test_that_is_named_is_of_this_board(name: str, test: str) -> None:
    """By its parameter, which is the board's name or its twin's, or that of a model; else by what the module says."""
    proof = PROOFS[name]
    assert proof is not None
    if test.partition("::")[0].startswith("tests/runner/"):
        return  # of accelerators: by the words of the check
    parameter = test.partition("[")[2].rstrip("]")
    text = (ROOT / _file(test)).read_text()
    assert f"def {test.partition('::')[2].partition('[')[0]}(" in text
    names = [who for who in (name, proof.twin) if who is not None]
    said = any(parameter.startswith(who) or f'"{who}"' in text for who in names)
    assert said or "list_boards()" in text


def _file(test: str) -> str:
    return test.partition("::")[0]


@by_name(REAL)
def test_the_serial_console_is_where_the_firmware_drives_it(board: Board) -> None:
    console = board.console
    assert console is not None
    assert all(re.match(r"https://\S+( \(.+\))?$", source) for source in console.sources)
    defines = board.port.defines
    if board.is_hosted:  # Linux has its own idea of it
        return
    if board.port.family in ("esp_idf", "esp8266_arduino"):
        expected = [f"GPIO{defines[name]}" for name in ("TK_UART_TX", "TK_UART_RX")]
        assert console.uart == f"UART{defines['TK_UART_NUMBER']}"
    elif board.port.family == "coralmicro":  # coralmicro drives the chip's USB
        expected = [f"{console.uart}_DP", f"{console.uart}_DN"]
    else:
        expected = [_pin(board, defines[name]) for name in ("TK_UART_TX_PIN", "TK_UART_RX_PIN")]
    assert [console.tx, console.rx] == expected


def _pin(board: Board, number: int) -> str:
    """What the chip's manual calls a pin that the port knows by its number."""
    if board.port.family == "rp2040":
        return f"GP{number}"
    if board.port.family in ("nrf51", "nrf52"):
        return f"P{number // 32}.{number % 32:02}"
    assert board.port.family == "stm32"
    # GPIOA, GPIOB, ... lie 1 KB apart: at 0x48000000 in the L4 series, at 0x40020000 in the F4 and F7.
    base = board.port.defines["TK_GPIO_BASE"]
    start = 0x4800_0000 if base >= 0x4800_0000 else 0x4002_0000
    return f"P{'ABCDEFGHI'[(base - start) // 0x400]}{number}"
