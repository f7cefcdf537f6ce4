"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Commands under test get the signals of a terminal's user, also where these tests run in the background: a shell
# without job control has its background jobs ignore SIGINT, nohup SIGHUP, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# What .ci/pico-tools fetched, unless the caller has set something else.
_PICO = ROOT / ".setup" / "pico"
if (_PICO / "sdk" / "pico_sdk_init.cmake").is_file():
    os.environ.setdefault("PICO_SDK_PATH", str(_PICO / "sdk"))
    os.environ["PATH"] += os.pathsep + str(_PICO / "bin")
if (_PICO / "node_modules" / "rp2040js").is_dir():
    os.environ.setdefault("TINYKIT_RP2040JS", str(_PICO))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with reference models and data sets; tests that need it skip when it is not there."""
    path = Path(os.environ.get("TINYKIT_SHARED", ROOT.parent / "shared"))
    if not (path / "models").is_dir():
        pytest.skip(f"reference models not found in {path} (set TINYKIT_SHARED)")
    return path
