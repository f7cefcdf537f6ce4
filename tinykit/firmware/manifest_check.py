"""Reads manifest.json as what may be anything: a person's edit, another version's, half of one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tinykit.errors import InputError
from tinykit.firmware.tree import MANIFEST

_HINT = "make the project anew with `tinykit build`"
_Bytes = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)


class _Board(_Part):
    name: str
    file: str = Field(pattern=r"^[\w.-]+\.toml$")


class _Layer(_Part):
    label: str
    kernel: str
    variant: str
    macs: _Bytes
    output: list[Annotated[int, Field(ge=0, lt=1 << 32)]] | None = Field(default=None, min_length=2, max_length=2)


class _Buffer(_Part):
    name: str
    offset: _Bytes
    size: _Bytes
    first: int
    last: int


class _Patches(_Part):
    count: int
    rows: int
    first: str
    last: str
    arena: _Bytes
    arena_whole: _Bytes
    macs: _Bytes
    macs_whole: _Bytes
    more_macs_percent: float
    instructions: int | None
    instructions_whole: int | None


class _Model(_Part):
    file: str | None = Field(pattern=r"^[\w.-]+$")
    name: str
    sha256: str
    arena_bytes: _Bytes
    arena_lower_bound: _Bytes
    constants: dict[str, _Bytes]
    layers: list[_Layer]
    buffers: list[_Buffer]
    patches: _Patches | None = None
    state_bytes: _Bytes = 0  # none where an earlier tinykit built


class _Compiler(_Part):
    command: str
    version: str


class _Manifest(_Part):
    """What is read of a manifest again, of whatever else it holds."""

    build_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    board: _Board
    model: _Model
    builder: str
    note: str | None = None
    compiler: _Compiler
    flags: dict[str, Any]
    files: dict[str, str]


def read_manifest(root: Path) -> dict[str, Any]:
    """The manifest of the project in ``root``.

    Raises:
        InputError: the folder is not a project of this version of tinykit; names the field.
    """
    path = root / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _Manifest.model_validate(manifest)
    except FileNotFoundError:
        raise InputError(
            "not a tinykit project",
            where=str(root),
            why=f"it has no {MANIFEST}",
            hint="make one with `tinykit build`",
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InputError(
            "cannot use this project", where=str(path), why=f"{field}: {first['msg']}", hint=_HINT
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError("cannot use this project", where=str(path), why=str(error), hint=_HINT) from None
    return manifest


def changed_files(root: Path, manifest: dict[str, Any]) -> list[str]:
    """Files of the project that are not what was rendered: its build id is not what they would have."""
    changed = []
    for name, digest in manifest["files"].items():
        try:
            content = (root / name).read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != digest:
            changed.append(name)
    return changed
