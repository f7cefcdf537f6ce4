"""The command as a user runs it, without waiting each time for the packages that it imports.

Each command is a process with its own folder, environment and standard streams, but one that was forked off a process
which has imported the packages: TensorFlow alone takes seconds. What a command does until it is in ``main``, and which
modules it loads, is therefore not tested by these, but by those that start it themselves.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import selectors
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path

TINYKIT = Path(sysconfig.get_path("scripts")) / "tinykit"

_PYTHONPATH = os.environ.get("PYTHONPATH")

SKLEARN = ("sklearn.neural_network", "sklearn.ensemble", "ai_edge_quantizer", "ai_edge_litert.interpreter", "optuna")
KERAS = (*SKLEARN[2:4], "tensorflow", "keras")


def run_tinykit(
    *arguments: object,
    folder: Path,
    environment: Mapping[str, str],
    timeout: float,
    imported: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """What ``subprocess.run([TINYKIT, ...])`` gives, sooner.

    With another PYTHONPATH than these tests have it is that: such a command is to find other modules, or none.

    Args:
        imported: modules that are to be there already, besides all of tinykit. There is one process with them for each
            such list.

    Raises:
        subprocess.TimeoutExpired: after ``timeout`` seconds; the command was ended.
    """
    words = [str(TINYKIT), *(str(argument) for argument in arguments)]
    if environment.get("PYTHONPATH") != _PYTHONPATH:
        return subprocess.run(
            words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout, check=False,
        )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="tinykit-command-") as temporary:
        out, err = Path(temporary, "out"), Path(temporary, "err")
        out.touch()
        err.touch()
        command = {"arguments": words, "folder": str(folder), "environment": dict(environment)}
        code = _server(imported).run({**command, "out": str(out), "err": str(err)}, timeout)
        return subprocess.CompletedProcess(words, code, out.read_text(), err.read_text())


@functools.cache
def _server(imported: tuple[str, ...]) -> _Server:
    return _Server(imported)


class _Server:
    def __init__(self, modules: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fork_server.py")), *modules],
            env={**os.environ, "OMP_NUM_THREADS": "1"},  # read while libraries are loaded, by them alone
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
        )  # fmt: skip
        atexit.register(self._end)

    def run(self, command: dict[str, object], timeout: float) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        child = self._answer()
        if not self._answers_within(timeout):
            os.kill(child, signal.SIGKILL)
            self._answer()
            raise subprocess.TimeoutExpired(str(command["arguments"]), timeout)
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def _answers_within(self, seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
            return bool(selector.select(seconds))

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
