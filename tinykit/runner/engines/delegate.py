"""The Edge TPU's delegate: loading it, and what each of its failures means.

A runtime that was built for another TFLite does not fail but ends the whole process, so the delegate is first started
in a child: ``python RUNNER delegate-trial``. What the child says or how it dies becomes an error here.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tinykit.errors import (
    AcceleratorMissing,
    DelegateCrashed,
    DelegateMissing,
    NotADelegate,
    RuntimeTooOld,
    TinykitError,
    ToolMissing,
)
from tinykit.runner.engines.litert import LiteRtEngine
from tinykit.runner.error_json import decoded

LIBRARY = "libedgetpu.so.1"
_TRIAL_SECONDS = 60.0
"""An Edge TPU on USB takes some seconds to take its firmware."""

_INSTALL = "install the builds of libedgetpu for today's LiteRT, 16.0TF2.19.1 or newer: github.com/feranick/libedgetpu"
_NEWER = re.compile(r"requires runtime version \((\d+)\).*newer than this runtime version \((\d+)\)", re.DOTALL)
"""What libedgetpu says of a package that it is too old for (google-coral/pycoral issue 104 quotes it)."""


def load(library: str, options: Mapping[str, str]) -> Any:
    """LiteRT's delegate of a shared library.

    Raises:
        ToolMissing: LiteRT is not installed.
        DelegateMissing, NotADelegate, AcceleratorMissing: see there.
    """
    try:
        from ai_edge_litert.interpreter import load_delegate
    except ImportError as error:
        raise ToolMissing(
            "LiteRT cannot be imported", why=str(error), hint="deploy again: a damaged Python environment is made again"
        ) from None
    try:
        return load_delegate(library, dict(options))
    except OSError as error:
        raise DelegateMissing(
            "the Edge TPU's runtime cannot be loaded", where=library, why=str(error), hint=_INSTALL
        ) from None
    except AttributeError as error:
        raise NotADelegate(
            "the library is no delegate", where=library, why=str(error), hint=f"name another library, or {_INSTALL}"
        ) from None
    except ValueError as error:
        device = options.get("device", "any")
        raise AcceleratorMissing(
            "the runtime finds no Edge TPU that it may open",
            where=f"device {device}",
            why=" ".join(str(error).split()) or "the library gives no reason",
            hint="plug it in; `tinykit deploy --diagnose` says whether it is seen, on which port, and who may open it",
        ) from None


def package_error(error: Exception, model: Path) -> Exception:
    """The error for what LiteRT or the delegate said of a model."""
    newer = _NEWER.search(str(error))
    if newer is None:
        return error
    return RuntimeTooOld(
        f"the model needs version {newer[1]} of the Edge TPU's runtime, installed is version {newer[2]}",
        where=model.name,
        why="it was compiled by a newer edgetpu_compiler",
        hint=f"{_INSTALL}; or compile with `--min_runtime_version {newer[2]}`",
    )


def try_in_child(command: Sequence[str], library: str) -> None:
    """Run the trial, and raise what went wrong in it.

    Args:
        command: runs ``trial`` and prints what it raised.

    Raises:
        DelegateCrashed: it crashed or hung.
        TinykitError: as ``open_edgetpu``.
    """
    try:
        run = subprocess.run(
            command, capture_output=True, timeout=_TRIAL_SECONDS, stdin=subprocess.DEVNULL, check=False
        )
    except subprocess.TimeoutExpired:
        raise DelegateCrashed(
            f"the Edge TPU's runtime did not come back in {_TRIAL_SECONDS:.0f} s",
            where=library,
            hint="unplug the accelerator and plug it in again; look for throttling with `tinykit deploy --diagnose`",
        ) from None
    if run.returncode == 0:
        return
    if run.returncode < 0:
        name = signal.Signals(-run.returncode).name
        raise DelegateCrashed(
            f"the Edge TPU's runtime crashed ({name})",
            where=library,
            why="Google's own libedgetpu ends the process with any TFLite from 2.12 on: it was built for an older one",
            hint=_INSTALL,
        )
    try:
        raise decoded(json.loads(run.stdout.decode(errors="replace").strip().splitlines()[-1]))
    except (ValueError, IndexError, KeyError):
        said = run.stderr.decode(errors="replace").strip().splitlines()
        raise DelegateCrashed(
            "the trial of the Edge TPU's runtime failed", where=library, why=said[-1] if said else "it said nothing"
        ) from None


def open_edgetpu(
    model: Path, library: str, options: Mapping[str, str], *, threads: int = 1, name: str = "edgetpu"
) -> LiteRtEngine:
    """The model in LiteRT with the delegate.

    Raises:
        TinykitError: as ``load`` and ``LiteRtEngine``; RuntimeTooOld: the model is newer than the runtime.
    """
    delegate = load(library, options)
    try:
        return LiteRtEngine(model, name=name, threads=threads, delegates=[delegate])
    except TinykitError as error:
        raise package_error(error, model) from None
