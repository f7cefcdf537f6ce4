"""docs/flashing.md, docs/building.md and docs/cli.md name every flasher and builder, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from tinykit.cli.main import app
from tinykit.firmware.builders import BUILDERS
from tinykit.flash import FLASHERS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _first_column(document: str, head: str) -> list[str]:
    """The names in the first column of the table with that head."""
    text = (DOCS / document).read_text()
    table = text[text.index(head) :].split("\n\n", 1)[0]
    return re.findall(r"^\| `([\w-]+)` \|", table, flags=re.MULTILINE)


def _cli_row(option: str) -> str:
    return "\n".join(re.findall(rf"^\| `{option}`.*$", (DOCS / "cli.md").read_text(), flags=re.MULTILINE))


def test_every_flasher_is_explained() -> None:
    assert sorted(_first_column("flashing.md", "| flasher | drives |")) == sorted(FLASHERS)


def test_every_builder_is_explained() -> None:
    assert sorted(_first_column("building.md", "| builder | needs |")) == sorted(BUILDERS)


def test_the_command_line_names_them_all() -> None:
    flash = typer.main.get_command(app).commands["flash"]  # type: ignore[attr-defined]
    help_text = next(parameter.help for parameter in flash.params if parameter.name == "flasher")
    for flasher in FLASHERS:
        assert re.search(rf"\b{flasher}\b", help_text), flasher
        assert f"`{flasher}`" in _cli_row("--flasher"), flasher
    for builder in BUILDERS:
        assert f"`{builder}`" in _cli_row("--builder"), builder
