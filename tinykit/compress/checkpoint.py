"""The folder of a run: each step's model when it is finished, each epoch of the one that is not.

A step's key says all that its result depends on; what was made under another key is made again. Every file is written
whole or not at all, so a run that is killed goes on from its last epoch.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.compress.recipe import Step
from tinykit.errors import InputError
from tinykit.files import write_file

_MODEL, _FACTS, _EPOCH, _FIGURES = "model.bin", "step.json", "epoch.npz", "figures.json"


@dataclass(frozen=True)
class StepFolder:
    """The files of one step.

    Attributes:
        path: the folder; it need not exist.
        key: of what the step's result depends on.
    """

    path: Path
    key: str

    def finished(self) -> tuple[bytes, dict[str, Any]] | None:
        """The model and the facts, where the step was finished under this key."""
        try:
            facts = json.loads((self.path / _FACTS).read_text(encoding="utf-8"))
            model = (self.path / _MODEL).read_bytes()
            if facts["key"] != self.key or facts["sha256"] != hashlib.sha256(model).hexdigest():
                return None
            return model, dict(facts["facts"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or spoiled by somebody: the step is done again

    def finish(self, model: bytes, facts: dict[str, Any]) -> None:
        """Keep the result; the facts last, since they say that all is there."""
        with _writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / _FACTS).unlink(missing_ok=True)
            write_file(self.path / _MODEL, model)
            entry = {"key": self.key, "sha256": hashlib.sha256(model).hexdigest(), "facts": facts}
            write_file(self.path / _FACTS, json.dumps(entry, indent=2) + "\n")
            (self.path / _EPOCH).unlink(missing_ok=True)

    def figures(self, measured_with: Sequence[str]) -> dict[str, Any] | None:
        """What was measured of the result with these things (a board, test data)."""
        try:
            entry = json.loads((self.path / _FIGURES).read_text(encoding="utf-8"))
            return dict(entry["figures"]) if entry["key"] == [self.key, *measured_with] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep_figures(self, measured_with: Sequence[str], figures: dict[str, Any]) -> None:
        """Keep what was measured."""
        with _writing(self.path):
            entry = {"key": [self.key, *measured_with], "figures": figures}
            write_file(self.path / _FIGURES, json.dumps(entry, indent=2) + "\n")

    def epoch(self) -> tuple[int, float | None, list[np.ndarray]] | None:
        """Epochs done, the last one's loss, and the state after it."""
        try:
            with np.load(io.BytesIO((self.path / _EPOCH).read_bytes()), allow_pickle=False) as arrays:
                if str(arrays["key"]) != self.key:
                    return None
                state = [arrays[f"a{i}"] for i in range(int(arrays["count"]))]
                return int(arrays["done"]), float(arrays["loss"]), state
        except Exception:  # damage ends in errors of zipfile, zlib, numpy, ...: the step begins anew
            return None

    def keep_epoch(self, done: int, loss: float, state: Sequence[np.ndarray]) -> None:
        """Keep the state after an epoch."""
        buffer = io.BytesIO()
        arrays = {f"a{i}": values for i, values in enumerate(state)}
        np.savez(
            buffer,
            key=np.asarray(self.key),
            done=np.asarray(done),
            loss=np.asarray(loss),
            count=np.asarray(len(state)),
            **arrays,  # type: ignore[arg-type]  # numpy's stub takes them for allow_pickle
        )
        with _writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            write_file(self.path / _EPOCH, buffer.getvalue())


class RunFolder:
    """All steps of a run.

    Args:
        path: the folder; made when something is kept.
        base: what every step depends on: the bytes of source and data, versions, the seed.
    """

    def __init__(self, path: Path, base: Sequence[str]) -> None:
        self.path = path
        self._chain = [_digest(json.dumps(list(base)))]

    def step(self, number: int, step: Step | None, more: Sequence[str] = ()) -> StepFolder:
        """The folder of a step; to be asked for in their order, from 0 (the source, None).

        Args:
            more: what else the step depends on: the bytes of a teacher, for one.
        """
        kind = "source" if step is None else step.kind
        text = json.dumps([kind if step is None else step.model_dump(), *more], sort_keys=True)
        self._chain = [*self._chain[: number + 1], _digest(self._chain[number] + text)]
        folder = self.path / f"{number:02}-{kind}"
        for stale in folder.glob(".*") if folder.is_dir() else ():
            stale.unlink(missing_ok=True)  # of a write that was killed
        return StepFolder(folder, self._chain[-1])


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Refuse a second run in the same folder. The lock goes with its process, however that ends. A folder that was made
    here, and in which nothing was kept, is removed.

    Windows has no ``fcntl``; there two runs at once would redo each other's epochs.

    Raises:
        InputError: another run has it, or it cannot be made.
    """
    made = not folder.exists()
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with _locked(folder):
            yield
    finally:
        if made:
            with contextlib.suppress(OSError):  # something was kept
                folder.rmdir()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    import fcntl
    import os

    with _writing(folder):
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                "another run works in this folder", where=str(folder), hint="wait for it, or give another --work"
            ) from None
        yield
    finally:
        os.close(descriptor)


def digest_of(path: Path) -> str:
    """A file's sha256; empty for what is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            "cannot write checkpoints", where=str(path), why=error.strerror or str(error), hint="give another --work"
        ) from None
