"""The rooms are where docs/architecture.md says, and import only what lies below them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tinykit"
FLOOR = {"database", "errors", "files", "pages", "resources", "tables", "text", "__init__"}
# What each room may import, beside itself and the floor.
BELOW = {
    "process": set[str](),
    "graph": set[str](),
    "compiler": {"graph"},
    "board": set[str](),
    "link": set[str](),
    "cycles": set[str](),
    "edgetpu": {"graph", "process"},
    "runner": {"link"},
    "firmware": {"compiler", "board", "edgetpu", "graph", "process", "runner"},
    "emulate": {"board", "link", "process"},
    "deploy": {"board", "emulate", "firmware", "graph", "link", "process", "runner"},
    "flash": {"board", "deploy", "emulate", "firmware", "link", "process"},
    "hil": {"graph", "compiler", "board", "cycles", "link", "firmware", "emulate", "flash", "process"},
    "convert": {"graph", "compiler", "board", "edgetpu", "firmware", "hil", "process"},
    "tune": {"convert", "graph", "board", "firmware", "hil"},
    "compress": {"board", "convert", "graph", "hil"},
    "bench": {"compiler", "graph", "board", "firmware", "emulate", "link"},
    "mlperf": {"graph", "board", "link", "firmware", "emulate", "flash", "hil"},
    "ci": {"board"},
    "catalog": set(),
    "cli": {
        "bench", "catalog", "ci", "compress", "convert", "deploy", "edgetpu", "tune", "graph", "compiler", "board",
        "link", "firmware", "emulate", "flash", "hil", "mlperf", "runner",
    },
}  # fmt: skip


def imported_rooms(path: Path) -> set[str]:
    """Rooms of tinykit that a module imports, anywhere in it."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("tinykit.")}
    return rooms


def test_every_room_is_known() -> None:
    assert {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file()} == set(BELOW)


@pytest.mark.parametrize("room", BELOW)
def test_imports_point_down(room: str) -> None:
    for path in (PACKAGE / room).rglob("*.py"):
        stray = imported_rooms(path) - BELOW[room] - FLOOR - {room, "__version__"}
        assert not stray, f"{path.relative_to(ROOT)} imports {stray}"


def test_the_floor_imports_no_room() -> None:
    for name in ("database", "errors", "files", "pages", "resources", "tables", "text"):
        assert imported_rooms(PACKAGE / f"{name}.py") <= FLOOR


def test_the_command_line_starts_without_numpy() -> None:
    code = "import sys, tinykit.cli.main; print([m for m in ('numpy', 'pydantic', 'jinja2') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "[]"


def test_the_documented_folders_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| `([^`]+)`", text, flags=re.MULTILINE)
    assert len(rows) > 10
    for name in rows:
        assert (ROOT / name.split("<")[0].split(",")[0]).exists(), name
    for room in BELOW:
        assert f"`tinykit/{room}`" in text


@pytest.mark.parametrize("page", sorted(p.name for p in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]))
def test_links_in_documents_lead_somewhere(page: str) -> None:
    path = ROOT / page if (ROOT / page).is_file() else ROOT / "docs" / page
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{page}: {target}"
