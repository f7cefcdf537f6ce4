"""The checkpoint folder of a run that was refused, and of one that kept something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinykit.compress.checkpoint import alone
from tinykit.errors import InputError


def test_a_folder_made_for_nothing_goes(tmp_path: Path) -> None:
    folder = tmp_path / "m.steps"
    with pytest.raises(InputError), alone(folder):
        raise InputError("refused")
    assert not folder.exists()


def test_what_was_kept_or_there_before_stays(tmp_path: Path) -> None:
    kept, given = tmp_path / "kept", tmp_path / "given"
    given.mkdir()
    for folder in (kept, given):
        with alone(folder):
            assert folder.is_dir()
            if folder is kept:
                (folder / "step").touch()
    assert (kept / "step").exists()
    assert given.is_dir()
