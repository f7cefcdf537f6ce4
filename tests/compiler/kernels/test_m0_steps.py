"""The functions from sums to outputs of cores without long multiplication, against TFLite's arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.conv_models import sum_model
from support.seeds import many
from tinykit.compiler.kernels.base import LowerContext, Target
from tinykit.compiler.kernels.checks import int8_quantization
from tinykit.compiler.kernels.m0.steps import LOW_BITS, Steps, find_steps
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier
from tinykit.compiler.kernels.sums import sum_layer
from tinykit.compiler.kernels.variants import SumTask
from tinykit.compiler.kernels.window import Axis
from tinykit.graph.reader import parse_model

WORD = 1 << 32


def random_task(seed: int) -> SumTask:
    rng = np.random.default_rng(seed)
    units, depth = int(rng.integers(1, 9)), int(rng.integers(1, 200))
    activation = str(rng.choice(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"]))
    model = sum_model(
        rng,
        "int8",
        "FULLY_CONNECTED",
        (1, depth),
        (units, depth),
        (1, units),
        channels=units,
        axis=0,
        options={"fused_activation_function": activation},
    )
    graph = parse_model(model.build(), name="m", where="m")
    (op,) = graph.ops
    layer = sum_layer(LowerContext(graph, Target()), op, op.options.activation, dimensions=2, channel_axis=0)  # type: ignore[union-attr]
    axes = (Axis(1, 1, 1, 1, 1, 0), Axis(1, 1, 1, 1, 1, 0))
    return SumTask(Target("cortex-m0"), layer, axes, layer.folded_bias(), layer.multipliers())


def signed(value: int, bits: int) -> int:
    value %= 1 << bits
    return value - (1 << bits) if value >> (bits - 1) else value


def output_of(table: np.ndarray, steps: Steps, total: int) -> int:
    """What tk_m0_macros.h does with a sum of products, in whole numbers; the wrap-arounds are those of the core."""
    bias, limit_low, high, offset, *bent = (int(v) for v in table)
    limit, low = signed(limit_low, 32) >> LOW_BITS, limit_low & ((1 << LOW_BITS) - 1)
    z = (total + bias) % WORD
    if z >= limit % WORD:
        return steps.clamp_min if z >= WORD // 2 else steps.clamp_max
    if bent and z < bent[0] and signed(high, 32) < 0:
        value = multiply_by_quantized_multiplier(signed(z + bent[1], 32), offset, signed(high, 8))
        return min(max(value + signed(high >> 8, 8), steps.clamp_min), steps.clamp_max)
    product = (z * low) % WORD
    return signed((z * high + (product >> LOW_BITS) + (bent[1] if bent and z < bent[0] else offset)) >> 24, 8)


def expected(task: SumTask, channel: int, total: int, steps: Steps) -> int:
    sum_with_bias = total + int(task.bias[channel])
    zero = int8_quantization(task.layer.target).zero_point
    value = multiply_by_quantized_multiplier(sum_with_bias, *task.pairs[channel]) + zero
    return min(max(value, steps.clamp_min), steps.clamp_max)


def check(seed: int) -> float:
    """Every step of a random layer; gives the part of its channels that are done without a 64-bit product."""
    task = random_task(seed)
    steps = find_steps(task)
    assert steps is not None
    rng = np.random.default_rng(seed)
    for channel, row in enumerate(steps.table()):
        weights = task.layer.rows[channel].astype(np.int64)
        least = int(np.sum(np.where(weights > 0, weights * -128, weights * 127)))
        most = int(np.sum(np.where(weights > 0, weights * 127, weights * -128)))
        # Random sums, the ends of what there can be, and both sides of every step.
        totals = {least, most, *(int(v) for v in rng.integers(least, most + 1, 50))}
        for level in range(steps.clamp_min, steps.clamp_max):
            low, high = least, most + 1
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if expected(task, channel, middle, steps) > level else (middle + 1, high)
            totals |= {total for total in (low - 1, low) if least <= total <= most}
        for total in totals:
            assert output_of(row, steps, total) == expected(task, channel, total, steps), (seed, channel, total)
    return 1 - float(np.mean(steps.exact))


def test_every_step_of_a_few_layers() -> None:
    assert sum(check(seed) for seed in range(12)) >= 8


@pytest.mark.slow
def test_every_step_of_many_layers() -> None:
    seeds = many(12, 60)
    assert sum(check(seed) for seed in seeds) >= 0.6 * len(seeds)
