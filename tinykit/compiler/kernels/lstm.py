"""UNIDIRECTIONAL_SEQUENCE_LSTM."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.base import (
    ConstArray,
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    Overlap,
    ParamValue,
    Variable,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.checks import (
    CONVERT_AGAIN,
    constant,
    input_tensor,
    int8_quantization,
    quantization,
    require,
    require_shape,
    scale_multiplier,
    uint16,
)
from tinykit.compiler.kernels.sigmoid_table import sigmoid_table
from tinykit.compiler.kernels.sums import fold_zero_point
from tinykit.graph.options import Activation, LstmOptions
from tinykit.graph.types import DType, Op, Tensor

# Positions of weights and biases among the inputs, in the order in which the kernels take gates: forget, input,
# output, cell.
_INPUT_WEIGHTS = (2, 1, 4, 3)
_RECURRENT_WEIGHTS = (6, 5, 8, 7)
_BIASES = (13, 12, 15, 14)
_HIDDEN, _CELL = 18, 19
_VARIANTS = {"peepholes": (9, 10, 11), "a projection": (16, 17), "layer normalization": (20, 21, 22, 23)}
_GATE_SCALE = np.float32(2.0**-12)
_CURVE_SCALE = 2.0**-15
_WEIGHTS = "computed weights, or weights per channel or with a zero point"


@dataclass(frozen=True)
class _Layer:
    """An op that was found consistent.

    Attributes:
        weights, recurrent: of the four gates, each (units, inputs) and (units, units).
    """

    source: Tensor
    target: Tensor
    hidden: Tensor
    cell: Tensor
    weights: tuple[Tensor, ...]
    recurrent: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    time_major: bool
    clip: float

    @property
    def units(self) -> int:
        return self.target.shape[2]

    def sizes(self) -> dict[str, ParamValue]:
        outer, inner, inputs = self.source.shape
        return {
            "outer": uint16(outer, "first dimension"),
            "inner": uint16(inner, "second dimension"),
            "inner_batches": int(self.time_major),
            "inputs": uint16(inputs, "input size"),
            "units": uint16(self.units, "number of units"),
        }

    def call(self, kernel: str, params: dict[str, ParamValue]) -> Lowered:
        """A step's output is written while its input is read, steps are done in the order of memory."""
        steps = self.source.shape[0] * self.source.shape[1]
        read, written = self.source.nbytes // steps, self.target.nbytes // steps
        lead = max(written, steps * written - (steps - 1) * read)
        args = (In(self.source.id), Variable(self.hidden.id), Variable(self.cell.id), Out(self.target.id))
        overlap = Overlap(self.source.id, self.target.id, lead)
        return Lowered((KernelCall(kernel, {"sizes": self.sizes(), **params}, args, overlaps=(overlap,)),))


