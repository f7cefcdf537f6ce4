"""How far before its input the output of a kernel must begin, so that it may be written over it.

Kernels of all kinds that go through their output from its first byte to its last ask here, for ``KernelCall.overlaps``:

    one pixel, or a few, after the other        window_overlap(layer..., ahead=pixels)
    one output row, or a few, after the other   window_overlap(layer..., ahead=rows, unit="row")
    element by element                          elementwise_overlap(source, target)

A kernel with several passes over its output (a group of channels of all pixels, then the next group) has no overlap.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tinykit.compiler.kernels.base import Overlap
from tinykit.compiler.kernels.window import Axis
from tinykit.graph.types import Tensor


def window_overlap(
    source: Tensor,
    target: Tensor,
    axes: tuple[Axis, Axis],
    *,
    ahead: int,
    unit: Literal["pixel", "row"] = "pixel",
    reads_once: bool = False,
) -> Overlap:
    """Of a kernel that moves a window over images and writes output pixels in order, row by row.

    Args:
        source, target: shape (images, height, width, channels), as many images of both; as SumLayer has them of a
            FULLY_CONNECTED, too.
        axes: height and width; also flattened to one row.
        ahead: when the kernel reads the window of an output pixel for the last time, how many pixels, counted from this
            one on, it may have written. 0 where all of the window was read (or copied to scratch memory) before the
            pixel is written; also where a pixel has as many channels as one of the input, each depends on the same
            channel of the input only, and they are done in order. n where the kernel computes n pixels at a time and
            reads their windows in the input for one group of channels after the other.
        unit: ``ahead`` counts whole rows of output instead, of a kernel that does these in any order within.
        reads_once: the kernel copies each row of input into scratch memory before it writes the first row of output
            that depends on it, and never reads it again; ``unit`` is "row".
    """
    height, width = axes
    in_bytes, out_bytes = source.nbytes, target.nbytes
    images = source.shape[0]
    in_image, out_image = in_bytes // images, out_bytes // images
    in_pixel = in_image // (height.size * width.size)
    out_pixel = out_image // (height.out * width.out)
    in_row, out_row = width.size * in_pixel, width.out * out_pixel
    if reads_once:
        starts = np.minimum(_rows_done(height) * in_row, in_image)
    else:
        starts = np.minimum(_first_read(height) * in_row, in_image)
    columns = np.minimum(_first_read(width) * in_pixel, in_image)
    # The lowest byte that is read in rows after each row; what lies in further images is behind this one's end.
    later = np.append(np.minimum.accumulate(starts[::-1])[::-1][1:], in_image)
    if not reads_once:
        later = np.minimum(later + columns.min(), in_image)
    if unit == "row":
        first = starts if reads_once else np.minimum(starts + columns.min(), in_image)
        written = (np.arange(height.out, dtype=np.int64) + ahead) * out_row
        lead = int(np.max(written - np.minimum(first, later)))
    else:
        rows = np.arange(height.out, dtype=np.int64) * out_row
        pixels = (np.arange(width.out, dtype=np.int64) + ahead) * out_pixel
        # written - read for pixels of this row, and for rows after it when the last pixel of this one is written
        here = rows - starts + int(np.max(pixels - np.minimum.accumulate(columns[::-1])[::-1]))
        lead = int(np.max(np.maximum(here, rows + int(pixels[-1]) - later)))
    if images > 1:
        # The last image begins when those before it are written; it is as far from its input as they are together.
        lead = max(lead, out_image - in_image)
        lead += max(0, (images - 1) * (out_image - in_image))
    return Overlap(source.id, target.id, min(lead, out_bytes))


def elementwise_overlap(source: Tensor, target: Tensor) -> Overlap:
    """Of a kernel that reads each element before it writes that of the same place, first to last, as many of both."""
    wider = target.nbytes - source.nbytes
    return Overlap(source.id, target.id, max(0, wider - wider // max(1, target.size)))


def _first_read(axis: Axis) -> np.ndarray:
    """For each output position the first input position that its window reads; past the end where it reads none."""
    start = np.arange(axis.out, dtype=np.int64) * axis.stride - axis.before
    tap = np.maximum(0, -(start // axis.dilation))
    first = start + tap * axis.dilation
    none = (tap >= axis.window) | (first >= axis.size)
    return np.where(none, axis.size, first)


def _rows_done(axis: Axis) -> np.ndarray:
    """For each output position how many input positions earlier ones have read up to."""
    start = np.arange(axis.out, dtype=np.int64) * axis.stride - axis.before
    tap = np.minimum(axis.window - 1, (axis.size - 1 - start) // axis.dilation)
    read = np.where(tap >= 0, start + tap * axis.dilation + 1, 0)
    return np.maximum.accumulate(np.maximum(0, np.concatenate([[0], read[:-1]])))
