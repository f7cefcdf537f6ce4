"""What runs a model on a Linux board: LiteRT, LiteRT with the Edge TPU, or C through cffi."""

from __future__ import annotations

import sys
from pathlib import Path

from tinykit.errors import DelegateNeeded, TinykitError
from tinykit.runner.engines.base import Engine
from tinykit.runner.release import ModelEntry, Release

__all__ = ["Engine", "open_engine"]


def open_engine(folder: Path, release: Release, runner: Path) -> Engine:
    """The engine of a release, its model loaded.

    Args:
        runner: the file that is this program, to start the delegate's trial with.

    Raises:
        TinykitError: its model, its library, its delegate or its device is not usable; each says what to do.
    """
    from tinykit.runner.engines.pipeline import PipelineEngine

    if release.engine == "library":
        from tinykit.runner.engines.library import LibraryEngine

        assert release.library is not None, "the host's check"
        return LibraryEngine(folder / release.library)
    segments = [_litert(folder, release, entry, runner) for entry in release.models]
    return segments[0] if len(segments) == 1 else PipelineEngine(segments)


def _litert(folder: Path, release: Release, entry: ModelEntry, runner: Path) -> Engine:
    from tinykit.runner.engines.delegate import open_edgetpu, try_in_child
    from tinykit.runner.engines.litert import LiteRtEngine

    model = folder / entry.file
    if release.delegate is None or entry.device is None:
        return LiteRtEngine(model, threads=release.threads)
    options = delegate_options(entry.device)
    words = [f"{name}={value}" for name, value in options.items()]
    command = [sys.executable, str(runner), "delegate-trial", str(model), release.delegate, *words]
    try:
        try_in_child(command, release.delegate)
        return open_edgetpu(model, release.delegate, options, threads=release.threads)
    except TinykitError as error:
        if not release.cpu_fallback:
            raise
        return _fallback(model, release, error)


def _fallback(model: Path, release: Release, error: TinykitError) -> Engine:
    """The model on the CPU, because the user said that this will do.

    Raises:
        DelegateNeeded: it was compiled for the Edge TPU.
    """
    from tinykit.runner.engines.litert import LiteRtEngine

    try:
        note = f"on the CPU and not on the Edge TPU: {error.what}"
        return LiteRtEngine(model, threads=release.threads, notes=[note])
    except DelegateNeeded as needed:
        raise DelegateNeeded(
            "a compiled model cannot fall back to the CPU",
            where=needed.where,
            why=f"{needed.why}. The Edge TPU is not usable: {error.what}" + (f" ({error.why})" if error.why else ""),
            hint=error.hint or needed.hint,
        ) from None


def delegate_options(device: str) -> dict[str, str]:
    """What the delegate is told: "usb" is any on USB, "usb:0" the first; "any" leaves the choice to it."""
    return {} if device == "any" else {"device": device}
