"""TFLite-Micro's answers, from a process of its own: on some models it crashes, and that is an answer too.

As a program this module is that process: it reads pickled lists of questions from standard input, and does them in a
fork, which it replaces when it dies.
"""

from __future__ import annotations

import atexit
import functools
import os
import pickle
import signal
import struct
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

_SECONDS = 20
"""After which TFLite-Micro has not answered: all models here are small."""

_BROKEN = "the question cannot be put: "
"""How an answer begins that is none."""


@dataclass(frozen=True)
class Question:
    """A model, its inputs with a leading axis of runs, and how many these are."""

    tflite: bytes
    inputs: Sequence[np.ndarray]
    runs: int


@dataclass(frozen=True)
class Answer:
    """Outputs with a leading axis of runs; None with the reason when TFLite-Micro refused, or ``crashed``."""

    outputs: list[np.ndarray] | None
    why: str = ""
    crashed: bool = False


def ask(questions: Sequence[Question]) -> list[Answer]:
    """TFLite-Micro's answers, in the same order."""
    if not questions:
        return []
    process = _process()
    _send(process.stdin, [(q.tflite, list(q.inputs), q.runs) for q in questions])
    answers = [Answer(*answer) for answer in _receive(process.stdout)]
    for answer in answers:
        if answer.why.startswith(_BROKEN):
            raise RuntimeError(answer.why)
    return answers


@functools.lru_cache(maxsize=1)
def _process() -> Any:
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [sys.executable, "-m", "proof.reference"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is for who waits for it
    )

    def end() -> None:
        process.stdin.close()
        process.wait()

    atexit.register(end)
    return process


def _send(stream: IO[bytes], what: Any) -> None:
    data = pickle.dumps(what)
    stream.write(struct.pack("<Q", len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    data = stream.read(struct.unpack("<Q", head)[0])
    return pickle.loads(data)


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            questions = _receive(sys.stdin.buffer)
        except EOFError:
            return
        done: list[tuple[Any, ...]] = []
        while len(done) < len(questions):
            done += _in_a_fork(questions[len(done) :])
        _send(answers, done)


def _in_a_fork(questions: list[tuple[bytes, list[np.ndarray], int]]) -> Iterator[tuple[Any, ...]]:
    """Answers of as many as it takes for the fork to end; the last of them may be a crash."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as answers:
            for question in questions:
                _send(answers, _answer(*question))
        os._exit(0)
    os.close(writing)
    count = 0
    with os.fdopen(reading, "rb") as answers:
        while True:
            try:
                yield _receive(answers)
            except (EOFError, pickle.UnpicklingError):
                break
            count += 1
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if count < len(questions):
        name = "it did not end" if status == -signal.SIGALRM else f"exit status {status}"
        yield None, name, True


def _answer(tflite: bytes, inputs: list[np.ndarray], runs: int) -> tuple[Any, ...]:
    from support.oracle import run_oracle

    signal.alarm(_SECONDS)
    with tempfile.TemporaryFile() as log:
        saved = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            return run_oracle(tflite, inputs, samples=runs).outputs, "", False
        except (RuntimeError, ValueError) as refused:
            log.seek(0)
            return None, f"{refused}: {log.read().decode(errors='replace').strip()[-500:]}", False
        except Exception:
            return None, _BROKEN + traceback.format_exc(), False
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            signal.alarm(0)


if __name__ == "__main__":
    import support.oracle  # noqa: F401 - once, not in each fork

    _serve()
