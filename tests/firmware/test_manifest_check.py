"""manifest.json may be anything by the time it is read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.probe import FACTS, SOURCE
from tinykit.board import load_board
from tinykit.errors import InputError
from tinykit.firmware import Project, load_project, render_sources

Change = Callable[[dict[str, Any]], object]
LAYER = {"label": "A 0", "kernel": "k", "variant": "portable", "macs": 1}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    sources = {"src/probe/probe.c": SOURCE.read_bytes()}
    return render_sources(sources, FACTS, load_board("native"), tmp_path, agent=False, export=True)


def test_it_is_read_as_it_was_written(project: Project) -> None:
    again = load_project(project.root)
    assert (again.build_id, again.builder) == (project.build_id, "gcc")
    assert again.manifest == json.loads(json.dumps(project.manifest))
    assert again.changed_files() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.pop("build_id"), "build_id: Field required"),
        (lambda m: m.update(build_id="zz"), "build_id: "),
        (lambda m: m.update(board="native"), "board: "),
        (lambda m: m["board"].update(file="../../etc/board.toml"), "board.file: "),
        (lambda m: m["model"].update(file="/etc/passwd"), "model.file: "),
        (lambda m: m["model"].update(arena_bytes="many"), "model.arena_bytes: "),
        (lambda m: m["model"].update(arena_bytes=-1), "model.arena_bytes: "),
        (lambda m: m["model"].update(layers=[{"label": 1}]), "model.layers.0.label: "),
        (lambda m: m["model"].update(layers=[{**LAYER, "output": [-1, 2]}]), "model.layers.0.output.0: "),
        (lambda m: m["model"].update(layers=[{**LAYER, "output": [1]}]), "model.layers.0.output: "),
        (lambda m: m["model"].update(buffers=None), "model.buffers: "),
        (lambda m: m.update(builder="make-believe"), "unknown builder"),
        (lambda m: m.update(compiler=None), "compiler: "),
        (lambda m: m.update(files=["a"]), "files: "),
    ],
)
def test_each_wrong_field_is_named(project: Project, change: Change, words: str) -> None:
    path = project.root / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(InputError) as caught:
        load_project(project.root)
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_manifest(project: Project, content: bytes) -> None:
    (project.root / "manifest.json").write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_project(project.root)
    assert "manifest.json" in str(caught.value)


def test_files_that_were_changed_are_known(project: Project) -> None:
    (project.root / "src" / "probe" / "probe.c").write_text("int x;\n")
    (project.root / "Makefile").unlink()
    assert load_project(project.root).changed_files() == ["Makefile", "src/probe/probe.c"]
