"""A check as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import jinja2

from tinykit.edgetpu.check import CheckResult, OpPlacement, reads_of
from tinykit.edgetpu.parameters import FORMULA
from tinykit.edgetpu.report.groups import host_groups, ranges
from tinykit.edgetpu.report.picture import layout
from tinykit.files import write_report
from tinykit.pages import page_environment

_ROW = 22.0
_LANE = 18.0
_MARGIN = 14.0
_LETTER = 7.2
"""Width that is kept for a letter of a label."""
_TEXT_MOST = 110
_LANES_MOST = 40
"""Lanes further right are drawn as the last one."""
_DRAWN_MOST = 3000
"""Operators in the picture; a browser gets slow with more."""


@dataclass(frozen=True)
class Node:
    """An operator in the picture; coordinates are the SVG's own."""

    op: OpPlacement
    x: float
    y: float
    style: str
    label: str


@dataclass(frozen=True)
class Picture:
    """Nodes and the paths between them; ``left_out`` operators are not drawn."""

    width: float
    height: float
    text_x: float
    nodes: tuple[Node, ...]
    paths: tuple[str, ...]
    left_out: int


def render_html(result: CheckResult) -> str:
    """The document. All text of the report is escaped."""
    return (
        _environment()
        .get_template("check.html.j2")
        .render(r=result, groups=host_groups(result), ranges=ranges, formula=FORMULA, picture=_picture(result))
    )


def write_html(result: CheckResult, path: Path) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
    """
    write_report(path, render_html(result), "--html")


def _picture(result: CheckResult) -> Picture:
    drawn = result.ops[:_DRAWN_MOST]
    places = layout(reads_of(result.graph)[:_DRAWN_MOST])
    lanes = [min(lane, _LANES_MOST) for lane in places.lanes]
    nodes = tuple(
        Node(op, _MARGIN + _LANE * lane, _MARGIN + _ROW * row, _style(op), _label(result, row))
        for row, (op, lane) in enumerate(zip(drawn, lanes, strict=True))
    )
    text_x = _MARGIN + _LANE * (min(places.width, _LANES_MOST + 1))
    paths = []
    for edge in places.edges:
        a, b = nodes[edge.source], nodes[edge.target]
        turn = b.y - _ROW
        paths.append(
            f"M{a.x:g} {a.y:g}V{turn:g}C{a.x:g} {b.y:g} {b.x:g} {turn:g} {b.x:g} {b.y:g}"
            if a.x != b.x
            else f"M{a.x:g} {a.y:g}V{b.y:g}"
        )
    longest = max((len(node.label) for node in nodes), default=0)
    return Picture(
        width=text_x + _LETTER * longest + _MARGIN,
        height=2 * _MARGIN + _ROW * max(len(nodes) - 1, 0),
        text_x=text_x,
        nodes=nodes,
        paths=tuple(paths),
        left_out=len(result.ops) - len(drawn),
    )


def _style(op: OpPlacement) -> str:
    if op.edgetpu:
        return f"tpu s{(op.subgraph or 0) % 3}"
    return "after" if op.supported else "host"


def _label(result: CheckResult, row: int) -> str:
    op = result.ops[row]
    tensor = result.graph.tensors[result.graph.ops[row].outputs[0]] if op.outputs else None
    size = "" if tensor is None else f"  {tensor.dtype.label} {'x'.join(map(str, tensor.shape)) or 'scalar'}"
    why = "" if op.edgetpu else f"  {op.reason}"
    text = f"{op.index}  {op.op}{size}{why}"
    return text if len(text) <= _TEXT_MOST else text[: _TEXT_MOST - 1] + "…"


@functools.cache
def _environment() -> jinja2.Environment:
    return page_environment("tinykit.edgetpu.report")
