"""TOML files as typed values, and what is wrong with one in words."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import AfterValidator, BaseModel, ValidationError

from tinykit.errors import InputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Table = TypeVar("Table", bound=BaseModel)
_MOST = 5
"""Mistakes that a message has."""
_SHOWN = 60
"""Characters of a wrong value that a message has."""


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
            a field's path); lists of tables, which are counted from 1.

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
    except RecursionError:
        raise error(f"{noun} is not valid TOML", where=str(path), why="it is nested too deeply") from None
    try:
        return model.model_validate(data)
    except ValidationError as cause:
        items = _causes([dict(item) for item in cause.errors()])
        sentences = [_sentence(item, noun, tags or {}) for item in items[:_MOST]]
        if len(items) > _MOST:
            sentences.append(f"and {len(items) - _MOST} more")
        why = "; ".join(sentences)
        raise error(f"wrong {noun}", where=str(path), why=why, hint=hint) from None


def matching(pattern: str, words: str) -> Any:
    """For ``Annotated[str, ...]``: text that matches the whole of a regular expression (module re).

    Args:
        words: what is said of other text: "must be ...".
    """
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(words)
        return text

    return AfterValidator(check)


LINE = matching(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*", "must be one line, without control characters")
"""One line without control characters (Unicode's Cc, and its two ends of lines)."""


def _causes(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what only follows: to pydantic a list is too short also when an entry of it is wrong."""
    return [
        item
        for item in items
        if item["type"] != "too_short"
        or not any(len(other["loc"]) > len(item["loc"]) == _common(item["loc"], other["loc"]) for other in items)
    ]


def _common(one: tuple[object, ...], other: tuple[object, ...]) -> int:
    """How many parts of two places are the same, from the first on."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _sentence(item: dict[str, Any], noun: str, tags: Mapping[str, Collection[str]]) -> str:
    """One pydantic error as "field: what is wrong", with the allowed values where they are known."""
    parts = [str(p) for p in item["loc"]]
    if len(parts) > 1 and parts[0] in tags and isinstance(item["loc"][1], int):
        parts[:2] = [f"{parts[0]}[{int(parts[1]) + 1}]"]  # a list of such tables: people count them from 1
    for at in range(len(parts) - 1, 0, -1):
        if parts[at] in tags.get(parts[at - 1].split("[")[0], ()):
            del parts[at]
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
    given = item.get("input")
    shown = "" if isinstance(given, (dict, list)) or not name else f" (it is {_shown(given)})"
    message = _message(item)
    return f"field {name}: {message}{shown}" if name else message


_MUST_BE = {
    "tuple_type": "a list: [ ... ]",
    "list_type": "a list: [ ... ]",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "string_type": 'text: "..."',
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
}
"""What a value of another type should have been, in TOML's words, by pydantic's."""


def _message(item: dict[str, Any]) -> str:
    kind = item["type"]
    if kind in _MUST_BE:
        return f"must be {_MUST_BE[kind]}"
    if kind in ("too_short", "string_too_short"):
        least = item["ctx"]["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} {_parts(item)}"
    if kind in ("too_long", "string_too_long"):
        return f"must have at most {item['ctx']['max_length']} {_parts(item)}"
    if kind == "string_pattern_mismatch":
        return f"must match the pattern {item['ctx']['pattern']!r}"
    message = str(item["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _parts(item: dict[str, Any]) -> str:
    return "characters" if item["type"].startswith("string") else "entries"


def _shown(value: object) -> str:
    """As it is in the file, as far as that is short."""
    text = repr(value) if isinstance(value, (str, float)) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
