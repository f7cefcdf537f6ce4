"""Geometry of the HTML report's pictures: numbers in, rectangles and labels out. The template draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.hil.report.model import Latency, Memory

_WIDTH = 1000.0
"""Of every picture, in the SVG's own units."""
_LETTER = 6.7
"""Width of a letter of a label, about."""
_MARGIN = 4.0
"""Between a box and its label, on either side."""


@dataclass(frozen=True)
class Bar:
    label: str
    detail: str
    value: float
    macs: int
    share: float
    width: float


def layer_bars(latency: Latency) -> list[Bar]:
    """One bar per layer, the longest as wide as the picture."""
    largest = max((layer.value for layer in latency.layers), default=0.0) or 1.0
    return [
        Bar(
            layer.label, f"{layer.kernel} ({layer.variant})", layer.value, layer.macs, 100 * layer.share,
            _WIDTH * layer.value / largest,
        )
        for layer in latency.layers
    ]  # fmt: skip


@dataclass(frozen=True)
class Piece:
    name: str
    size: int
    x: float
    width: float
    hue: int


@dataclass(frozen=True)
class Gauge:
    """A memory: ``pieces`` fill the picture's width; ``used`` is as wide as all of them are on the board's scale."""

    pieces: list[Piece]
    total: int
    available: int | None
    """Of the board, None where there is no end."""
    percent: float | None
    used: float | None


def gauge(parts: Sequence[tuple[str, int]], available: int | None) -> Gauge:
    """Parts of a memory side by side, and what they are together of the board's."""
    total = sum(size for _, size in parts)
    pieces, x = [], 0.0
    for number, (name, size) in enumerate(parts):
        if size == 0:
            continue
        width = _WIDTH * size / total
        pieces.append(Piece(name, size, x, width, 210 + 55 * number))
        x += width
    if available is None:
        return Gauge(pieces, total, None, None, None)
    return Gauge(pieces, total, available, 100 * total / available, _WIDTH * min(1.0, total / available))


@dataclass(frozen=True)
class Box:
    name: str
    offset: int
    size: int
    first: str
    """Layer that needs it first, by its label."""
    last: str
    x: float
    y: float
    width: float
    height: float
    hue: int
    scratch: bool
    label: str


@dataclass(frozen=True)
class ArenaMap:
    boxes: list[Box]
    steps: list[tuple[float, str, str]]
    """Of each layer: centre, what is written there, and its whole label."""
    addresses: list[tuple[float, int]]
    height: float
    arena: int
    bound_y: float | None


def arena_map(memory: Memory, layers: Sequence[str]) -> ArenaMap:
    """The arena over time: layers from left to right, addresses upwards, one box per buffer.

    Buffers that are read before the first layer or after the last one reach half a column beyond. Layers are numbered
    as in their labels, with the number in the model file.
    """
    columns = len(layers)
    names = list(layers) or ["no layer"]
    height = 320.0
    column = _WIDTH / (columns + 1)
    scale = height / (memory.arena or 1)
    boxes = []
    for number, b in enumerate(memory.buffers):
        left = column * (max(b.first, -0.5) + 0.5)
        right = column * (min(b.last + 1, columns + 0.5) + 0.5)
        width, box_height = right - left, b.size * scale
        label = _short(b.name, int((width - 2 * _MARGIN) / _LETTER)) if box_height > 13 else ""
        first, last = (names[min(max(step, 0), len(names) - 1)] for step in (b.first, b.last))
        boxes.append(
            Box(
                b.name, b.offset, b.size, first, last, left, height - (b.offset + b.size) * scale, width,
                box_height, (number * 47 + 200) % 360, b.name.startswith("scratch"), label,
            )
        )  # fmt: skip
    steps = [(column * (i + 1.0), label.rsplit(" ", 1)[-1][:6], label) for i, label in enumerate(layers)]
    addresses = [(height * (1 - part), round(memory.arena * part)) for part in (0, 0.25, 0.5, 0.75, 1)]
    bound = memory.arena_lower_bound
    bound_y = None if bound is None else height - bound * scale
    return ArenaMap(boxes, steps, addresses, height, memory.arena, bound_y)


def _short(name: str, letters: int) -> str:
    """The end of a tensor's name, which tells more than the scopes before it; nothing where there is no room."""
    name = name.split(";")[0]
    if len(name) <= letters:
        return name
    return "…" + name[len(name) - letters + 1 :] if letters >= 6 else ""


@dataclass(frozen=True)
class Cell:
    count: int
    strength: float
    """Share of its row, 0 to 1."""
    right: bool


def confusion_cells(confusion: tuple[tuple[int, ...], ...] | None) -> list[list[Cell]] | None:
    """The confusion matrix with shades."""
    if confusion is None:
        return None
    return [
        [Cell(count, count / (sum(row) or 1), i == j) for j, count in enumerate(row)] for i, row in enumerate(confusion)
    ]
