"""Where the data folders are: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """Folder ``boards``, ``firmware_templates`` or ``models``.

    Raises:
        FileNotFoundError: if the installation is broken.
    """
    for base in (_PACKAGE / "_data", _PACKAGE.parent):
        path = base / name
        if path.is_dir():
            return path
    raise FileNotFoundError(f"tinykit's data folder {name!r} is missing from the installation at {_PACKAGE}")


def checkout() -> Path | None:
    """The checkout's root; None for an installed wheel."""
    return None if (_PACKAGE / "_data").is_dir() else _PACKAGE.parent
