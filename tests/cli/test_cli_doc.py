"""docs/cli.md has every command, option and default that there is, no others, and its examples print what is shown."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import typer.main

from support.documents import Command, check_command, parts
from tinykit import errors
from tinykit.cli.main import app

from .conftest import ROOT

TEXT = (ROOT / "docs" / "cli.md").read_text()
SECTIONS = {
    name: body
    for name, body in re.findall(r"^## tinykit ([\w ]+)\n(.*?)(?=^## |\Z)", TEXT, flags=re.DOTALL | re.MULTILINE)
}


def flat(group: Any, prefix: str = "") -> dict[str, Any]:
    """Commands by what one types; those of a group by both words."""
    found = {}
    for name, command in group.commands.items():
        found.update(flat(command, f"{name} ") if hasattr(command, "commands") else {prefix + name: command})
    return found


COMMANDS = flat(typer.main.get_command(app))


def rows(text: str) -> list[list[str]]:
    """Cells of the rows of tables, without heads."""
    tables = re.findall(r"^\|.*\n\|(?:---\|)+\n((?:\|.*\n)+)", text, flags=re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")[1:-1]] for table in tables for line in table.splitlines()]


def names(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def test_every_command_has_a_section_and_a_row() -> None:
    assert list(SECTIONS) == list(COMMANDS)
    listed = re.findall(r"^\| \[`([\w ]+)`\]\(#tinykit-([\w-]+)\) \|", TEXT, flags=re.MULTILINE)
    assert listed == [(name, name.replace(" ", "-")) for name in COMMANDS]


@pytest.mark.parametrize("command", COMMANDS)
def test_arguments_and_options_are_those_of_the_command(command: str) -> None:
    documented = {names(first): default for first, default, _ in rows(SECTIONS[command])}
    actual = {}
    for parameter in COMMANDS[command].params:
        if parameter.param_type_name == "argument":
            actual[(parameter.name.upper(),)] = parameter
        else:
            actual[tuple(sorted(parameter.opts, key=lambda name: not name.startswith("--")))] = parameter
    assert documented.keys() == actual.keys()
    for key, parameter in actual.items():
        assert (documented[key] == "required") == parameter.required, key
        default = getattr(parameter.default, "value", parameter.default)
        shown = names(documented[key])
        assert shown == (() if default in (None, False) else (str(default),)), key


def test_exit_codes() -> None:
    table = TEXT[TEXT.index("| exit code |") : TEXT.index("The examples below")]
    listed = {int(code) for row in rows(table) for code in re.findall(r"\d+", row[0])}
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.TinykitError)]
    assert listed == {0, 70, 129, 130, 143} | {c.exit_code for c in classes}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_and_one_of_its_json(command: str) -> None:
    shown = [part.command for part in parts(SECTIONS[command]) if isinstance(part, Command)]
    assert any(line.startswith(f"tinykit {command} ") or line == f"tinykit {command}" for line in shown)
    options = {name for parameter in COMMANDS[command].params for name in parameter.opts}
    if "--json" in options and command != "run":  # the example of `test` stands for both
        assert any("--json" in line for line in shown)


@pytest.mark.slow
def test_examples_print_what_is_shown(tmp_path: Path) -> None:
    for tool in ("make", "arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    shutil.copytree(ROOT / "models", tmp_path / "models")
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    for part in parts(TEXT):
        if isinstance(part, Command):
            check_command(part, tmp_path, {"PATH": path}, numbers=False)


def test_links_lead_somewhere() -> None:
    for file, anchor in re.findall(r"\]\(([\w.-]*)#?([\w-]*)\)", TEXT):
        target = (ROOT / "docs" / file).read_text() if file else TEXT
        headings = {re.sub(r"[^\w -]", "", h).replace(" ", "-").lower() for h in re.findall(r"^#+ (.*)$", target, re.M)}
        assert not anchor or anchor in headings, f"{file}#{anchor}"
