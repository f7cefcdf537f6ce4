"""Catalogues: reading one, and finding a model in it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from tinykit.catalog.model import Catalog, CatalogModel
from tinykit.errors import CatalogError
from tinykit.resources import data_dir
from tinykit.tables import read_table


def load_catalog(path: Path | None = None) -> tuple[CatalogModel, ...]:
    """The models of that catalogue; without a path, of tinykit's own.

    Raises:
        CatalogError: the file cannot be read or is wrong; names the field.
    """
    return read_table(
        path or data_dir("models") / "catalog.toml",
        Catalog,
        noun="catalogue",
        error=CatalogError,
        hint="compare with models/catalog.toml",
    ).model


def find_model(models: Sequence[CatalogModel], name: str) -> CatalogModel:
    """The model of that name.

    Raises:
        CatalogError: there is none; suggests names that are alike.
    """
    for model in models:
        if model.name == name:
            return model
    names = [model.name for model in models]
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    near += [n for n in names if name and name.lower() in n and n not in near]
    hint = f"did you mean {' or '.join(near)}?" if near else f"models are: {', '.join(names)}"
    raise CatalogError(f"unknown model {name!r}", hint=f"{hint} (`tinykit models list` lists all)")
