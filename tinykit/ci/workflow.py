"""Writes the workflow file of a CI service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any, Literal

import jinja2

from tinykit.board import Board
from tinykit.board.tools import apt_packages
from tinykit.errors import BoardError, InputError
from tinykit.files import write_file

Service = Literal["github", "gitlab"]
_FILES: dict[Service, str] = {"github": ".github/workflows/tinykit.yml", "gitlab": ".gitlab-ci.yml"}
BASELINES = "tinykit-baselines"
"""Folder of the user's repository that holds one report per board."""

_QEMU = 7
"""Major version of the oldest QEMU of the machines that the workflows ask for: python:3.12's Debian 12 at GitLab."""


@dataclass(frozen=True)
class Gate:
    """What a workflow checks.

    Attributes:
        model, data: paths in the user's repository.
        boards: emulated ones.
        max_regress: percent that figures may be worse than the baseline ("5%").
        install: command that installs tinykit.
    """

    model: Path
    data: Path | None
    boards: tuple[Board, ...]
    max_regress: str
    install: str


def write_workflow(gate: Gate, service: Service, root: Path) -> Path:
    """Write the workflow into the repository in ``root``.

    Returns:
        The file.

    Raises:
        BoardError: a board has no emulator, or one that the services' machines do not have.
        InputError: the file exists already, cannot be written, or a path leads out of ``root``.
    """
    path = root / _FILES[service]
    text = workflow_text(gate, service, root)
    if path.exists():
        raise InputError(
            "a workflow exists already", where=str(path), hint="remove it first, or copy what you need from --print"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text)
    except OSError as error:
        raise InputError("cannot write the workflow", where=str(path), why=error.strerror or str(error)) from None
    return path


def workflow_text(gate: Gate, service: Service, root: Path) -> str:
    """The workflow as text.

    Raises:
        BoardError: a board has no emulator, or one that the services' machines do not have.
        InputError: a path leads out of ``root``.
    """
    for board in gate.boards:
        _check(board)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tinykit.ci"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # YAML
    )
    jobs = [
        {"board": board, "packages": apt_packages(board), "run": _command(gate, board, root)} for board in gate.boards
    ]
    values: dict[str, Any] = {"gate": gate, "jobs": jobs, "baselines": BASELINES}
    return environment.get_template(f"{service}.yml.j2").render(**values)


def _check(board: Board) -> None:
    """Refuse a board whose job could not pass."""
    if board.emulator is None:
        raise BoardError(f"{board.name} has no emulator, so CI cannot run it", hint="`tinykit boards` shows which have")
    if board.emulator.kind == "renode":
        raise BoardError(
            f"the emulator of {board.name} is not in the package index of these services' machines",
            why="Renode is installed from its own releases",
            hint="write that job by hand, as docs/emulators.md shows",
        )
    if board.builder.kind not in ("gcc", "linux"):
        raise BoardError(
            f"what {board.name} needs is not in the package index of these services' machines",
            why=f"it is built with {board.builder.kind}",
            hint="write that job by hand, after one for another board",
        )
    if board.emulator.kind == "qemu" and board.emulator.min_version > _QEMU:
        raise BoardError(
            f"{board.name} needs QEMU {board.emulator.min_version} or newer",
            why=f"the package index of these services' machines may have QEMU {_QEMU} only",
            hint="write that job by hand, on a machine whose qemu-system-arm is new enough",
        )


def baseline_commands(gate: Gate, root: Path) -> Sequence[str]:
    """The commands that record the baselines which the workflow compares with."""
    return [f"{_measure(gate, board, root)} --json {quote(_baseline(board))}" for board in gate.boards]


def _command(gate: Gate, board: Board, root: Path) -> str:
    return (
        f"{_measure(gate, board, root)} --baseline {quote(_baseline(board))} --max-regress {quote(gate.max_regress)} "
        f"--out {quote(f'tinykit-report/{board.name}')}"
    )


def _measure(gate: Gate, board: Board, root: Path) -> str:
    data = f" --data {quote(_inside(gate.data, root))}" if gate.data else ""
    return f"tinykit run {quote(_inside(gate.model, root))} --board {quote(_board(board, root))}{data}"


def _board(board: Board, root: Path) -> str:
    """A shipped board's name; the path of a board file that is in the repository."""
    inside = board.path is not None and board.path.is_relative_to(root.resolve())
    return _inside(board.path, root) if inside and board.path is not None else board.name


def _baseline(board: Board) -> str:
    return f"{BASELINES}/{board.name}.json"


def _inside(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise InputError(
            "a CI job would not have this file",
            where=str(path),
            why=f"it is outside of {root.resolve()}",
            hint="put it into the repository, or run the command in the repository's folder",
        ) from None
