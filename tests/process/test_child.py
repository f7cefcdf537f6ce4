"""Child processes: started without a fork of Python's, on a leash, with the errors and signals of a plain start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tinykit.process import ChildProcess

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl(2) and /proc are Linux")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _python(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )


def test_no_hook_of_fork_is_run() -> None:
    """JAX warns from such a hook: a fork of a process with threads can hang."""
    script = (
        "import os\n"
        "from tinykit.process import ChildProcess\n"
        "os.register_at_fork(before=lambda: print('forked', flush=True))\n"
        "child = ChildProcess(['true'])\n"
        "print(child.exit_status(timeout=20))\n"
        "child.stop()\n"
    )
    out, err = _python(script).communicate(timeout=60)
    assert (out, err) == ("0\n", "")


@linux
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_it_dies_with_its_parent(end: signal.Signals) -> None:
    script = (
        "import time\n"
        "from tinykit.process import ChildProcess\n"
        "print(ChildProcess(['sleep', '60']).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = _python(script)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert _alive(pid)
    assert Path(f"/proc/{pid}/comm").read_text() == "sleep\n"  # the program itself, when the constructor returns
    parent.send_signal(end)
    parent.communicate(timeout=20)
    deadline = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(pid)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as absent:
        ChildProcess(["no-such-program", "x"])
    assert absent.value.filename == "no-such-program"
    (tmp_path / "plain").write_text("no program")
    with pytest.raises(PermissionError):
        ChildProcess([str(tmp_path / "plain")])
    with pytest.raises(FileNotFoundError):
        ChildProcess(["true"], cwd=tmp_path / "nowhere")


def test_environment_and_folder_are_those_given(tmp_path: Path) -> None:
    child = ChildProcess(
        ["sh", "-c", 'echo "$WORD" >&2; pwd >&2; exit 3'],
        cwd=tmp_path,
        env={"WORD": "given", "PATH": os.environ["PATH"]},
    )
    assert child.exit_status(timeout=20) == 3
    assert child.last_words().split("\n") == ["given", str(tmp_path.resolve())]
    child.stop()


@linux
def test_no_signal_is_ignored_that_the_shell_would_not_ignore() -> None:
    """Python ignores SIGPIPE, and what is ignored stays ignored across exec."""
    child = ChildProcess(["grep", "SigIgn", "/proc/self/status"], keep_output=True)
    assert child.exit_status(timeout=20) == 0
    ignored = int(child.last_words().split()[1], 16)
    child.stop()
    assert not ignored & (1 << signal.SIGPIPE - 1)
    assert not ignored & (1 << signal.SIGXFSZ - 1)


@linux
def test_no_other_file_is_handed_on() -> None:
    ours, theirs = os.pipe()
    child = ChildProcess(["ls", "/proc/self/fd"], pass_fds=[theirs], keep_output=True)
    assert child.exit_status(timeout=20) == 0
    numbers = [int(word) for word in child.last_words().split()]
    child.stop()
    os.close(ours)
    os.close(theirs)
    assert {0, 1, 2, theirs} < set(numbers)
    assert len(numbers) == 5  # and ls's own
