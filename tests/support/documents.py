"""Reads the files and commands that a document shows, and holds commands to the output that is shown.

A file is a fenced block after a line that is nothing but its path in backquotes and a colon. Commands are blocks of
the kind ``console``: lines that begin with "$ " are run by bash, those up to the next are what it prints. In what is
shown, a line "..." stands for any number of lines, and "..." within a line for any text; spaces at line ends do not
count. ``numbers=False`` takes any number, and any build id, for any other.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"(?:^`(?P<path>[\w./-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class File:
    path: str
    text: str


@dataclass(frozen=True)
class Command:
    command: str
    shown: str


def parts(text: str) -> Iterator[File | Command]:
    """Files and commands in the order of a document."""
    for block in _BLOCK.finditer(text):
        if block["path"]:
            yield File(block["path"], block["body"])
        elif block["kind"] == "console":
            for entry in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
                command, _, shown = entry.partition("\n")
                yield Command(command, shown)


def check_command(
    command: Command,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    numbers: bool = True,
    timeout: float = 300,
) -> None:
    """Run a command in a folder, in 80 columns, and compare what it prints: standard error only if it fails.

    Raises:
        AssertionError: it printed something else; says both.
    """
    done = subprocess.run(
        ["bash", "-c", command.command],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    printed = done.stdout if done.returncode == 0 else done.stderr + done.stdout
    assert shows(command.shown, printed, numbers=numbers), (
        f"$ {command.command}\nshown:\n{command.shown}\nprinted (exit code {done.returncode}):\n{printed}"
    )


def shows(shown: str, printed: str, *, numbers: bool = True) -> bool:
    """Whether a text that is shown stands for what was printed."""
    if not numbers:
        shown, printed = _without_numbers(shown), _without_numbers(printed)
    lines = []
    for line in _trimmed(shown).splitlines():
        if line == "...":
            lines.append(r"(?:[^\n]*\n)*")
        else:
            lines.append(r"[^\n]*".join(re.escape(piece) for piece in line.split("...")) + r"\n")
    return re.fullmatch("".join(lines), _trimmed(printed)) is not None


def _without_numbers(text: str) -> str:
    """Build ids and numbers as "#", and columns, whose widths depend on numbers, one space apart."""
    text = re.sub(r"\b[0-9a-f]{8,}\b", "#", text)
    text = re.sub(r"\d(?:[\d,]|\.(?=\d))*", "#", text)
    return re.sub(r"(?<=\S) +", " ", text)


def _trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.rstrip("\n").splitlines())
