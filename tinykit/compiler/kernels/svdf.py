"""SVDF: a layer of filters over the inputs of the last steps, which it keeps."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import (
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    Overlap,
    ParamValue,
    Variable,
    lowers,
)
from tinykit.compiler.kernels.checks import (
    CONVERT_AGAIN,
    float_clamp,
    input_tensor,
    int8_quantization,
    quantization,
    require,
    require_shape,
    scale_multiplier,
    uint16,
)
from tinykit.graph.options import Activation, SvdfOptions
from tinykit.graph.types import DType, Op, Tensor

_BIAS_TOLERANCE = 1e-5
"""Of TFLite-Micro: how far the bias's scale may be from the product of those of state and weights of time."""


@lowers(
    "SVDF",
    takes="any batch, rank and memory; int8 with int8 or int16 state and weights of time, for which a fused activation"
    " is ignored as TFLite-Micro does; weights may be computed",
    refuses={
        "no bias": "give it one of zeros",
        "an int8 bias whose scale is not that of state and weights of time": CONVERT_AGAIN,
    },
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``svdf_common.cc`` of TFLite-Micro."""
    assert isinstance(op.options, SvdfOptions)
    require(len(op.inputs) == 5, f"it has {len(op.inputs)} inputs instead of 5", CONVERT_AGAIN)
    names = ("input", "weights of features", "weights of time", "bias", "state")
    source, feature, time, bias, state = (input_tensor(ctx, op, i, name) for i, name in enumerate(names))
    target = ctx.graph.output(op)
    for tensor, name in ((source, "input"), (feature, "weights of features"), (time, "weights of time")):
        require(len(tensor.shape) == 2, f"its {name} has {len(tensor.shape)} dimensions instead of 2", CONVERT_AGAIN)
    (batches, inputs), (filters, memory), rank = source.shape, time.shape, op.options.rank
    require(rank > 0 and filters % rank == 0, f"its {filters} filters are no multiple of rank {rank}", CONVERT_AGAIN)
    units = filters // rank
    for tensor, name, shape in (
        (feature, "weights of features", (filters, inputs)),
        (bias, "bias", (units,)),
        (state, "state", (batches, memory * filters)),
    ):
        require(tensor.shape == shape, f"its {name} is {list(tensor.shape)} instead of {list(shape)}", CONVERT_AGAIN)
    require_shape(target, (batches, units), "filters and rank")
    require(state.is_variable, "its state is no variable tensor", CONVERT_AGAIN)
    sizes: dict[str, ParamValue] = {
        "batches": uint16(batches, "batch count"),
        "inputs": uint16(inputs, "input size"),
        "units": uint16(units, "output size"),
        "rank": uint16(rank, "rank"),
        "memory": uint16(memory, "memory"),
    }
    if source.dtype is DType.FLOAT32:
        _require_types((feature, time, bias, state), (DType.FLOAT32,) * 4)
        kernel, params = _float(op.options.activation, sizes)
    else:
        _require_types((feature, bias), (DType.INT8, DType.INT32))
        require(
            time.dtype is state.dtype and time.dtype in (DType.INT8, DType.INT16),
            f"its weights of time are {time.dtype.label} and its state {state.dtype.label}",
            "use int8 or int16 for both",
        )
        kernel = "tk_svdf_s8" if state.dtype is DType.INT8 else "tk_svdf_s16"
        params = {**sizes, **_integer(source, feature, time, bias, state, target)}
    args = (In(source.id), In(feature.id), In(time.id), In(bias.id), Variable(state.id), Out(target.id))
    # Outputs are written after all inputs were read, so they may lie anywhere.
    return Lowered((KernelCall(kernel, params, args, overlaps=(Overlap(source.id, target.id, -target.nbytes),)),))


def _require_types(tensors: tuple[Tensor, ...], expected: tuple[DType, ...]) -> None:
    for tensor, dtype in zip(tensors, expected, strict=True):
        require(
            tensor.dtype is dtype,
            f"its {tensor.name!r} is {tensor.dtype.label} instead of {dtype.label}",
            CONVERT_AGAIN,
        )


def _float(activation: Activation, sizes: dict[str, ParamValue]) -> tuple[str, dict[str, ParamValue]]:
    if activation is Activation.NONE:
        return "tk_svdf_f32", sizes
    if activation is Activation.TANH:
        return "tk_svdf_tanh_f32", {"sums": sizes}
    if activation is Activation.SIGN_BIT:
        return "tk_svdf_signbit_f32", {"sums": sizes}
    low, high = float_clamp(activation)
    return "tk_svdf_clamp_f32", {"sums": sizes, "low": low, "high": high}


def _integer(
    source: Tensor, feature: Tensor, time: Tensor, bias: Tensor, state: Tensor, target: Tensor
) -> dict[str, ParamValue]:
    """Scales are multiplied in double precision."""
    q_in, q_state, q_out = int8_quantization(source), quantization(state), int8_quantization(target)
    features = float(q_in.scale) * float(quantization(feature).scale) / float(q_state.scale)
    sums = float(q_state.scale) * float(quantization(time).scale)
    found = quantization(bias).scale
    require(
        abs(float(found) - sums) < _BIAS_TOLERANCE,
        f"its bias has scale {found}, but state and weights of time {sums}",
        CONVERT_AGAIN,
    )
    limits = np.iinfo(np.int8 if state.dtype is DType.INT8 else np.int16)
    require(
        limits.min <= q_state.zero_point <= limits.max, f"its state has zero point {q_state.zero_point}", CONVERT_AGAIN
    )
    feature_multiplier, feature_shift = scale_multiplier(features)
    output_multiplier, output_shift = scale_multiplier(sums / float(q_out.scale))
    return {
        "input_zero_point": q_in.zero_point,
        "state_zero_point": q_state.zero_point,
        "output_zero_point": q_out.zero_point,
        "feature_multiplier": feature_multiplier,
        "feature_shift": feature_shift,
        "output_multiplier": output_multiplier,
        "output_shift": output_shift,
    }
