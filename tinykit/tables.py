"""TOML files as typed values, and what is wrong with one in words."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tinykit.errors import InputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Table = TypeVar("Table", bound=BaseModel)


def read_table(
    path: Path,
    model: type[Table],
    *,
    noun: str,
    error: type[InputError],
    hint: str,
    tags: Mapping[str, Collection[str]] | None = None,
) -> Table:
    """The file as a value of ``model``.

    Args:
        noun: what to call the file in errors ("board file").
        hint: what to try when a field is wrong.
        tags: for fields that are discriminated unions, or lists of them, the values of their tag (pydantic puts it into
            a field's path).

    Raises:
        InputError: as ``error``: the file cannot be read, is no TOML, or has a wrong field, which is named.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise error(f"no such {noun}", where=str(path), hint="check the path") from None
    except OSError as cause:
        raise error(f"cannot read the {noun}", where=str(path), why=cause.strerror or str(cause)) from cause
    except UnicodeDecodeError as cause:
        raise error(f"{noun} is not text", where=str(path), why=str(cause)) from None
    except tomllib.TOMLDecodeError as cause:
        raise error(f"{noun} is not valid TOML", where=str(path), why=str(cause)) from None
    try:
        return model.model_validate(data)
    except ValidationError as cause:
        why = "; ".join(_sentence(dict(item), noun, tags or {}) for item in cause.errors())
        raise error(f"wrong {noun}", where=str(path), why=why, hint=hint) from None


def _sentence(item: dict[str, Any], noun: str, tags: Mapping[str, Collection[str]]) -> str:
    """One pydantic error as "field: what is wrong", with the allowed values where they are known."""
    parts = [str(p) for p in item["loc"]]
    if len(parts) > 1 and parts[0] in tags and isinstance(item["loc"][1], int):
        parts[:2] = [f"{parts[0]}[{int(parts[1]) + 1}]"]  # a list of such tables: people count them from 1
    if len(parts) > 1 and parts[1] in tags.get(parts[0].split("[")[0], ()):
        del parts[1]
    name = ".".join(parts)
    if item["type"] in ("union_tag_invalid", "union_tag_not_found"):
        quoted: str = item["ctx"]["discriminator"]
        tag = f"field {name}.{quoted[1:-1]}"
        if item["type"] == "union_tag_not_found":
            return f"{tag}: missing"
        return f"{tag}: input should be one of {item['ctx']['expected_tags']} (it is {item['ctx']['tag']!r})"
    if item["type"] == "extra_forbidden":
        return f"field {name}: not a field of a {noun}"
    if item["type"] == "missing":
        return f"field {name}: missing"
    message = str(item["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    given = item.get("input")
    shown = "" if isinstance(given, (dict, list)) or not name else f" (it is {given!r})"
    return f"field {name}: {message}{shown}" if name else message
