"""A process that has imported tinykit and other packages, and forks off one process for each command that it is told.

Its other end is ``support.commands``. A line of JSON on standard input is one command; the answers are its process id
and, when it has ended, its return code (negative: the signal that ended it).
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import typer.main

import tinykit.cli.main


def _fork_for_each() -> dict[str, Any]:
    """Comes back in the processes for commands only, each with its own."""
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            answers.close()
            command: dict[str, Any] = json.loads(line)
            return command
        print(child, file=answers, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)
    sys.exit()


def _become(command: dict[str, Any]) -> None:
    """Take on folder, environment, arguments, standard streams of a process started for the command."""
    os.chdir(command["folder"])
    os.environ.clear()
    os.environ.update(command["environment"])
    if hasattr(time, "tzset"):
        time.tzset()
    tempfile.tempdir = None  # may have been looked for under another TMPDIR
    sys.argv = command["arguments"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    for number, path in enumerate((os.devnull, command["out"], command["err"])):
        file = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)


if __name__ == "__main__":
    for _module in (*(found.name for found in pkgutil.walk_packages(tinykit.__path__, "tinykit.")), *sys.argv[1:]):
        with contextlib.suppress(ImportError):
            importlib.import_module(_module)
    # What typer makes of all commands' signatures takes longer than most of them.
    typer.main.get_command = functools.cache(typer.main.get_command)
    typer.main.get_command(tinykit.cli.main.app)
    gc.freeze()  # else each of them looks through all of it when it ends
    _become(_fork_for_each())
    tinykit.cli.main.main()
