"""Text from files and devices, made safe for people's terminals and for files of ours."""

from __future__ import annotations

import re


def utf8(name: str) -> str:
    """A file's name as text that can be encoded: bytes that are no UTF-8 (lone surrogates here) as "?"."""
    return name.encode("utf-8", "replace").decode("utf-8")


def printable(text: str) -> str:
    """Text for a terminal: control codes, which could do anything there, and lone surrogates as "?"."""
    return re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "?", text)


def first_line(error: BaseException) -> str:
    """What an exception of somebody else's says, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
