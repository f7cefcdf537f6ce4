"""Renode: what is written for it, and how its process is driven. Renode itself runs in test_bring_up, where it is
installed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tinykit.board import list_boards, load_board
from tinykit.board.renode import banner_bytes, platform_text, script_text
from tinykit.emulate.renode import Renode, require_renode, write_machine
from tinykit.errors import DeviceDied, DeviceMissing, InputError, ToolMissing

RENODE_BOARDS = [
    board.name for board in list_boards() if board.emulator is not None and board.emulator.kind == "renode"
]
HOSTILE = 'it\'s "$HOME" @x; #1 \\ ${CURDIR} ä'
STAND_IN = Path(__file__).parent.parent / "support" / "renode" / "stand_in.py"

# The platform language, as far as board files use it: "Describing platforms" in Renode's documentation.
REPL_LINE = re.compile(
    r"""
      $ | //.*
    | using \s "platforms/[\w/.-]+\.repl"
    | \w+:                                              # changes an entry of the platform
    | \w+: \s [A-Z]\w*\.[A-Z]\w* \s @ \s \w+ (\s 0x[0-9A-Fa-f]+)?
    | \ {4} (init: | \w+: \s \S.* | ->\s\S+)
    | \ {8} Tag \s <0x[0-9A-Fa-f]{8},\s0x[0-9A-Fa-f]{8}> \s "[^"]+" (\s 0x[0-9A-Fa-f]+)?
    """,
    re.VERBOSE,
)


@pytest.fixture
def renode_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in as `renode` on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "renode"
    program.write_text(f"#!{sys.executable}\n{STAND_IN.read_text()}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    path = tmp_path / "firmware.elf"
    path.write_bytes(b"\x7fELF")
    return path


def test_there_are_twins_for_an_nrf52_and_an_stm32() -> None:
    families = {load_board(name).port.family for name in RENODE_BOARDS}
    assert {"nrf52", "stm32"} <= families


@pytest.mark.parametrize("name", RENODE_BOARDS)
def test_a_tick_of_the_counter_is_an_instruction(name: str) -> None:
    board = load_board(name)
    assert board.counter.unit == "instructions"
    assert board.counter.scale == (1, 1)
    assert board.counter.hz == board.emulator.mips * 1_000_000
    # A nanosecond has to divide an instruction's time, or Renode carries a rest over to the next reading.
    assert 1000 % board.emulator.mips == 0
    assert f"frequency: {board.counter.hz}\n" in platform_text(board)


@pytest.mark.parametrize("name", RENODE_BOARDS)
def test_the_platform_is_in_the_platform_language(name: str) -> None:
    for line in platform_text(load_board(name)).splitlines():
        assert REPL_LINE.fullmatch(line), line


@pytest.mark.parametrize("name", RENODE_BOARDS)
def test_nothing_is_downloaded(name: str) -> None:
    # Renode's platforms begin with a download; an `init` of our own takes the place of theirs.
    text = platform_text(load_board(name))
    assert "http" not in text
    assert "\nsysbus:\n    init:\n" in text


@pytest.mark.parametrize("name", RENODE_BOARDS)
def test_the_script_loads_the_board_and_does_not_start_it(name: str) -> None:
    board = load_board(name)
    lines = script_text(board, "../build/firmware.elf").splitlines()
    assert "$bin?=$ORIGIN/../build/firmware.elf" in lines
    assert f"machine LoadPlatformDescription $ORIGIN/{name}.repl" in lines
    assert "cpu PerformanceInMips 100" in lines
    flash = next(m.origin for m in board.memory if m.name == "flash")
    macro = lines[lines.index("macro reset") :]
    assert macro == [
        "macro reset",
        '"""',
        "    sysbus LoadELF $bin",
        f"    cpu VectorTableOffset 0x{flash:08x}",
        '"""',
        "runMacro $reset",
    ]
    assert "start" not in lines


