"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with reference models and data sets; tests that need it skip when it is not there."""
    path = Path(os.environ.get("TINYKIT_SHARED", ROOT.parent / "shared"))
    if not (path / "models").is_dir():
        pytest.skip(f"reference models not found in {path} (set TINYKIT_SHARED)")
    return path
