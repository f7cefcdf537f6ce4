"""What the flashers that drive somebody else's program share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from tinykit.errors import BoardError, ToolMissing
from tinykit.process import run_lines

_TIMEOUT = 300.0
"""Seconds. A slow probe writes 10 KB/s; a program that waits for a device for ever is stopped."""


def run_tool(
    command: Sequence[str],
    on_line: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[int | None, str]:
    """Run a flashing program.

    Args:
        on_line: sees each line as it is written; an error that it raises ends the program.
        environment: added to this process's.

    Returns:
        Exit status (None: it had to be stopped), and all it wrote.

    Raises:
        ToolMissing: it cannot be started.
    """
    lines: list[str] = []

    def take(line: str) -> None:
        lines.append(line)
        if on_line is not None:
            on_line(line)

    try:
        status = run_lines(command, take, timeout=_TIMEOUT, env={**os.environ, "LC_ALL": "C", **(environment or {})})
    except OSError as error:
        raise ToolMissing(f"cannot start {command[0]}", why=error.strerror or str(error)) from error
    return status, "".join(lines)


def last_lines(output: str, count: int = 8) -> str:
    """The end of what a program wrote, for an error's ``why``."""
    lines = [line for line in output.strip().splitlines() if line.strip()]
    return "\n".join(lines[-count:]) or "it said nothing"


def lacks_table(board_name: str, flasher: str) -> BoardError:
    """The error for a board file without the flasher's table."""
    return BoardError(
        f"{board_name} says nothing of flasher {flasher}",
        why=f"its board file has no table [flasher.{flasher}]",
        hint="use the board's own flasher, or add the table to a copy of the board file (docs/porting.md)",
    )
