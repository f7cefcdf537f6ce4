"""One process at a time holds a port; the others are told who."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinykit.errors import DeviceMissing
from tinykit.link.port_lock import hold_port, holder_of, lock_dir

PORT = "/dev/ttyTEST0"
HOLD = """
import sys, time
from tinykit.link.port_lock import hold_port
with hold_port(sys.argv[1], "place desk of bench.toml"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYKIT_LOCK_DIR", str(tmp_path / "locks"))


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the port."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, PORT], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_another_process_is_refused_and_told_who_holds_it(other: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(DeviceMissing, match=rf"in use\n.*place desk of bench.toml \(process {other.pid}\)"),
        hold_port(PORT, "me"),
    ):
        pass
    with hold_port("/dev/ttyTEST1", "me"):  # another port is free
        assert holder_of("/dev/ttyTEST1") is not None


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_the_lock_ends_with_its_process(other: subprocess.Popen[str], end: signal.Signals) -> None:
    other.send_signal(end)
    other.wait()
    with hold_port(PORT, "me"):
        assert (holder_of(PORT) or "").startswith("me (process")


def test_who_waits_gets_it_when_it_is_released(other: subprocess.Popen[str]) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        other.kill()
        other.wait()

    with hold_port(PORT, "me", wait=20, pause=pause):
        assert pauses


def test_a_pause_that_raises_ends_the_waiting(other: subprocess.Popen[str]) -> None:
    def pause(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), hold_port(PORT, "me", wait=20, pause=pause):
        pass


def test_one_process_shares_its_lock_and_leaves_no_file() -> None:
    with hold_port(PORT, "bench"):
        with hold_port(PORT, "stream"):
            pass
        with pytest.raises(DeviceMissing, match="held by bench"), hold_port(PORT, "another place", alone=True):
            pass
        assert (holder_of(PORT) or "").startswith("bench")
        assert len(list(lock_dir().iterdir())) == 1
    assert holder_of(PORT) is None
    assert list(lock_dir().iterdir()) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Somebody else's link in the shared folder must not make us overwrite a file; pyserial's lock has to do then."""
    with hold_port(PORT, "me"):
        (name,) = (path.name for path in lock_dir().iterdir())
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    (lock_dir() / name).symlink_to(precious)
    with hold_port(PORT, "me"):
        assert precious.read_text() == "as it was"
