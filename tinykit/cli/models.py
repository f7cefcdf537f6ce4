"""Commands about the catalogue of models: models list, models pull, models path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinykit.cli.output import console, print_json, progress_bar

if TYPE_CHECKING:
    from tinykit.catalog import CatalogModel, Copy

app = typer.Typer(help="Public models by name.", no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Catalog = Annotated[Path | None, typer.Option("--catalog", help="Another catalogue than tinykit's own.")]


@app.callback()
def _models() -> None:
    """Public models by name."""


@app.command("list")
def list_models(catalog: Catalog = None, json: Json = False) -> None:
    """List the models of the catalogue."""
    from tinykit.catalog import find_copy, load_catalog

    found = [(model, find_copy(model)[0]) for model in load_catalog(catalog)]
    if json:
        print_json([{**model.model_dump(mode="json"), "copy": _copy_json(copy)} for model, copy in found])
        return
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("model", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("copy", no_wrap=True)
    table.add_column("what it is", overflow="fold")
    for model, copy in found:
        size = copy.path.stat().st_size if copy else model.size
        shown = "" if size is None else f"{size / 1024:,.1f} KB"
        table.add_row(model.name, shown, copy.source if copy else "-", escape(model.title))
    console().print(table)


@app.command()
def pull(
    names: Annotated[list[str], typer.Argument(help="Models of the catalogue.")],
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Also download what the catalogue has no sha256 of.")
    ] = False,
    catalog: Catalog = None,
    json: Json = False,
) -> None:
    """Get models onto this computer, and verify them."""
    from tinykit.catalog import find_model, load_catalog
    from tinykit.catalog import pull as pull_model

    models = load_catalog(catalog)
    wanted = [find_model(models, name) for name in names]
    copies: list[tuple[CatalogModel, Copy]] = []
    with progress_bar() as show:
        for model in wanted:

            def progress(done: int, total: int, what: str = f"{model.name} (bytes)") -> None:
                if total:
                    show(what, done, total)

            copies.append((model, pull_model(model, unverified=unverified, progress=progress)))
    if json:
        print_json([{"name": model.name, **_present(copy)} for model, copy in copies])
        return
    for model, copy in copies:
        said = "verified" if copy.verified else f"not verified, sha256 {copy.sha256}"
        console().print(f"{model.name}: {copy.path} ({copy.source}, {said})", markup=False, soft_wrap=True)


@app.command()
def path(
    name: Annotated[str, typer.Argument(help="A model of the catalogue.")],
    catalog: Catalog = None,
    json: Json = False,
) -> None:
    """Print where a model's file is, for use in other commands."""
    from tinykit.catalog import find_model, load_catalog, require_copy

    copy = require_copy(find_model(load_catalog(catalog), name))
    if json:
        print_json({"name": name, **_present(copy)})
    else:
        print(copy.path)


def _present(copy: Copy) -> dict[str, Any]:
    return {"path": str(copy.path), "source": copy.source, "sha256": copy.sha256, "verified": copy.verified}


def _copy_json(copy: Copy | None) -> dict[str, Any] | None:
    return None if copy is None else _present(copy)
