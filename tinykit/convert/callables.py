"""Functions of the user's, named as "module:callable"."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinykit.convert.extras import missing_in
from tinykit.convert.quiet import settle_tensorflow
from tinykit.errors import InputError
from tinykit.text import first_line


def call(name: str, what: str) -> Any:
    """Import a function from the current folder or from what is installed, and call it without arguments.

    Args:
        name: "package.module:function"; "module.py:function" works, too.
        what: what it is to give, for messages.

    Raises:
        InputError: there is no such module or function, or it raised something.
        ToolMissing: it imports a framework that is not installed; names the extra.
    """
    with imported(name, what) as function:
        try:
            return function()
        except Exception as error:  # the user's code
            absent = missing_in(error)
            if absent is not None:
                raise absent from None
            raise InputError(
                f"{name.rpartition(':')[2]}() raised {type(error).__name__}",
                where=name,
                why=first_line(error),
                hint=f"it has to give {what} without arguments",
            ) from None


@contextlib.contextmanager
def imported(name: str, what: str) -> Iterator[Callable[..., Any]]:
    """A function of the user's. Inside the block it can import what lies beside it.

    Args:
        name: as for ``call``; a file's absolute path works, too.
        what: what it is to give, for messages.

    Raises:
        InputError: there is no such module or function, or importing it raised something.
        ToolMissing: it imports a framework that is not installed; names the extra.
    """
    path, _, attribute = name.rpartition(":")
    folder = Path.cwd()
    if path.endswith(".py") and Path(path).is_absolute():
        folder, path = Path(path).parent, Path(path).name
    module_name = path.removesuffix(".py").replace("/", ".").strip(".")
    example = "give module:function, as in train:samples for samples() in train.py"
    if not module_name or not attribute.isidentifier():
        raise InputError(f"{name!r} names no function that gives {what}", hint=example)
    settle_tensorflow()
    added = str(folder) not in sys.path
    if added:
        sys.path.insert(0, str(folder))
    try:
        try:
            module = importlib.import_module(module_name)
        except Exception as error:  # importing runs the user's module
            absent = missing_in(error)
            if absent is not None:
                raise absent from None
            missing = isinstance(error, ModuleNotFoundError) and error.name == module_name.split(".")[0]
            raise InputError(
                f"no module {module_name!r}" if missing else f"module {module_name!r} cannot be imported",
                where=name,
                why=None if missing else f"{type(error).__name__}: {first_line(error)}",
                hint=f"{example}; it is looked for in {folder} first",
            ) from None
        function = getattr(module, attribute, None)
        if not callable(function):
            raise InputError(f"module {module_name!r} has no function {attribute!r}", where=name, hint=example)
        yield function
    finally:
        if added:
            sys.path.remove(str(folder))
