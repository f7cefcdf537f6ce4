"""One writer at a time in a project's folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.errors import InputError
from tinykit.firmware.from_model import build_model, export_model
from tinykit.firmware.lock import folder_lock
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"

HOLD = """
import sys
from pathlib import Path
from tinykit.firmware.lock import folder_lock
with folder_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for make in (build_model, export_model):
            with pytest.raises(InputError, match="another tinykit is writing here"):
                make(DIGITS, load_board("native"), folder)
        holder.kill()  # not even then does the lock stay
        holder.wait(timeout=20)
    export_model(DIGITS, load_board("native"), folder)
    assert (folder / "manifest.json").is_file()


def test_it_leaves_nothing(tmp_path: Path) -> None:
    with folder_lock(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()
    assert not list(tmp_path.iterdir())
    with folder_lock(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b" / "file").touch()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["line\nend", "tab\there", "escape\x1b[2J"])
def test_a_path_with_control_characters_is_refused(tmp_path: Path, name: str) -> None:
    for make in (build_model, export_model):
        with pytest.raises(InputError, match="control characters") as caught:
            make(DIGITS, load_board("native"), tmp_path / name)
        assert name not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write the folder"):
        export_model(DIGITS, load_board("native"), tmp_path / "file")
