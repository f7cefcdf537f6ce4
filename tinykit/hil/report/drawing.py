"""Geometry of the HTML report's pictures: numbers in, rectangles and labels out. The template draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.hil.report.model import Latency, Memory

_WIDTH = 1000.0
"""Of every picture, in the SVG's own units."""
_LETTER = 6.4
"""Width of a letter of a label, about."""


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
    pieces: list[Piece]
    total: int
    available: int | None
    """Of the board, None where there is no end."""
    percent: float | None


def gauge(parts: Sequence[tuple[str, int]], available: int | None) -> Gauge:
    """Parts of a memory side by side, on the scale of the memory (or of their sum)."""
    total = sum(size for _, size in parts)
    whole = available or total or 1
    pieces, x = [], 0.0
    for number, (name, size) in enumerate(parts):
        width = _WIDTH * size / whole
        pieces.append(Piece(name, size, x, width, 210 + 55 * number))
        x += width
    return Gauge(pieces, total, available, None if available is None else 100 * total / available)


@dataclass(frozen=True)
class Box:
    name: str
    offset: int
    size: int
    first: int
    last: int
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
    steps: list[tuple[float, str]]
    width: float
    height: float
    arena: int
    bound_y: float


def arena_map(memory: Memory, layers: Sequence[str]) -> ArenaMap:
    """The arena over time: layers from left to right, addresses upwards, one box per buffer.

    Buffers that are read before the first layer or after the last one reach half a column beyond.
    """
    columns = len(layers)
    height = 320.0
    column = _WIDTH / (columns + 1)
    scale = height / (memory.arena or 1)
    boxes = []
    for number, b in enumerate(memory.buffers):
        left = column * (max(b.first, -0.5) + 0.5)
        right = column * (min(b.last + 1, columns + 0.5) + 0.5)
        width, box_height = right - left, b.size * scale
        label = _short(b.name, int(width / _LETTER))
        fits = box_height > 13
        boxes.append(
            Box(
                b.name, b.offset, b.size, b.first, b.last, left, height - (b.offset + b.size) * scale, width,
                box_height, (number * 47 + 200) % 360, b.name.startswith("scratch"), label if fits else "",
            )
        )  # fmt: skip
    steps = [(column * (i + 1.0), str(i)) for i in range(columns)]
    return ArenaMap(boxes, steps, _WIDTH, height, memory.arena, height - memory.arena_lower_bound * scale)


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