@lowers(
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
    takes="any batch, batches or steps first; cell clip; a cell of int16 unless it is float32",
    types=same_types(DType.INT8, DType.INT16, DType.FLOAT32),
    refuses={
        "peepholes, projection, layer normalization, coupled gates": "use the plain LSTM layer, which has none of them",
        "an activation other than TANH": "use TANH",
        _WEIGHTS: CONVERT_AGAIN,
    },
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``lstm_eval_common.cc`` and ``lstm_eval.h`` of TFLite-Micro."""
    layer = _layer(ctx, op)
    if layer.source.dtype is DType.FLOAT32:
        return _float(layer)
    if layer.source.dtype is DType.INT8:
        return _int8(layer)
    return _int16(layer)


def _layer(ctx: LowerContext, op: Op) -> _Layer:
    options = op.options
    assert isinstance(options, LstmOptions)
    require(len(op.inputs) == 24, f"it has {len(op.inputs)} inputs instead of 24", CONVERT_AGAIN)
    for name, positions in _VARIANTS.items():
        require(
            all(ctx.graph.input(op, i) is None for i in positions),
            f"it has {name}",
            "use the plain LSTM layer, which has none",
        )
    require(options.activation is Activation.TANH, f"its activation is {options.activation.name}", "use TANH")
    source, target = input_tensor(ctx, op, 0, "input"), ctx.graph.output(op)
    hidden, cell = input_tensor(ctx, op, _HIDDEN, "output state"), input_tensor(ctx, op, _CELL, "cell state")
    require(len(source.shape) == 3, f"its input has {len(source.shape)} dimensions instead of 3", CONVERT_AGAIN)
    require(len(hidden.shape) == 2, f"its state has {len(hidden.shape)} dimensions instead of 2", CONVERT_AGAIN)
    units, inputs = hidden.shape[1], source.shape[2]
    batches = source.shape[1 if options.time_major else 0]
    for state in (hidden, cell):
        require(state.is_variable, f"its state {state.name!r} is no variable tensor", CONVERT_AGAIN)
        require(
            state.size == batches * units,
            f"its state {state.name!r} has {state.size} elements instead of {batches * units}",
            CONVERT_AGAIN,
        )
    require_shape(target, (*source.shape[:2], units), "input and state")
    floats = source.dtype is DType.FLOAT32
    wide = source.dtype is DType.INT16
    bias_type = DType.FLOAT32 if floats else DType.INT64 if wide else DType.INT32

    def gates(positions: tuple[int, ...], what: str, shape: tuple[int, ...], dtype: DType) -> tuple[Tensor, ...]:
        found = tuple(input_tensor(ctx, op, i, f"input {i} ({what})") for i in positions)
        for tensor in found:
            require(
                tensor.dtype is dtype, f"its {what} are {tensor.dtype.label} instead of {dtype.label}", CONVERT_AGAIN
            )
            require(
                tensor.shape == shape, f"its {what} are {list(tensor.shape)} instead of {list(shape)}", CONVERT_AGAIN
            )
        return found

    weight_type = DType.FLOAT32 if floats else DType.INT8
    _require_type(hidden, source.dtype)
    _require_type(cell, DType.FLOAT32 if floats else DType.INT16)
    return _Layer(
        source,
        target,
        hidden,
        cell,
        gates(_INPUT_WEIGHTS, "weights of the input", (units, inputs), weight_type),
        gates(_RECURRENT_WEIGHTS, "recurrent weights", (units, units), weight_type),
        gates(_BIASES, "biases", (units,), bias_type),
        options.time_major,
        options.cell_clip,
    )


def _require_type(tensor: Tensor, dtype: DType) -> None:
    require(
        tensor.dtype is dtype, f"its {tensor.name!r} is {tensor.dtype.label} instead of {dtype.label}", CONVERT_AGAIN
    )


def _interleaved(gates: tuple[Tensor, ...], what: str) -> np.ndarray:
    """Values of the four gates as the last dimension."""
    return np.stack([constant(tensor, what) for tensor in gates], axis=-1)


def _float(layer: _Layer) -> Lowered:
    return layer.call(
        "tk_lstm_f32",
        {
            "input_weights": ConstArray("float", _interleaved(layer.weights, "weights")),
            "recurrent_weights": ConstArray("float", _interleaved(layer.recurrent, "weights")),
            "bias": ConstArray("float", _interleaved(layer.biases, "bias")),
            "clip": layer.clip if layer.clip > 0 else float(np.finfo(np.float32).max),
        },
    )


def _int8(layer: _Layer) -> Lowered:
    inputs, hidden = int8_quantization(layer.source), int8_quantization(layer.hidden)
    nothing = np.zeros(layer.units, np.int32)
    biases = [constant(t, "bias") for t in layer.biases]
    scales = [_multipliers(gates, float(q.scale)) for gates, q in ((layer.weights, inputs), (layer.recurrent, hidden))]
    return layer.call(
        "tk_lstm_s8",
        {
            "input_weights": ConstArray("int8_t", _interleaved(layer.weights, "weights")),
            "recurrent_weights": ConstArray("int8_t", _interleaved(layer.recurrent, "weights")),
            "input_bias": _folded(layer.weights, biases, inputs.zero_point),
            "recurrent_bias": _folded(layer.recurrent, [nothing] * 4, hidden.zero_point),
            **_fields("input", scales[0]),
            **_fields("recurrent", scales[1]),
            "cell": _cell(layer, hidden.zero_point),
        },
    )


def _int16(layer: _Layer) -> Lowered:
    for tensor in (layer.source, layer.hidden):
        zero_point = quantization(tensor).zero_point
        require(zero_point == 0, f"its {tensor.name!r} is int16 with zero point {zero_point}", CONVERT_AGAIN)
    pairs = [
        [_wide_multiplier(*pair) for pair in _multipliers(gates, float(quantization(tensor).scale))]
        for gates, tensor in ((layer.weights, layer.source), (layer.recurrent, layer.hidden))
    ]
    return layer.call(
        "tk_lstm_s16",
        {
            "input_weights": ConstArray("int8_t", _interleaved(layer.weights, "weights")),
            "recurrent_weights": ConstArray("int8_t", _interleaved(layer.recurrent, "weights")),
            "input_bias": ConstArray("int64_t", _interleaved(layer.biases, "bias")),
            **_fields("input", pairs[0]),
            **_fields("recurrent", pairs[1]),
            "cell": _cell(layer, 0),
        },
    )


def _folded(gates: tuple[Tensor, ...], biases: list[np.ndarray], zero_point: int) -> ConstArray:
    values = [fold_zero_point(constant(t, "weights"), b, zero_point) for t, b in zip(gates, biases, strict=True)]
    return ConstArray("int32_t", np.stack(values, axis=-1))


def _fields(name: str, pairs: list[tuple[int, int]]) -> dict[str, ParamValue]:
    return {f"{name}_multiplier": tuple(m for m, _ in pairs), f"{name}_shift": tuple(s for _, s in pairs)}


def _multipliers(gates: tuple[Tensor, ...], scale: float) -> list[tuple[int, int]]:
    """From sums of values of that scale times weights to Q3.12, per gate."""
    pairs = []
    for tensor in gates:
        quant = quantization(tensor)
        require(not quant.per_channel, f"its weights {tensor.name!r} are quantized per channel", CONVERT_AGAIN)
        require(quant.zero_point == 0, f"its weights {tensor.name!r} have a zero point other than 0", CONVERT_AGAIN)
        pairs.append(scale_multiplier(scale * float(quant.scale) / float(_GATE_SCALE)))
    return pairs


def _wide_multiplier(multiplier: int, shift: int) -> tuple[int, int]:
    """The same for 64-bit sums: 15 bits of the multiplier, and a shift to the right.

    Raises:
        Refusal: beyond what TFLite's ``MultiplyByQuantizedMultiplier`` is made for.
    """
    require(shift < 8, f"its scales make a sum's multiplier 2^{shift}", "quantize the model again")
    return ((multiplier + (1 << 15)) >> 16 if multiplier < 0x7FFF0000 else 0x7FFF), 15 - shift


def _cell(layer: _Layer, output_zero_point: int) -> dict[str, ParamValue]:
    """What follows the gates' sums. Gates are Q0.15, products are scaled in double precision."""
    state, hidden = float(quantization(layer.cell).scale), float(quantization(layer.hidden).scale)
    forget = scale_multiplier(_CURVE_SCALE * state / state)
    update = scale_multiplier(_CURVE_SCALE * _CURVE_SCALE / state)
    output = scale_multiplier(_CURVE_SCALE * _CURVE_SCALE / hidden)
    clip = int(min(layer.clip / state, 32767.0)) if layer.clip > 0 else 32767
    tanh_multiplier, tanh_shift = _tanh_argument(state)
    return {
        "sigmoid": ConstArray("uint16_t", sigmoid_table(), "tables"),
        "forget_multiplier": forget[0],
        "forget_shift": forget[1],
        "update_multiplier": update[0],
        "update_shift": update[1],
        "output_multiplier": output[0],
        "output_shift": output[1],
        "output_zero_point": output_zero_point,
        "clip_low": -clip if layer.clip > 0 else -32768,
        "clip_high": clip,
        "tanh_multiplier": tanh_multiplier,
        "tanh_shift": tanh_shift,
    }


def _tanh_argument(scale: float) -> tuple[int, int]:
    """From the cell's state to tanh's argument times 3 * 2^12: a multiplier and a shift to the right.

    TFLite takes the nearest power of two for the scale.
    """
    x = math.log(scale) * (1 / math.log(2))
    left = 12 + (math.floor(x + 0.5) if x >= 0 else -math.floor(0.5 - x))
    require(-31 <= left <= 14, f"its cell state has scale {scale}", "use one between 2^-43 and 2^2")
    return (3 << left, 0) if left >= 0 else (3, -left)
