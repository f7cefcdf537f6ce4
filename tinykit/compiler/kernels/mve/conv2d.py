"""CONV_2D, and FULLY_CONNECTED of several batches, int8, with Helium: tk_conv2d_mve_s8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, Overlap, ParamValue, Refusal
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.mve.output import ANY, LINEAR, SATURATED, vector_output
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.sums import SumLayer
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import Axis, flatten_pointwise, geometry

CHUNK, MOST_CHUNKS = 16, 12
IN_PLACE, ROWS, PATCHES = range(3)
"""Names in tk_mve_block.h and tk_conv2d_mve_s8.h."""

_PATCHES_BYTES = 2048
"""What copies of windows may take of the arena: enough that the calls for them do not count."""
_AHEAD_BYTES = 1024
"""How much of the output is written at once where it should lie over the input: so much of both is in memory."""


@dataclass(frozen=True)
class Plan:
    """How windows are read, see tk_conv2d_mve_s8_params.

    Attributes:
        pieces: bytes of the window that each pass reads, as (begin, end).
        at_once: pixels.
    """

    source: int
    passes: int
    chunks: int
    tail: int
    pieces: tuple[tuple[int, int], ...]
    at_once: int


@variant_of("CONV_2D", "FULLY_CONNECTED")
def offer(task: SumTask) -> KernelCall | None:
    """The kernel's call for a layer; None for other cores, and for sizes that it does not do."""
    if "mve" not in task.target.features:
        return None
    layer = task.layer
    axes = flatten_pointwise(task.axes)
    channels, taps = layer.rows.shape
    in_c = taps // (axes[0].window * axes[1].window)
    batches = layer.source.size // (axes[0].size * axes[1].size * in_c)
    output = vector_output(task)
    plan = min(
        _plans(axes, in_c, channels, task.room),
        key=lambda plan: _instructions(plan, axes, batches, in_c, channels, output.finish),
    )
    try:
        params: dict[str, ParamValue] = {
            **geometry(batches, axes),
            "in_c": uint16(in_c, "input channel count"),
            "out_c": uint16(channels, "output channel count"),
            "source": plan.source,
            "at_once": plan.at_once,
            "passes": uint16(plan.passes, "window"),
            "chunks": plan.chunks,
            "tail": plan.tail,
            "finish": output.finish,
            "input_zero_point": int8_quantization(layer.source).zero_point,
            **output.params,
            "weights": ConstArray("int8_t", _pack(layer.rows, plan)),
            **output.arrays(4),
        }
    except Refusal:
        return None  # the portable kernel's lowering says why
    return KernelCall(
        "tk_conv2d_mve_s8",
        params,
        layer.args,
        scratch=_scratch(plan, axes, in_c),
        variant="mve",
        instructions=_instructions(plan, axes, batches, in_c, channels, output.finish),
        code=2800,
        overlaps=_overlaps(plan, layer, axes),
    )


