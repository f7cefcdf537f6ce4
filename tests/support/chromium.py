"""Pages in headless Chromium, which has no network: what they become, and what they say on the console."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Shown:
    """``dom`` is the page after it was loaded; ``console`` has a line for each message, errors and others."""

    dom: str
    console: tuple[str, ...]


def show(page: Path, *, dark: bool = False, screenshot: Path | None = None, size: str = "1200,1000") -> Shown:
    """Open a file; skips the test where there is no Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("chromium is not installed")
    with tempfile.TemporaryDirectory(prefix="tinykit-chromium-") as profile:
        command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--log-level=0",
            f"--window-size={size}", *(["--blink-settings=preferredColorScheme=0"] if dark else []),
            *([f"--screenshot={screenshot}"] if screenshot else ["--dump-dom"]), page.absolute().as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return Shown(done.stdout, tuple(line for line in done.stderr.splitlines() if ":CONSOLE" in line))
