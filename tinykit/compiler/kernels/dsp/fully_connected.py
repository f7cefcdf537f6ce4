"""FULLY_CONNECTED of eight units or more."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_clamp, uint16
from tinykit.compiler.kernels.dsp.output import ANY, SIGNED, dsp_output, is_dsp
from tinykit.compiler.kernels.dsp.tile import is_packable, pad_rows, pair_words
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of


@variant_of("FULLY_CONNECTED")
def fully_connected(task: SumTask) -> KernelCall | None:
    """Eight units at a time, of which pairs share the bits of weights."""
    layer = task.layer
    units, depth = layer.rows.shape
    if not is_dsp(task.target) or units < 8 or int8_clamp(layer.activation, layer.target) != (-128, 127):
        return None
    output = dsp_output(task)
    if output is None or output.finish == ANY:
        return None
    multiplier, shift = task.pairs[0]
    rows = pad_rows(output.rows)
    biases = output.constants[:, 1].astype(np.int64) >> 8
    codes = output.constants[:, 1].astype(np.int64) & 0xFF
    same = np.all(output.constants[:, 0] == multiplier) and np.all(codes == -shift - 1)
    # Even where the layer has one scale: units whose output is always the same may have constants of their own.
    per_channel = not (len(task.pairs) == 1 and same)
    stream: list[np.ndarray] = []
    for first in range(0, units // 8 * 8, 8):
        block = slice(first, first + 8)
        if not all(is_packable(rows[i], rows[i + 1], int(biases[i + 1])) for i in range(first, first + 8, 2)):
            return None
        stream.append(_packed(biases[block, None]).reshape(-1))
        words = [pair_words(row) for row in _packed(rows[block])[1::2]]
        stream.append(np.stack(words, axis=1).reshape(-1))
        if per_channel:
            stream.append(np.stack([output.constants[block, 0], codes[block]], axis=1).reshape(-1))
    stream.append(np.zeros(2, np.int64))  # read ahead
    rest = range(units // 8 * 8, units)
    rest_pairs = [task.pairs[i if len(task.pairs) > 1 else 0] for i in rest]
    constants = [[int(task.bias[i]), *pair] for i, pair in zip(rest, rest_pairs, strict=True)]
    batches = task.axes[1].out
    params: dict[str, ParamValue] = {
        "batches": uint16(batches, "batch count"),
        "depth": uint16(depth, "input size"),
        "units": uint16(units, "output size"),
        "per_channel": int(per_channel),
        "is_signed": int(output.finish == SIGNED),
        "zero_point": output.fields["zero_point"],
        "multiplier": 0 if per_channel else multiplier,
        "shift": 0 if per_channel else -shift - 1,
        "stream": ConstArray("uint32_t", (np.concatenate(stream) & 0xFFFFFFFF).astype(np.uint32)),
        "rest_weights": ConstArray("int8_t", layer.rows[rest.start :]) if rest else None,
        "rest_constants": ConstArray("int32_t", np.array(constants, np.int32)) if rest else None,
    }
    groups = rows.shape[1] // 4
    name, size, finish = _finish(per_channel, output.finish == SIGNED)
    blocks = units // 8 * (4 + 30 * groups + 3 * -(-groups // 8) + finish)
    return KernelCall(
        "tk_fully_connected_dsp_s8",
        params,
        layer.args,
        scratch=rows.shape[1] if depth % 4 else 0,
        overlaps=(window_overlap(layer.source, layer.target, task.axes, ahead=1),),
        variant="dsp",
        instructions=60 + batches * (60 + blocks + len(rest) * (30 + 5 * depth)),
        code=1340,
        shares={name: size},
    )


def _finish(per_channel: bool, is_signed: bool) -> tuple[str, int, int]:
    """Where eight sums become outputs: its name, bytes of code, and instructions."""
    if per_channel:
        return "tk_dsp_fully_connected_each", 298, 82
    return ("tk_dsp_fully_connected_all", 226, 60) if is_signed else ("tk_dsp_fully_connected_relu", 194, 52)


def _packed(values: np.ndarray) -> np.ndarray:
    """Rows as they are and, in each odd row, the row before plus 256 times itself."""
    both: np.ndarray = values.astype(np.int64)
    both[1::2] = values[0::2] + 256 * values[1::2]
    return both