def _plans(axes: tuple[Axis, Axis], in_c: int, channels: int, room: int) -> Iterator[Plan]:
    """The ways to read this layer's windows."""
    height, width = axes
    most = 0xFFFF // channels
    row = min(width.out, most)
    if room == 0 and width.out * channels > 2 * _AHEAD_BYTES:
        part = min(row, max(8, _AHEAD_BYTES // channels & ~1))
    else:
        part = row
    border = height.touches_border or width.touches_border
    taps = height.window * width.window * in_c
    if height.window == width.window == 1 and not border:
        chunks, tail = divmod(taps, CHUNK)
        passes = next((p for p in range(1, chunks + 1) if chunks % p == 0 and chunks // p <= MOST_CHUNKS), 1)
        if chunks <= MOST_CHUNKS:
            yield Plan(IN_PLACE, 1, chunks, tail, ((0, taps),), part)
            return  # copies would save some instructions, and be as large as the input
        if not tail and passes < chunks:
            yield Plan(IN_PLACE, passes, chunks // passes, 0, _cut(taps, taps // passes), part)
            return
    if width.dilation == 1 or width.window == 1:
        length = width.window * in_c
        chunks = -(-length // CHUNK)
        if chunks <= MOST_CHUNKS:
            source = ROWS if border or length % CHUNK else IN_PLACE
            yield Plan(source, height.window, chunks, 0, _cut(taps, length), row)
    needed = -(-taps // CHUNK)
    passes = -(-needed // MOST_CHUNKS)
    chunks = -(-needed // passes)
    copies = min(most, max(2, min(64, _PATCHES_BYTES // (passes * chunks * CHUNK))) & ~1)
    yield Plan(PATCHES, passes, chunks, 0, _cut(taps, chunks * CHUNK), copies)


def _cut(taps: int, length: int) -> tuple[tuple[int, int], ...]:
    return tuple((start, min(start + length, taps)) for start in range(0, taps, length))


def _pack(rows: np.ndarray, plan: Plan) -> np.ndarray:
    """Filters, shape (channels, taps), as tk_mve_block reads them: 4 channels, pass, chunk, channel, 16 bytes."""
    channels = len(rows)
    rows = rows[np.minimum(np.arange(-(-channels // 4) * 4), channels - 1)]
    length = plan.chunks * CHUNK + (CHUNK if plan.tail else 0)
    packed = np.zeros((plan.passes, len(rows), length), np.int8)
    for piece, (begin, end) in zip(packed, plan.pieces, strict=False):
        piece[:, : end - begin] = rows[:, begin:end]
    blocks = packed.reshape(plan.passes, len(rows) // 4, 4, length // CHUNK, CHUNK)
    return np.ascontiguousarray(blocks.transpose(1, 0, 3, 2, 4)).reshape(-1)


def _overlaps(plan: Plan, layer: SumLayer, axes: tuple[Axis, Axis]) -> tuple[Overlap, ...]:
    """A row is written when its windows were copied; in place they are read for one block of channels after another."""
    ahead = 1 if plan.source == IN_PLACE else 0
    if plan.source == IN_PLACE and axes[0].window == axes[1].window == 1:
        return (window_overlap(layer.source, layer.target, axes, ahead=plan.at_once),)
    return (window_overlap(layer.source, layer.target, axes, ahead=ahead, unit="row"),)


def _scratch(plan: Plan, axes: tuple[Axis, Axis], in_c: int) -> int:
    height, width = axes
    columns = (width.out - 1) * width.stride + (width.window - 1) * width.dilation + 1
    if plan.source == IN_PLACE:
        return 0
    rows = height.window * columns * in_c
    patches = plan.at_once * plan.passes * plan.chunks * CHUNK if plan.source == PATCHES else 0
    return rows + patches + CHUNK


def _instructions(plan: Plan, axes: tuple[Axis, Axis], batches: int, in_c: int, channels: int, finish: int) -> int:
    """Of one call: counted in the assembly, and measured for the C around it."""
    height, width = axes
    contiguous = plan.source == PATCHES or (plan.tail == 0 and width.stride == 1 and height.window == 1)
    tile = 14 * plan.passes * plan.chunks + (16 if plan.tail else 0)
    tile += {SATURATED: 20 if contiguous else 23, LINEAR: 27, ANY: 35}[finish]
    tile += {1: 0, 2: 5, 3: 11}.get(plan.passes, 10 * (plan.passes - 1) + 2)
    rows = batches * height.out

    def call(pixels: int) -> int:
        return 180 + -(-channels // 4) * (27 + -(-pixels // 2) * tile)

    if plan.source == PATCHES:
        pixels = rows * width.out
        full, rest = divmod(pixels, plan.at_once)
        calls = full * call(plan.at_once) + (call(rest) if rest else 0)
    else:
        full, rest = divmod(width.out, plan.at_once)
        calls = rows * (full * call(plan.at_once) + (call(rest) if rest else 0))
    columns = (width.out - 1) * width.stride + (width.window - 1) * width.dilation + 1
    copies = 0
    if plan.source != IN_PLACE:
        copies += rows * height.window * (35 + 3 * -(-columns * in_c // CHUNK))
    if plan.source == PATCHES:
        runs = 1 if width.dilation == 1 else width.window
        length = width.window // runs * in_c
        row = 5 if runs == 1 and length <= CHUNK else 8 + runs * (8 + 3 * -(-length // CHUNK))
        copies += rows * width.out * (25 + height.window * row)
    return calls + copies + rows * 60 + 60