def test_no_name_of_the_users_gets_into_a_script(tmp_path: Path) -> None:
    folder = tmp_path / HOSTILE
    folder.mkdir()
    (folder / "f'w.elf").write_bytes(b"\x7fELF")
    machine = tmp_path / "machine"
    machine.mkdir()
    write_machine(load_board(RENODE_BOARDS[0]), folder / "f'w.elf", machine)
    script = (machine / "board.resc").read_text()
    assert "it's" not in script
    assert "f'w" not in script
    assert (machine / "firmware.elf").read_bytes() == b"\x7fELF"
    assert sorted(p.name for p in machine.iterdir()) == ["board.resc", "firmware.elf", f"{RENODE_BOARDS[0]}.repl"]


def test_a_hostile_folder_for_temporary_files_is_gone_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renode_process: None, elf: Path
) -> None:
    folder = tmp_path / HOSTILE
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with Renode(load_board(RENODE_BOARDS[0]), elf) as stream:
        assert stream.read(10).startswith(b"ready")
    assert not any(folder.iterdir())


@pytest.mark.parametrize(
    ("build_id", "expected"),
    [
        ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("0123456789abcdef0023456789abcdef", "0123456789abcdef"),
        ("00" * 4 + "11" * 12, "11" * 12),
    ],
)
def test_the_suite_waits_for_what_the_encoded_banner_contains(build_id: str, expected: str) -> None:
    assert banner_bytes(build_id).hex() == expected


@pytest.mark.usefixtures("renode_process")
def test_the_line_is_heard_from_its_first_byte(elf: Path) -> None:
    emulator = Renode(load_board(RENODE_BOARDS[0]), elf)
    with emulator as stream:
        assert emulator.pid is not None
        data = b""
        while b"\n" not in data:
            data += stream.read(10)
        assert data == b"ready\n"
        # Bytes that a terminal in its usual mode would swallow or act upon.
        stream.write(b"\x03\x04\x11\x13\x1a\x7f\r\nend")
        answer = b""
        while b"END" not in answer:
            answer += stream.read(10)
        assert answer == b"\x03\x04\x11\x13\x1a\x7f\r\nEND"
    assert not Path(f"/proc/{emulator.pid}").exists()


@pytest.mark.usefixtures("renode_process")
def test_what_renode_refuses_is_shown(elf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN", "refuse")
    with (
        pytest.raises(DeviceMissing, match="LoadPlatformDescription") as caught,
        Renode(load_board(RENODE_BOARDS[0]), elf),
    ):
        pass
    assert caught.value.exit_code == 3
    assert "[emulator]" in str(caught.value.hint)


@pytest.mark.usefixtures("renode_process")
def test_a_renode_that_dies_says_why(elf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN", "die")
    with Renode(load_board(RENODE_BOARDS[0]), elf) as stream:
        stream.read(10)
        stream.write(b"x")
        with pytest.raises(DeviceDied, match="went up in smoke"):
            stream.read(60)


@pytest.mark.usefixtures("renode_process")
def test_an_old_renode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN", "old")
    with pytest.raises(ToolMissing, match=r"1\.15\.1.*1\.15\.2") as caught:
        require_renode()
    assert "renode/releases" in str(caught.value.hint)


def test_without_renode(monkeypatch: pytest.MonkeyPatch, elf: Path) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolMissing, match="renode not found") as caught, Renode(load_board(RENODE_BOARDS[0]), elf):
        pass
    assert caught.value.exit_code == 3
    assert "https://github.com/renode/renode/releases" in str(caught.value)


@pytest.mark.usefixtures("renode_process")
def test_without_a_firmware(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.elf"), Renode(load_board(RENODE_BOARDS[0]), tmp_path / "none.elf"):
        pass


@pytest.mark.usefixtures("renode_process")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl(2) is Linux")
def test_the_process_dies_with_its_parent(elf: Path) -> None:
    script = f"""
        import time
        from pathlib import Path
        from tinykit.board import load_board
        from tinykit.emulate.renode import Renode
        emulator = Renode(load_board({RENODE_BOARDS[0]!r}), Path({str(elf)!r}))
        with emulator as stream:
            assert stream.read(10)
            print(emulator.pid, flush=True)
            time.sleep(60)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
