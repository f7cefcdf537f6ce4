"""Operators that can be computed a few rows at a time: which rows of their inputs some rows of their output need."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinykit.compiler.kernels.base import Refusal
from tinykit.compiler.kernels.window import Axis, window_axes
from tinykit.graph.options import (
    ArithmeticOptions,
    Conv2DOptions,
    DepthwiseConv2DOptions,
    Margins,
    Options,
    Pool2DOptions,
)
from tinykit.graph.types import Graph, Op, Tensor

_ELEMENTWISE = frozenset(
    {
        *("RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "LOGISTIC", "TANH", "HARD_SWISH", "QUANTIZE", "DEQUANTIZE"),
        *("ADD", "SUB", "MUL"),
    }
)


@dataclass(frozen=True)
class Rows:
    """Rows ``start`` to ``stop`` (exclusive) of an image."""

    start: int
    stop: int

    @property
    def count(self) -> int:
        return self.stop - self.start

    def joined(self, other: Rows) -> Rows:
        """The rows from the first to the last of both."""
        return Rows(min(self.start, other.start), max(self.stop, other.stop))


@dataclass(frozen=True, eq=False)
class RowOp:
    """An operator over images (1, height, width, channels) of which each row of output needs a few rows of input.

    Attributes:
        inputs: ids of the values it reads; constants are not among them.
        height, width: of the window; for an elementwise operator one of size 1.
        amounts: of a PAD, shape (4, 2).
    """

    op: Op
    inputs: tuple[int, ...]
    height: Axis
    width: Axis
    amounts: np.ndarray | None = None

    def needs(self, rows: Rows) -> Rows:
        """The rows of each input that rows of the output are made from; empty where these are all border."""
        axis = self.height
        return Rows(max(0, self._first(rows)), min(axis.size, self._end(rows)))

    def options_for(self, rows: Rows) -> Options:
        """The options of the operator that makes these rows, and nothing else, from the rows they need."""
        options = self.op.options
        if not isinstance(options, (Conv2DOptions, DepthwiseConv2DOptions, Pool2DOptions)):
            return options
        width = self.width
        right = (width.out - 1) * width.stride - width.before + (width.window - 1) * width.dilation + 1 - width.size
        return replace(options, padding=Margins(*self._border(rows), width.before, max(0, right)))

    def amounts_for(self, rows: Rows) -> np.ndarray:
        """The amounts of the PAD that makes these rows from the rows they need."""
        assert self.amounts is not None
        amounts: np.ndarray = self.amounts.copy()
        amounts[1] = self._border(rows)
        return amounts

    def _border(self, rows: Rows) -> tuple[int, int]:
        """Rows of border before and behind the rows of the input."""
        return max(0, -self._first(rows)), max(0, self._end(rows) - self.height.size)

    def _first(self, rows: Rows) -> int:
        return rows.start * self.height.stride - self.height.before

    def _end(self, rows: Rows) -> int:
        axis = self.height
        return (rows.stop - 1) * axis.stride - axis.before + (axis.window - 1) * axis.dilation + 1


def row_op(graph: Graph, op: Op) -> RowOp | None:
    """The operator as one that can be computed by rows; None if it cannot be, or is wrong in itself."""
    if len(op.outputs) != 1 or not op.inputs or op.inputs[0] < 0:
        return None
    values = tuple(dict.fromkeys(i for i in op.inputs if i >= 0 and not graph.tensor(i).is_constant))
    target = graph.output(op)
    if not values or not all(_is_image(t) for t in (target, *(graph.tensor(i) for i in values))):
        return None
    if op.kind in _ELEMENTWISE:
        return _elementwise(graph, op, values)
    if len(values) > 1:
        return None
    if op.kind in ("PAD", "PADV2"):
        return _pad(graph, op, values)
    try:
        axes = _axes(graph, op, graph.tensor(values[0]), target)
    except Refusal:
        return None
    return None if axes is None else RowOp(op, values, *axes)


def _is_image(tensor: Tensor) -> bool:
    numpy = tensor.dtype.numpy
    return numpy is not None and len(tensor.shape) == 4 and tensor.shape[0] == 1 and tensor.size > 0


def _axes(graph: Graph, op: Op, source: Tensor, target: Tensor) -> tuple[Axis, Axis] | None:
    options = op.options
    if isinstance(options, Pool2DOptions):
        return window_axes(source, target, options.window, options.stride, (1, 1), options.padding)
    if isinstance(options, (Conv2DOptions, DepthwiseConv2DOptions)):
        weights = graph.input(op, 1)
        if weights is None or not weights.is_constant or len(weights.shape) != 4:
            return None
        window = (weights.shape[1], weights.shape[2])
        return window_axes(source, target, window, options.stride, options.dilation, options.padding)
    return None


def _elementwise(graph: Graph, op: Op, values: tuple[int, ...]) -> RowOp | None:
    shape = graph.output(op).shape
    if isinstance(op.options, ArithmeticOptions):
        constants = [t for t in (graph.input(op, i) for i in range(len(op.inputs))) if t is not None and t.is_constant]
        # A constant that differs from row to row would have to be cut, too.
        if any(t.size > 1 and (len(t.shape) > 4 or t.shape[-3:-2] not in ((), (1,))) for t in constants):
            return None
    if any(graph.tensor(i).shape != shape for i in values):
        return None
    height, width = (Axis(size, size, 1, 1, 1, 0) for size in shape[1:3])
    return RowOp(op, values, height, width)


def _pad(graph: Graph, op: Op, values: tuple[int, ...]) -> RowOp | None:
    amounts = graph.input(op, 1)
    source, target = graph.tensor(values[0]), graph.output(op)
    if op.inputs[0] != values[0] or amounts is None or amounts.data is None or amounts.data.shape != (4, 2):
        return None
    data = amounts.data.astype(np.int64)
    padded = tuple(size + int(row.sum()) for size, row in zip(source.shape, data, strict=True))
    # Without any amount it is no code at all.
    if data.min() < 0 or data[0].any() or padded != target.shape or not data[2:].any():
        return None
    height, width = (Axis(source.shape[i], target.shape[i], 1, 1, 1, int(data[i, 0])) for i in (1, 2))
    return RowOp(op, values, height, width, amounts.data)
