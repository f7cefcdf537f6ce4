"""Frameworks that talk: what they print is kept, and shown only when they fail."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_KEPT = 64 * 1024


@dataclass
class Captured:
    """``text`` is what was printed, once the block has been left; its end, if it was very much."""

    text: str = ""


@contextlib.contextmanager
def quiet() -> Iterator[Captured]:
    """Capture standard output and error of this process, also what C++ code writes to the descriptors.

    Warnings of Python and messages of ``logging`` count as printing. Not for use in several threads at once.
    """
    captured = Captured()
    level = logging.root.manager.disable
    with tempfile.TemporaryFile() as log:
        sys.stdout.flush()
        sys.stderr.flush()
        saved = os.dup(1), os.dup(2)
        text = os.fdopen(os.dup(log.fileno()), "w", encoding="utf-8", errors="replace", buffering=1)
        try:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            logging.disable(logging.ERROR)
            with (
                contextlib.redirect_stdout(text),
                contextlib.redirect_stderr(text),
                warnings.catch_warnings(),
            ):
                warnings.simplefilter("ignore")
                yield captured
        finally:
            logging.disable(level)
            text.close()
            for descriptor, original in zip((1, 2), saved, strict=True):
                os.dup2(original, descriptor)
                os.close(original)
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - _KEPT))
            captured.text = log.read().decode("utf-8", "replace")


def last_line(text: str) -> str:
    """The last line of what was printed or said that has something on it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def settle_tensorflow() -> None:
    """What TensorFlow and Keras look at when they are imported, be it by a function of the user's."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # looking for a GPU takes time and helps nothing here
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
