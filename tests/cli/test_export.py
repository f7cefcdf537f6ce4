"""`tinykit build --export`, and `tinykit compile` into a folder that is not empty."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import DIGITS, Tinykit


@pytest.mark.parametrize("where", [[], ["--out", "a", "--export", "b"]], ids=["neither", "both"])
def test_either_out_or_export(tinykit: Tinykit, tmp_path: Path, where: list[str]) -> None:
    done = tinykit("build", DIGITS, "--board", "native", *where)
    assert done.code == 2
    assert "--export DIR" in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["tmp"]


def test_json_lists_the_files(tinykit: Tinykit, tmp_path: Path) -> None:
    done = tinykit("build", DIGITS, "--board", "native", "--export", "project", "--json")
    assert done.code == 0
    said = json.loads(done.out)
    written = {str(p.relative_to(tmp_path / "project")) for p in (tmp_path / "project").rglob("*") if p.is_file()}
    assert set(said["files"]) == written - {"manifest.json"}


def test_a_second_compile_leaves_nothing_of_the_first(tinykit: Tinykit, tmp_path: Path) -> None:
    folder = tmp_path / "digits"
    assert tinykit("compile", DIGITS, "--out", folder).code == 0
    first = {p.name for p in folder.iterdir()}
    (folder / "main.c").write_text("mine")
    assert tinykit("compile", DIGITS, "--out", folder, "--as-library").code == 0
    assert (folder / "main.c").read_text() == "mine"
    assert not [name for name in first - {"manifest.json"} if (folder / name).exists()]


def test_files_of_the_user_are_never_replaced(tinykit: Tinykit, tmp_path: Path) -> None:
    (tmp_path / "model.c").write_text("mine")
    done = tinykit("compile", DIGITS, "--out", tmp_path)
    assert done.code == 2
    assert "model.c" in done.err
    assert (tmp_path / "model.c").read_text() == "mine"
    assert not (tmp_path / "model.h").exists()
