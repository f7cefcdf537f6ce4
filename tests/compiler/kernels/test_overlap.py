"""Overlaps, held to a simulation that writes every byte of the output over the input and reads what is left."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tinykit.compiler.kernels.overlap import elementwise_overlap, window_overlap
from tinykit.compiler.kernels.window import Axis
from tinykit.graph.types import DType, Tensor

# A step of a kernel: bytes it has written when it reads for the last time, and what it reads.
Step = tuple[int, list[int]]


def random_axis(rng: np.random.Generator) -> Axis:
    window, stride, dilation = (int(v) for v in rng.integers(1, 4, 3))
    reach = (window - 1) * dilation + 1
    before, after = (int(v) for v in rng.integers(0, 4, 2))
    size = int(rng.integers(1, 9)) + max(0, reach - before - after)
    return Axis(size, (size + before + after - reach) // stride + 1, window, stride, dilation, before)


def taps(axis: Axis, position: int) -> list[int]:
    at = (position * axis.stride - axis.before + k * axis.dilation for k in range(axis.window))
    return [i for i in at if 0 <= i < axis.size]


def pixel_steps(axes: tuple[Axis, Axis], images: int, in_pixel: int, out_pixel: int, ahead: int) -> Iterator[Step]:
    """Groups of ``ahead`` pixels; each reads its windows after all of the group's outputs were written."""
    height, width = axes
    places = [(i, y, x) for i in range(images) for y in range(height.out) for x in range(width.out)]
    for number, (image, y, x) in enumerate(places):
        written = min(number + ahead, len(places)) * out_pixel
        pixels = ((image * height.size + ky) * width.size + kx for ky in taps(height, y) for kx in taps(width, x))
        yield written, [p * in_pixel + b for p in pixels for b in range(in_pixel)]


def row_steps(
    axes: tuple[Axis, Axis], images: int, in_pixel: int, out_pixel: int, ahead: int, once: bool
) -> Iterator[Step]:
    height, width = axes
    row = width.out * out_pixel
    columns = sorted({kx for x in range(width.out) for kx in taps(width, x)})
    for image in range(images):
        kept: set[int] = set()
        for y in range(height.out):
            rows = taps(height, y)
            if once:  # a buffer of rows takes in all of them, also those between taps
                top = max(rows, default=-1)
                rows = [r for r in range(top + 1) if r not in kept]
                kept.update(rows)
            pixels = [(image * height.size + r) * width.size + kx for r in rows for kx in columns]
            written = min(image * height.out + y + ahead, images * height.out) * row
            yield written, [p * in_pixel + b for p in pixels for b in range(in_pixel)]


def smallest_lead(steps: list[Step], in_bytes: int, out_bytes: int) -> int:
    """The smallest lead with which no step reads a byte that was overwritten before."""
    lowest = [(written, min(reads)) for written, reads in steps if reads]
    for lead in range(-in_bytes, out_bytes + 1):
        # the target begins at 0, the source at `lead`
        if all(lead + byte >= written for written, byte in lowest):
            return lead
    raise AssertionError("there is always one")


def image(number: int, images: int, axes: tuple[Axis, Axis], channels: int, *, out: bool) -> Tensor:
    height, width = ((a.out if out else a.size) for a in axes)
    return Tensor(number, f"t{number}", (images, height, width, channels), DType.INT8)


@pytest.mark.parametrize("seed", range(500))
def test_windows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    axes = (random_axis(rng), random_axis(rng))
    images, in_c, out_c = int(rng.choice([1, 1, 2])), int(rng.integers(1, 4)), int(rng.integers(1, 6))
    source, target = image(0, images, axes, in_c, out=False), image(1, images, axes, out_c, out=True)
    cases = [(window_overlap(source, target, axes, ahead=n), pixel_steps(axes, images, in_c, out_c, n)) for n in (0, 1)]
    cases += [
        (window_overlap(source, target, axes, ahead=3), pixel_steps(axes, images, in_c, out_c, 3)),
        (window_overlap(source, target, axes, ahead=1, unit="row"), row_steps(axes, images, in_c, out_c, 1, False)),
        (
            window_overlap(source, target, axes, ahead=0, unit="row", reads_once=True),
            row_steps(axes, images, in_c, out_c, 0, True),
        ),
    ]
    for number, (overlap, steps) in enumerate(cases):
        smallest = smallest_lead(list(steps), source.nbytes, target.nbytes)
        assert overlap.lead >= smallest, number
        assert overlap.lead <= target.nbytes, number


def test_leads_are_as_small_as_they_can_be() -> None:
    """Where a layer reads all of its input, as nearly all do, nothing is given away."""
    for size, stride, in_c, out_c in ((9, 1, 2, 2), (10, 2, 3, 8), (12, 1, 1, 5), (8, 1, 4, 1)):
        axis = Axis(size, -(-size // stride), 3, stride, 1, 1 if stride == 1 else 0)
        axes = (axis, axis)
        source, target = image(0, 1, axes, in_c, out=False), image(1, 1, axes, out_c, out=True)
        for ahead in (0, 1, 2):
            steps = list(pixel_steps(axes, 1, in_c, out_c, ahead))
            want = max(smallest_lead(steps, source.nbytes, target.nbytes), -source.nbytes)
            got = window_overlap(source, target, axes, ahead=ahead).lead
            assert want <= got <= want + max(0, ahead - 1) * out_c


def test_pointwise_layers() -> None:
    line = (Axis(1, 1, 1, 1, 1, 0), Axis(100, 100, 1, 1, 1, 0))
    same = Tensor(0, "a", (1, 10, 10, 8), DType.INT8), Tensor(1, "b", (1, 10, 10, 8), DType.INT8)
    assert window_overlap(*same, line, ahead=0).lead == 0
    assert window_overlap(*same, line, ahead=2).lead == 2 * 8
    wider = Tensor(1, "b", (1, 10, 10, 16), DType.INT8)
    # the input ends two pixels behind the output, at most
    assert 800 <= window_overlap(same[0], wider, line, ahead=2).lead <= 800 + 2 * 16
    assert window_overlap(wider, same[0], line, ahead=2).lead == 2 * 8


def test_a_dense_layer_ends_before_its_input() -> None:
    one = (Axis(1, 1, 1, 1, 1, 0), Axis(1, 1, 1, 1, 1, 0))
    source, target = Tensor(0, "a", (1, 1, 1, 640), DType.INT8), Tensor(1, "b", (1, 1, 1, 128), DType.INT8)
    assert window_overlap(source, target, one, ahead=1).lead == 128


def test_elements() -> None:
    bytes_, floats = Tensor(0, "a", (10,), DType.INT8), Tensor(1, "b", (10,), DType.FLOAT32)
    assert elementwise_overlap(bytes_, bytes_).lead == 0
    assert elementwise_overlap(floats, bytes_).lead == 0
    assert elementwise_overlap(bytes_, floats).lead == 27
