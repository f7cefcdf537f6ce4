"""Benches for tests: inventories of emulated boards, some of which misbehave on purpose (``misbehave.py``)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from tinykit.board import load_board

MISBEHAVE = Path(__file__).with_name("misbehave.py")


def broken_board(folder: Path, name: str, kind: str, mode: str, *, run: int = 5, once: Path | None = None) -> Path:
    """A board file as that of ``kind``, an emulated board, whose emulator does ``mode`` at its ``run``-th inference.

    Args:
        once: a file that is made then, and that keeps it from happening again.
    """
    path = load_board(kind).path
    assert path is not None
    text = path.read_text()
    text = text[: text.index("[proof]")].replace(f'name = "{kind}"', f'name = "{name}"')
    before = [sys.executable, str(MISBEHAVE), mode, str(run), "-" if once is None else str(once)]
    words = ", ".join(json.dumps(word) for word in before)
    text, count = re.subn(r"^command = \[", lambda match: f"{match[0]}{words}, ", text, flags=re.MULTILINE)
    assert count == 1
    file = folder / f"{name}.toml"
    file.write_text(text)
    return file


def bench_file(folder: Path, places: dict[str, str | Path], head: str = "") -> Path:
    """A bench.toml with those boards by place; ``head`` comes first."""
    file = folder / "bench.toml"
    tables = (f"[[place]]\nname = {json.dumps(n)}\nboard = {json.dumps(str(b))}\n" for n, b in places.items())
    file.write_text(head + "\n" + "\n".join(tables))
    return file
