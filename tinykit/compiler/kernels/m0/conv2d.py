"""CONV_2D, int8: tiles of a few pixels, two products in one multiplication."""

from __future__ import annotations

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.m0.cores import is_m0
from tinykit.compiler.kernels.m0.packing import TILE, pack_fours, packable
from tinykit.compiler.kernels.m0.steps import SHARED_CODE, find_steps
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import Axis, flatten_pointwise, geometry

_CODE = 2388
_MOST_PIXELS = 64
_LITTLE_SCRATCH = 1280
# What unpacking would cost in even smaller tiles is worth more memory.
_FEW_PIXELS = 8
_MUCH_SCRATCH = 6144


@variant_of("CONV_2D")
def conv2d(task: SumTask) -> KernelCall | None:
    layer = task.layer
    rows = layer.rows
    if not is_m0(task.target) or not packable(rows) or layer.source.is_constant:
        return None
    steps = find_steps(task)
    if steps is None:
        return None
    axes = flatten_pointwise(task.axes)
    in_c = layer.filters.shape[3]
    weights = pack_fours(rows, TILE)
    blocks = weights.shape[1]
    pixels = _tile(axes[0].out * axes[1].out, blocks, in_c, task.room)
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "in_c": uint16(in_c, "input channel count"),
        "out_c": uint16(layer.channels, "output channel count"),
        "pixels": pixels,
        "blocks": uint16(blocks, "window"),
        "split": int(steps.bent),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "clamp_min": steps.clamp_min,
        "clamp_max": steps.clamp_max,
        "weights": ConstArray("uint32_t", weights),
        "steps": ConstArray("uint32_t", steps.table(), "tables"),
    }
    return KernelCall(
        "tk_conv2d_m0_s8",
        params,
        layer.args,
        scratch=_scratch(pixels, blocks, in_c),
        variant="m0",
        instructions=_instructions(task, axes, blocks, pixels, steps.instructions),
        code=_CODE,
        shares=SHARED_CODE,
        # A tile is packed before any of it is written.
        overlaps=(window_overlap(layer.source, layer.target, axes, ahead=0),),
    )


def _scratch(pixels: int, blocks: int, in_c: int) -> int:
    """Packed inputs, unpacked weights, and a pixel of the border or two patches."""
    return 8 * blocks * pixels + 8 * blocks + (8 * blocks if in_c % 4 else in_c)


def _tile(pixels: int, blocks: int, in_c: int, room: int) -> int:
    """Pixels of a tile, an even number: unpacking of weights is spread over them."""

    def affordable(n: int) -> bool:
        scratch = _scratch(n, blocks, in_c)
        return scratch <= max(_LITTLE_SCRATCH, room // 2) or (n <= _FEW_PIXELS and scratch <= _MUCH_SCRATCH)

    most = min(_MOST_PIXELS, pixels + pixels % 2)
    return next((n for n in range(most, 2, -2) if affordable(n)), 2)


def _instructions(task: SumTask, axes: tuple[Axis, Axis], blocks: int, pixels: int, output: int) -> int:
    """Counted in tk_m0_tile_asm.S; what the C around it takes, as gcc 12 compiles it, is an estimate.

    Args:
        output: of one output, see ``Steps.instructions``.
    """
    height, width = axes
    channels, in_c = task.layer.channels, task.layer.filters.shape[3]
    total = height.out * width.out
    pairs, tiles = -(-total // 2), -(-total // pixels)
    unpacking = tiles * (150 + channels * (32 + 7 * blocks + 2 * -(-blocks // 4)))
    products = pairs * channels * (7 + 15 * blocks + 2 * -(-blocks // 8))
    patch = 18 * blocks
    if in_c % 4:
        patch += 200 + 2 * (4 * in_c * width.window * height.window + 5 * height.window + 20)
    elif height.window * width.window == 1 and all(a.size == a.out and a.before == 0 for a in axes):
        patch += 36
    else:
        patch += 50 + 110 * height.window
    return task.layer.source.shape[0] * (unpacking + products + total * channels * (output + 5) + pairs * patch)
