"""A conversion as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import functools
from pathlib import Path

import jinja2

from tinykit.convert.analysis import EXACT_DB, worst
from tinykit.convert.identity import Engine
from tinykit.convert.result import Conversion
from tinykit.convert.terminal import engine_text
from tinykit.files import write_report
from tinykit.pages import page_environment

_WIDTH = 1000.0
"""Of every picture, in the SVG's own units."""
_FULL_DB = 70.0


def render_html(result: Conversion) -> str:
    """The document. All text of the report is escaped."""
    losing = {layer.index for layer in worst(result.layers, len(result.layers))}
    bars = [
        {
            "layer": layer,
            "width": _width(layer.sqnr_db),
            "channel": _width(layer.channel_db),
            "bad": layer.index in losing,
            "exact": layer.sqnr_db >= EXACT_DB,
        }
        for layer in result.layers
    ]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            r=result,
            bars=bars,
            losing=worst(result.layers),
            engines=_engines(result),
            full=_FULL_DB,
        )
    )


def write_html(result: Conversion, path: Path) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
    """
    write_report(path, render_html(result), "--html")


def _engines(result: Conversion) -> list[tuple[Engine, str]]:
    identity = result.identity
    return [] if identity is None else [(engine, engine_text(engine, identity)) for engine in identity.engines]


def _width(value: float) -> float:
    return _WIDTH * max(0.0, min(1.0, value / _FULL_DB))


@functools.cache
def _environment() -> jinja2.Environment:
    return page_environment("tinykit.convert")
