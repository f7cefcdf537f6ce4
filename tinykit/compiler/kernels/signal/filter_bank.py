"""SignalFilterBank and what follows it: square root, subtraction of noise, logarithm."""

from __future__ import annotations

import math

import numpy as np

from tinykit.compiler.kernels.base import (
    ConstArray,
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    ParamValue,
    State,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.checks import constant, operands, require, require_shape
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.compiler.kernels.signal.ports import ports, require_list, require_shift
from tinykit.graph.types import DType, Op, Tensor


@lowers(
    "SignalFilterBank",
    types=((DType.UINT32, DType.UINT64),),
    takes="constant filters; beyond the spectrum with weights of 0 only",
    refuses={"filters that are computed at run time, or reach beyond the spectrum": "make them constants of the model"},
)
def lower_filter_bank(ctx: LowerContext, op: Op) -> Lowered:
    source, *tables, target = operands(ctx, op, 6)
    (channels,) = integers(op, "num_channels")
    require_list(source, DType.UINT32)
    require_list(target, DType.UINT64, channels)
    weights, unweights, *places = tables
    for table in (weights, unweights):
        require_list(table, DType.INT16)
    for place in places:
        require_list(place, DType.INT16, channels + 1)
    starts, weight_starts, widths = _inside(source, weights, unweights, [constant(p, "filters") for p in places])
    params: dict[str, ParamValue] = {
        "channels": channels,
        "starts": ConstArray("int16_t", starts, "tables"),
        "weight_starts": ConstArray("int16_t", weight_starts, "tables"),
        "widths": ConstArray("int16_t", widths, "tables"),
    }
    args = (In(source.id), In(weights.id), In(unweights.id), Out(target.id))
    return Lowered((KernelCall("tk_signal_filter_bank_u32", params, args),))


def _inside(spectrum: Tensor, weights: Tensor, unweights: Tensor, places: list[np.ndarray]) -> list[np.ndarray]:
    """Where filters begin, where their weights do, and their widths, cut at the spectrum's end.

    Converters widen filters to a multiple of some number with weights of 0: TFLite-Micro multiplies these by what it
    finds behind the spectrum.
    """
    starts, weight_starts, widths = (place.astype(np.int64) for place in places)
    for channel in np.flatnonzero(starts + widths > spectrum.size):
        inside = max(0, spectrum.size - int(starts[channel]))
        first, end = (int(weight_starts[channel]) + n for n in (inside, int(widths[channel])))
        beyond = [None if w.data is None else w.data[max(0, first) : max(0, end)] for w in (weights, unweights)]
        if not any(values is None or values.any() for values in beyond):
            widths[channel] = inside
    nothing = widths <= 0
    starts[nothing] = weight_starts[nothing] = widths[nothing] = 0
    require(
        bool(np.all(starts >= 0) and np.all(weight_starts >= 0) and np.all(starts + widths <= spectrum.size))
        and bool(np.all(weight_starts + widths <= min(weights.size, unweights.size))),
        f"its filters reach beyond the spectrum of {spectrum.size} or the weights of {weights.size}",
        AGAIN,
    )
    return [values.astype(np.int16) for values in (starts, weight_starts, widths)]


@lowers(
    "SignalFilterBankSquareRoot",
    types=((DType.UINT64, DType.UINT32),),
    takes="one dimension",
    refuses={},
)
def lower_square_root(ctx: LowerContext, op: Op) -> Lowered:
    source, bits, target = operands(ctx, op, 2)
    require_list(source, DType.UINT64)
    require_list(target, DType.UINT32, source.size)
    require(
        bits.dtype is DType.INT32 and bits.shape == (), f"its shift is {bits.dtype.label} {list(bits.shape)}", AGAIN
    )
    args = (In(source.id), In(bits.id), Out(target.id))
    call = KernelCall("tk_signal_square_root_u64", {"count": source.size}, args, in_place=((source.id, target.id),))
    return Lowered((call,))


_SUBTRACTION = (
    "alternate_one_minus_smoothing",
    "alternate_smoothing",
    "clamping",
    "min_signal_remaining",
    "num_channels",
    "one_minus_smoothing",
    "smoothing",
    "smoothing_bits",
    "spectral_subtraction_bits",
)


@lowers(
    "SignalFilterBankSpectralSubtraction",
    types=same_types(DType.UINT32),
    takes="one dimension; the estimate of the noise is kept",
    refuses={"shifts that TFLite-Micro has no defined result for": "choose other bits"},
)
def lower_spectral_subtraction(ctx: LowerContext, op: Op) -> Lowered:
    (source,), (target, noise) = ports(ctx, op, 1, 2)
    values = dict(zip(_SUBTRACTION, integers(op, *_SUBTRACTION), strict=True))
    channels = values["num_channels"]
    for tensor in (source, target, noise):
        require_list(tensor, DType.UINT32, channels)
    require_shift(values["smoothing_bits"], "smoothing_bits", 32)
    require_shift(values["spectral_subtraction_bits"], "spectral_subtraction_bits", 64)

    def unsigned(*names: str) -> tuple[int, ...]:
        return tuple(values[name] & 0xFFFFFFFF for name in names)

    params: dict[str, ParamValue] = {
        "channels": channels,
        "smoothing": unsigned("smoothing", "alternate_smoothing"),
        "one_minus_smoothing": unsigned("one_minus_smoothing", "alternate_one_minus_smoothing"),
        "min_signal_remaining": unsigned("min_signal_remaining")[0],
        "smoothing_bits": values["smoothing_bits"],
        "bits": values["spectral_subtraction_bits"],
        "clamping": int(values["clamping"] != 0),
    }
    args = (In(source.id), Out(target.id), Out(noise.id), State(f"noise {op.label}", 4 * channels))
    call = KernelCall("tk_signal_spectral_subtraction_u32", params, args, in_place=((source.id, target.id),))
    return Lowered((call,))


_SEGMENTS = 128
_CURVE = np.array(
    [round(65536 * (math.log2(1 + i / _SEGMENTS) - i / _SEGMENTS)) for i in range(_SEGMENTS + 1)], np.uint16
)
"""What is between the binary logarithm and its chord, see tk_signal_log_u32.h."""


@lowers(
    "SignalFilterBankLog",
    types=((DType.UINT32, DType.INT16),),
    takes="one dimension",
    refuses={"correction bits outside of 0 to 31": "choose others"},
)
def lower_log(ctx: LowerContext, op: Op) -> Lowered:
    source, target = operands(ctx, op, 1)
    correction, scale = integers(op, "input_correction_bits", "output_scale")
    require_list(source, DType.UINT32)
    require_shape(target, source.shape, "input")
    require_shift(correction, "input_correction_bits", 32)
    params: dict[str, ParamValue] = {
        "count": source.size,
        "correction_bits": correction,
        "scale": scale & 0xFFFFFFFF,
        "curve": ConstArray("uint16_t", _CURVE, "tables"),
    }
    args = (In(source.id), Out(target.id))
    return Lowered((KernelCall("tk_signal_log_u32", params, args, in_place=((source.id, target.id),)),))
