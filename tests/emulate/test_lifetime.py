"""No emulator survives, whatever ends its parent; and one that dies says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path

import pytest

from support.probe import Console
from tinykit.board import load_board
from tinykit.emulate import open_board
from tinykit.emulate.native import Native
from tinykit.emulate.qemu import Qemu, require_qemu
from tinykit.errors import BoardError, DeviceDied, DeviceMissing, InputError, ToolMissing
from tinykit.firmware import Image
from tinykit.process import ChildProcess


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _gone(pid: int, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while _alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("board", ["qemu-mps2-an386", "native"])
def test_leaving_the_context_ends_the_process(probe: Callable[[str], Image], board: str) -> None:
    image = probe(board)
    emulator = Native(image.board, image.elf) if board == "native" else Qemu(image.board, image.elf)
    seen = []

    def interrupted() -> None:
        with emulator as stream:
            assert Console(stream).line() == "ready"
            assert emulator.pid is not None
            seen.append(emulator.pid)
            assert _alive(emulator.pid)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    [pid] = seen
    assert _gone(pid)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl(2) is Linux")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_process_dies_with_its_parent(probe: Callable[[str], Image], end: signal.Signals) -> None:
    image = probe("qemu-mps2-an386")
    script = f"""
        import time
        from pathlib import Path
        from tinykit.board import load_board
        from tinykit.emulate.qemu import Qemu
        emulator = Qemu(load_board("qemu-mps2-an386"), Path({str(image.elf)!r}))
        with emulator as stream:
            assert stream.read(10)
            print(emulator.pid, flush=True)
            time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert _alive(pid)
    parent.send_signal(end)
    parent.wait(10)
    parent.stdout.close()
    assert _gone(pid)


def test_the_thread_that_starts_it_may_end(probe: Callable[[str], Image]) -> None:
    image = probe("qemu-mps2-an386")
    emulator = Qemu(image.board, image.elf)
    streams = []
    thread = threading.Thread(target=lambda: streams.append(emulator.__enter__()))
    thread.start()
    thread.join()
    try:
        console = Console(streams[0])
        assert console.line() == "ready"
        time.sleep(0.2)
        assert console.ask("echo still here") == "STILL HERE"
    finally:
        emulator.__exit__(None, None, None)


def test_a_killed_emulator_is_reported_with_the_signal(probe: Callable[[str], Image]) -> None:
    image = probe("qemu-mps2-an386")
    emulator = Qemu(image.board, image.elf)
    with emulator as stream:
        Console(stream).line()
        os.kill(emulator.pid, signal.SIGKILL)
        with pytest.raises(DeviceDied, match="SIGKILL") as caught:
            Console(stream).line()
    assert caught.value.exit_code == 4


def test_what_qemu_says_reaches_the_user(tmp_path: Path) -> None:
    board = load_board("qemu-mps2-an386")
    with (
        Qemu(board, tmp_path / "missing.elf") as stream,
        pytest.raises(DeviceDied, match=r"exit status 1(.|\n)*missing\.elf"),
    ):
        stream.read(10)


def test_a_native_crash_is_reported_with_the_signal(probe: Callable[[str], Image]) -> None:
    image = probe("native")
    with open_board(image.board, image) as stream:
        console = Console(stream)
        assert console.line() == "ready"
        with pytest.raises(DeviceDied, match=r"SIG(ILL|TRAP)"):
            console.ask("fault")


def test_native_keeps_binary_bytes_and_resets(probe: Callable[[str], Image]) -> None:
    image = probe("native")
    with open_board(image.board, image) as stream:
        console = Console(stream)
        assert console.line() == "ready"
        # Bytes that a terminal in its usual mode would swallow or act upon.
        assert console.ask("echo \x03\x04\x11\x13\x1a\x7f\rend") == "\x03\x04\x11\x13\x1a\x7f\rEND"
        assert console.ask("reset") == "ready"


def test_missing_qemu_says_how_to_install_it(probe: Callable[[str], Image], monkeypatch: pytest.MonkeyPatch) -> None:
    image = probe("qemu-mps2-an386")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolMissing, match="qemu-system-arm"), open_board(image.board, image):
        pass


def test_a_qemu_that_is_too_old_says_which_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = load_board("qemu-b-l475e")
    for version, words in (("9.0.2", None), ("7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)", "needs QEMU 9 or newer")):
        folder = tmp_path / version[0]
        folder.mkdir()
        fake = folder / "qemu-system-arm"
        fake.write_text(f"#!/bin/sh\necho 'QEMU emulator version {version}'\n")
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=None)
        if words is None:
            assert require_qemu(board) == str(fake)
            continue
        with pytest.raises(ToolMissing, match=rf"{words}(.|\n)*version 7.2.22(.|\n)*backports"):
            require_qemu(board)


def test_a_native_image_that_is_no_program(tmp_path: Path) -> None:
    path = tmp_path / "firmware.elf"
    path.write_text("no program")
    with pytest.raises(DeviceMissing, match=r"firmware\.elf"), Native(load_board("native"), path):
        pass


def test_open_board_refuses_what_cannot_work(tmp_path: Path) -> None:
    emulated = load_board("qemu-mps2-an386")
    with pytest.raises(InputError, match="needs a firmware"):
        open_board(emulated, None)
    with pytest.raises(BoardError, match="no emulator"):
        open_board(emulated.model_copy(update={"emulator": None}), None)
    with pytest.raises(DeviceMissing, match="no such port"), open_board(emulated, None, str(tmp_path / "ttyX")):
        pass


def test_a_serial_port_gives_the_same_stream(probe: Callable[[str], Image]) -> None:
    """Through the path of real boards: a port by name, opened by pyserial."""
    image = probe("native")
    ours, theirs = os.openpty()
    tty.setraw(theirs)  # or the terminal would echo the first line to the device before the port is opened
    child = ChildProcess([str(image.elf)], stdio=ours)
    try:
        with open_board(image.board, None, os.ttyname(theirs)) as stream:
            console = Console(stream)
            line = console.ask("echo hello")
            # Opening a port discards what came before, if it came before.
            assert (console.line() if line == "ready" else line) == "HELLO"
    finally:
        child.stop()
        os.close(ours)
        os.close(theirs)
