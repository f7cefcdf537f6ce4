"""Writes a folder of generated files as one, and replaces an earlier one without touching what is the user's."""

from __future__ import annotations

import json
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from tinykit.errors import InputError

MANIFEST = "manifest.json"
"""Lists the folder's ``files`` and its ``outputs``: names that building makes."""


def write_tree(tree: Mapping[str, bytes], out_dir: Path) -> None:
    """Replace the tree in ``out_dir``; manifest.json goes first and comes last, so half a tree is none.

    Args:
        tree: contents by path in the folder, manifest.json among them.

    Raises:
        InputError: the folder cannot be written, or has files of such names that no manifest lists.
    """
    check_folder_name(out_dir)
    old = _owned(out_dir, {name.partition("/")[0] for name in tree})
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".tinykit-", dir=out_dir) as temporary:
            fresh = Path(temporary)
            for name, content in tree.items():
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                (fresh / name).write_bytes(content)
            for name in old:
                _remove(out_dir / name)
            for name in sorted(p.name for p in fresh.iterdir() if p.name != MANIFEST):
                (fresh / name).replace(out_dir / name)
            (fresh / MANIFEST).replace(out_dir / MANIFEST)
    except OSError as error:
        raise cannot_write(out_dir, error) from error


def check_folder_name(folder: Path) -> None:
    """Refuse a path that make, CMake and messages cannot hold.

    Raises:
        InputError: it has control characters, a line's end for example.
    """
    if any(unicodedata.category(character) == "Cc" for character in str(folder)):
        raise InputError(
            "the folder's path has control characters",
            where=repr(str(folder)),
            hint="give an --out folder without line ends, tabs and the like",
        )


def cannot_write(folder: Path, error: OSError) -> InputError:
    """The error for a folder that cannot be made or written."""
    return InputError(
        "cannot write the folder",
        where=str(error.filename or folder),
        why=error.strerror or str(error),
        hint="give another --out folder",
    )


def _owned(out_dir: Path, fresh: set[str]) -> list[str]:
    """What an earlier tree left in the folder, manifest.json first.

    Args:
        fresh: names that the new tree will have in the folder.

    Raises:
        InputError: the folder has files of such names that are not ours: nothing of the user's is ever deleted.
    """
    try:
        manifest = json.loads((out_dir / MANIFEST).read_text(encoding="utf-8"))
        # A name that leads out of the folder is nobody's: the manifest may be anything.
        names = {name.partition("/")[0] for name in [*manifest["files"], *manifest["outputs"]]} - {"", ".", ".."}
        owned = {MANIFEST, *names}
        _ = manifest["tinykit"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        owned = set()
    foreign = sorted(name for name in fresh - owned if (out_dir / name).exists())
    if foreign:
        raise InputError(
            "the folder holds something that tinykit did not write",
            where=str(out_dir),
            why=f"it has {', '.join(foreign)}, which no {MANIFEST} of tinykit lists",
            hint="give another --out folder, or empty this one",
        ) from None
    found = [name for name in sorted(owned) if (out_dir / name).exists()]
    return sorted(found, key=lambda name: name != MANIFEST)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
