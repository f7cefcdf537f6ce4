"""Which of a lab's places there are for us, and what the lab says of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labgrid import Environment

from tinykit.board import Board, load_board
from tinykit.errors import BoardError, InputError
from tinykit.flash import FLASHERS
from tinykit.hil.labgrid.coordinator import Coordinator, in_labgrid
from tinykit.hil.labgrid.place import LabgridPlace
from tinykit.hil.run_files import clash

_BOARD = "board"
"""The tag of a labgrid place that names its board."""
_PREFIX = "tinykit_"
_OPTIONS = ("board", "flasher", "probe")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
"""Reports and logs have a place's name in their paths."""


@dataclass(frozen=True)
class _Target:
    """A target of an environment file: its labgrid place, its own part of the file, and the options that are ours."""

    place: str
    config: dict[str, Any]
    options: dict[str, str]


def find_places(lab: Coordinator, environment: Path | None, tags: Sequence[str]) -> tuple[LabgridPlace, ...]:
    """The places whose board is known, and that have all of ``tags``.

    A place goes by its name, its board's name, and for each tag of labgrid's by ``value`` and ``key=value``.

    Raises:
        InputError: the environment is wrong, or there is no such place.
        BoardError: a board is unknown.
    """
    entries = lab.places()
    env, targets = None, [_Target(name, {}, {}) for name in sorted(entries) if _BOARD in entries[name].tags]
    if environment is not None:
        env, targets = read_targets(environment)
    folder = Path() if environment is None else environment.parent
    places = []
    for target in targets:
        where = lab.where(target.place)
        if target.place not in entries:
            raise InputError(
                "the coordinator has no such place",
                where=where,
                why=f"{environment} names it",
                hint=f"it has: {', '.join(sorted(entries)) or 'none'}",
            )
        if not _NAME.fullmatch(target.place):
            raise InputError("reports cannot have the place's name", where=where, hint="letters, digits, . _ -")
        labels = dict(entries[target.place].tags)
        board = _board(target.options.get("board") or labels.get(_BOARD), folder, where)
        words = tuple(word for key, value in sorted(labels.items()) for word in (value, f"{key}={value}"))
        options = target.options
        places.append(
            LabgridPlace(
                lab, target.place, board, words, env, target.config, options.get("flasher"), options.get("probe")
            )
        )
    chosen = _select(lab, places, tags)
    fault = clash([place.name for place in chosen])
    if fault is not None:
        raise InputError("reports cannot have a place's name", where=lab.address, why=fault, hint="choose with --tags")
    return chosen


def _select(lab: Coordinator, places: list[LabgridPlace], tags: Sequence[str]) -> tuple[LabgridPlace, ...]:
    if not places:
        raise InputError(
            "the lab has no place whose board is known",
            where=lab.address,
            why=f"no place has a tag {_BOARD!r}",
            hint=f"labgrid-client -x {lab.address} -p PLACE set-tags {_BOARD}=BOARD (`tinykit boards` lists them)",
        )
    words = {place.name: {place.name, place.board.name, *place.tags} for place in places}
    chosen = tuple(place for place in places if words[place.name].issuperset(tags))
    if not chosen:
        known = sorted({word for each in words.values() for word in each})
        raise InputError(
            f"no place with {' and '.join(tags)}",
            where=lab.address,
            hint=f"tags, names and boards are: {', '.join(known)}",
        )
    return chosen


def read_targets(path: Path) -> tuple[Any, list[_Target]]:
    """labgrid's environment, and its targets that are places of the lab.

    Raises:
        InputError: it cannot be read, there is no such target, or an option of ours in it is wrong.
    """
    if not path.is_file():
        raise InputError("no such file", where=str(path), hint="--labgrid-env takes labgrid's environment file")
    try:
        with in_labgrid("labgrid", ""):
            env = Environment(str(path))
    except Exception as error:
        cause = error.__cause__ or error
        raise InputError(
            "labgrid cannot read its environment file", where=str(path), why=f"{type(cause).__name__}: {cause}"
        ) from None
    targets: list[_Target] = []
    for role, config in (env.config.get_targets() or {}).items():
        if not isinstance(config, dict):
            raise InputError("wrong environment file", where=str(path), why=f"target {role} is no table")
        name = _remote_place(config)
        if name is None:
            continue
        if name in [target.place for target in targets]:
            raise InputError("wrong environment file", where=str(path), why=f"two targets are the place {name!r}")
        targets.append(_Target(name, config, _options(config, f"{path}, target {role}")))
    if not targets:
        raise InputError(
            "no target of the environment is a place of the lab",
            where=str(path),
            hint="give a target the resource RemotePlace, with the place's name",
        )
    return env, targets


def _remote_place(config: dict[str, Any]) -> str | None:
    """The name of the target's RemotePlace. labgrid takes resources as a table, or as a list of tables."""
    resources = config.get("resources") or {}
    for table in resources if isinstance(resources, list) else [resources]:
        if not isinstance(table, dict):
            continue
        arguments = table if table.get("cls") == "RemotePlace" else table.get("RemotePlace")
        if isinstance(arguments, dict) and isinstance(arguments.get("name"), str):
            return str(arguments["name"])
    return None


def _options(config: dict[str, Any], where: str) -> dict[str, str]:
    """What the target's ``options`` have for us."""
    ours = {
        str(key)[len(_PREFIX) :]: value
        for key, value in (config.get("options") or {}).items()
        if str(key).startswith(_PREFIX)
    }
    for key, value in ours.items():
        if key not in _OPTIONS or not isinstance(value, str):
            known = ", ".join(_PREFIX + option for option in _OPTIONS)
            raise InputError(f"wrong option {_PREFIX}{key}", where=where, hint=f"there are {known}, each a text")
    if ours.get("flasher", FLASHERS[0]) not in FLASHERS:
        raise InputError(f"unknown flasher {ours['flasher']!r}", where=where, hint=f"one of {', '.join(FLASHERS)}")
    return ours


def _board(name: str | None, folder: Path, where: str) -> Board:
    if name is None:
        raise InputError(
            "nothing says which board the place has",
            where=where,
            hint=f"give the place the tag {_BOARD}, or its target the option {_PREFIX}board",
        )
    try:
        return load_board(folder / name if name.endswith(".toml") else name)
    except BoardError as error:
        raise BoardError(error.what, where=where, why=error.why, hint=error.hint) from None
