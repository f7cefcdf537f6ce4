"""Operators of one variable, and conversions between types."""

from __future__ import annotations

from typing import Any

import numpy as np

from proof.case import Case, proves
from support.tflite_builder import ModelBuilder

_FLOAT_KINDS = ("CEIL", "COS", "EXP", "FLOOR", "LOG", "NEG", "ROUND", "SIN", "SQRT", "SQUARE")
_BREAKS = np.array(
    [
        0,
        -0.0,
        np.inf,
        -np.inf,
        np.nan,
        0.5,
        1.5,
        -0.5,
        -2.5,
        8388607.5,
        1e9,
        -1e9,
        1e30,
        -1e30,
        1e-30,
        88.7,
        -104,
        3,
        6,
    ],
    np.float32,
)
"""Values at which float functions break."""


def shape_of(rng: np.random.Generator, most: int = 5) -> tuple[int, ...]:
    """Of any rank, scalars among them, and any size, mostly small."""
    rank = int(rng.integers(0, most + 1))
    return (
        tuple(int(rng.choice([1, 1, 2, 3, 4, 5, 7, 17])) for _ in range(rank))
        if rank != 1
        else (int(rng.integers(1, 300)),)
    )


def scale_of(rng: np.random.Generator) -> float:
    """Mostly usual; of few cases extreme."""
    low, high = (-9, 8) if rng.random() < 0.1 else (-4, 1.5)
    return float(np.float32(10.0 ** rng.uniform(low, high)))


def near(rng: np.random.Generator, scale: float) -> float:
    """Another scale, mostly not far away."""
    far = 33 if rng.random() < 0.08 else 6
    return float(np.float32(scale * 2.0 ** rng.uniform(-far, far))) if rng.random() < 0.8 else scale


def zero_point_of(rng: np.random.Generator, dtype: str, symmetric: bool = False) -> int:
    """Often an extreme: clamps and saturation begin there. ``symmetric``: other than 0 only seldom, where refused."""
    limits = np.iinfo(dtype)
    if symmetric and rng.random() < 0.95:
        return 0
    return int(rng.choice([limits.min, limits.max, 0, *rng.integers(limits.min, limits.max, 4)]))


def values_of(rng: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """Over the whole range of the type, with what is special in it."""
    if dtype == "bool":
        return rng.random(shape) < 0.5
    if dtype == "float32":
        deviation = 10.0 ** rng.choice([-3, -1, 0, 0, 1, 1, 2, 3, 6])
        values = (rng.standard_normal(shape) * deviation).astype(np.float32)
        if rng.random() < 0.5:
            values = np.where(rng.random(shape) < 0.3, rng.choice(_BREAKS, shape), values)
        return np.asarray(values, np.float32)
    limits = np.iinfo(dtype)
    values = rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    near_zero = rng.integers(max(int(limits.min), -40), 40, shape).astype(dtype)
    ends = rng.choice(np.array([limits.min, limits.max, 0], dtype), shape)
    kinds = rng.choice(3, shape, p=[0.7, 0.2, 0.1])
    return np.asarray(np.choose(kinds, [values, near_zero, ends]), dtype)


def unary_case(
    rng: np.random.Generator,
    kind: str,
    source: str,
    target: str,
    quant_in: dict[str, Any],
    quant_out: dict[str, Any],
    chain: bool = False,
    given: np.ndarray | None = None,
    tolerance: float = 1e-6,
    **options: Any,
) -> Case:
    """A model of one operator, or of two in a ``chain`` or two beside each other, one of them with a constant."""
    model = ModelBuilder()
    shape = shape_of(rng)
    x = model.input(shape, source, **quant_in)
    out_shape = shape
    if rng.random() < 0.02 and len(shape) > 1:
        out_shape = (*shape[:-1], shape[-1] + 1)  # contradicts itself
    model.op(kind, [x], [y := model.output(out_shape, target, **quant_out)], **options)
    if chain and rng.random() < 0.3:
        model.outputs.pop()
        model.op(kind, [y], [model.output(out_shape, target, **quant_out)], **options)
    if rng.random() < 0.15:
        constant = values_of(rng, source, shape_of(rng)) if given is None else given
        a = model.const(constant, source, **quant_in)
        model.op(kind, [a], [model.output(constant.shape, target, **quant_out)], **options)
    runs = int(rng.integers(1, 5))
    return Case(model, [values_of(rng, source, (runs, *shape))], atol=tolerance)


def _unknown(rng: np.random.Generator, label: str, *others: str) -> str:
    """Seldom another type, which is refused."""
    return str(rng.choice(others)) if others and rng.random() < 0.02 else label


def _register_floats() -> None:
    for kind in _FLOAT_KINDS:

        @proves(kind, "float32")
        def float_case(rng: np.random.Generator, label: str, kind: str = kind) -> Case:
            dtype = _unknown(rng, label, "int8", "int32")
            quant = {} if dtype != "int8" else {"scale": 0.1, "zero_point": 3}
            # relative to tiny results, too: 1e-5 relative is the promise
            return unary_case(rng, kind, dtype, dtype, quant, quant, chain=True, tolerance=1e-30)


_register_floats()


def quantization(rng: np.random.Generator, dtype: str, scale: float, symmetric: bool = False) -> dict[str, Any]:
    if dtype in ("float32", "bool"):
        return {}
    return {"scale": scale, "zero_point": zero_point_of(rng, dtype, symmetric and dtype == "int16")}


def rescaling_case(
    rng: np.random.Generator,
    kind: str,
    dtype: str,
    symmetric: bool = False,
    wrong: tuple[str, ...] = (),
    **options: Any,
) -> Case:
    dtype = _unknown(rng, dtype, *wrong)
    scale = scale_of(rng)
    one = quantization(rng, dtype, scale, symmetric)
    two = quantization(rng, dtype, near(rng, scale), symmetric)
    return unary_case(rng, kind, dtype, dtype, one, two, chain=True, tolerance=1e-30, **options)


@proves("ABS", "int8", "int16", "float32")
def abs_case(rng: np.random.Generator, label: str) -> Case:
    if label == "int16" and rng.random() < 0.2:
        return unary_case(rng, "ABS", label, label, {}, {}, chain=True)
    return rescaling_case(rng, "ABS", label, symmetric=True, wrong=("int32", "uint8"))


@proves("RELU", "int8", "int16", "float32")
def relu_case(rng: np.random.Generator, label: str) -> Case:
    return rescaling_case(rng, "RELU", label, symmetric=True, wrong=("int32", "uint8"))


@proves("RELU6", "int8", "int16", "float32")
def relu6_case(rng: np.random.Generator, label: str) -> Case:
    return rescaling_case(rng, "RELU6", label, wrong=("int32", "uint8"))


@proves("LEAKY_RELU", "int8", "int16", "float32")
def leaky_relu_case(rng: np.random.Generator, label: str) -> Case:
    alpha = float(rng.choice([0.0, 0.01, 0.1, 0.3, 1.0, 2.5, -0.5, rng.standard_normal(), 1e-9, 100.0]))
    return rescaling_case(rng, "LEAKY_RELU", label, wrong=("int32", "uint8"), alpha=alpha)


@proves("ELU", "int8", "float32")
def elu_case(rng: np.random.Generator, label: str) -> Case:
    return rescaling_case(rng, "ELU", label, wrong=("int16", "uint8"))


@proves("HARD_SWISH", "int8", "float32")
def hard_swish_case(rng: np.random.Generator, label: str) -> Case:
    return rescaling_case(rng, "HARD_SWISH", label, wrong=("int16", "int32"))


@proves("RSQRT", "int8", "int16", "float32")
def rsqrt_case(rng: np.random.Generator, label: str) -> Case:
    """TFLite-Micro stops at a negative number: there are none."""
    if label == "float32":
        return unary_case(rng, "RSQRT", label, label, {}, {}, chain=True, tolerance=1e-30)
    scale = scale_of(rng)
    zero = 0 if label == "int16" and rng.random() < 0.95 else int(rng.choice([-128, -120, -100, -3, 0, 50, 127]))
    out = float(np.float32(2.0 ** rng.uniform(-12, 2) / np.sqrt(scale)))
    if rng.random() < 0.1:
        out = scale_of(rng)
    model = ModelBuilder()
    shape = shape_of(rng)
    x = model.input(shape, label, scale=scale, zero_point=zero)
    y = model.output(shape, label, scale=out, zero_point=zero_point_of(rng, label, label == "int16"))
    model.op("RSQRT", [x], [y])
    return Case(model, [np.maximum(values_of(rng, label, (3, *shape)), np.array(zero, label))])


def _sigmoid_case(rng: np.random.Generator, kind: str, label: str) -> Case:
    if label == "float32":
        return unary_case(rng, kind, label, label, {}, {}, chain=True, tolerance=1e-30)
    scale = scale_of(rng) if label == "int8" or rng.random() < 0.1 else float(np.float32(10.0 ** rng.uniform(-9, 0.72)))
    if rng.random() < 0.3:
        scale = float(np.float32(2.0 ** rng.integers(-16, 3) * rng.choice([1, 1, 1.0003, 1.01])))
    if label == "int16":
        out = 2.0**-15 * (2.0 if rng.random() < 0.03 else rng.choice([1, 1.0005]))
        out_zero = zero_point_of(rng, label, symmetric=True)
    else:
        out, out_zero = (1 / 256, -128) if kind == "LOGISTIC" else (1 / 128, 0)
        if rng.random() < 0.05:  # TANH does not look at it
            out, out_zero = scale_of(rng), zero_point_of(rng, label)
    one = quantization(rng, label, scale, symmetric=True)
    return unary_case(rng, kind, label, label, one, {"scale": float(out), "zero_point": out_zero})


@proves("LOGISTIC", "int8", "int16", "float32")
def logistic_case(rng: np.random.Generator, label: str) -> Case:
    return _sigmoid_case(rng, "LOGISTIC", label)


@proves("TANH", "int8", "int16", "float32")
def tanh_case(rng: np.random.Generator, label: str) -> Case:
    return _sigmoid_case(rng, "TANH", label)


@proves("LOGICAL_NOT", "bool")
def logical_not_case(rng: np.random.Generator, label: str) -> Case:
    dtype = _unknown(rng, label, "int8", "float32")
    return unary_case(rng, "LOGICAL_NOT", dtype, dtype, {}, {}, chain=True)


_CASTS = ("int8", "int16", "int32", "uint32", "bool", "float32")


@proves("CAST", *(f"{source} to {target}" for source in _CASTS for target in _CASTS))
def cast_case(rng: np.random.Generator, label: str) -> Case:
    source, target = label.split(" to ")
    return unary_case(rng, "CAST", source, _unknown(rng, target, "int64", "uint8"), {}, {})


_QUANTIZE = (
    *("float32 to int8", "float32 to int16", "int8 to int8", "int8 to uint8", "int8 to int16", "int8 to int32"),
    *("int16 to int8", "int16 to int16", "int16 to int32", "int32 to int8", "int32 to int16", "uint8 to int8"),
)


@proves("QUANTIZE", *_QUANTIZE)
def quantize_case(rng: np.random.Generator, label: str) -> Case:
    """Floats stay where their conversion to int32 is defined: beyond, ours saturate on every machine."""
    source, target = label.split(" to ")
    target = _unknown(rng, target, "int64", "bool")
    scale = scale_of(rng)
    one = quantization(rng, source, scale)
    if source == "uint8" and rng.random() < 0.2:
        one = {"scale": scale, "zero_point": 128}
    two = quantization(rng, target, near(rng, scale)) if target not in ("int64", "bool") else {}
    if source != "float32" or not two:
        return unary_case(rng, "QUANTIZE", source, target, one, two)

    def steps(shape: tuple[int, ...]) -> np.ndarray:
        """Around every step and exactly at ties, within what the output holds and beyond."""
        span = 400 if target == "int8" else 80000
        halves = rng.integers(-span, span, shape) / 2
        halves = halves + rng.choice([0, 0, 1e-6, -1e-6, 0.1, 1e6, -1e6], shape)
        return np.asarray(halves * np.float32(two["scale"]), np.float32)

    case = unary_case(rng, "QUANTIZE", source, target, one, two, given=steps(shape_of(rng)))
    assert case.inputs is not None
    return Case(case.model, [steps(case.inputs[0].shape)])


@proves("DEQUANTIZE", "int8 to float32", "int16 to float32", "uint8 to float32")
def dequantize_case(rng: np.random.Generator, label: str) -> Case:
    source = _unknown(rng, label.split(" to ")[0], "int32", "bool")
    return unary_case(rng, "DEQUANTIZE", source, "float32", quantization(rng, source, scale_of(rng)), {})


@proves("ZEROS_LIKE", "int8", "int32", "int64", "float32")
def zeros_like_case(rng: np.random.Generator, label: str) -> Case:
    dtype = _unknown(rng, label, "int16", "bool")
    quant = quantization(rng, dtype, 0.1) if dtype == "int8" and rng.random() < 0.5 else {}
    return unary_case(rng, "ZEROS_LIKE", dtype, dtype, quant, quant)


@proves("FILL", *(f"{d} to {v}" for d in ("int8", "int16", "int32", "int64") for v in ("int8", "int32", "float32")))
def fill_case(rng: np.random.Generator, label: str) -> Case:
    """The dimensions seldom do not fit the output, or are computed: TFLite-Micro refuses both."""
    dimensions, value = label.split(" to ")
    value = _unknown(rng, value, "int16", "bool")
    shape = tuple(min(size, np.iinfo(dimensions).max - 1) for size in shape_of(rng))
    if rng.random() < 0.9:  # scalars are done by tinykit alone
        shape = shape or (3,)
    model, inputs = ModelBuilder(), []
    stated = np.array([*shape[:-1], shape[-1] + 1] if shape and rng.random() < 0.03 else shape, dimensions)
    if rng.random() < 0.97 or not shape:
        sizes = model.const(stated)
    else:
        sizes = model.input(stated.shape, dimensions)
        inputs.append(np.tile(stated, (2, 1)))
    scalar = () if rng.random() < 0.97 else (1,)
    quant = quantization(rng, value, 0.1) if value == "int8" else {}
    if rng.random() < 0.5:
        given = model.const(values_of(rng, value, scalar), value, **quant)
        if not inputs:  # a model has to have one
            model.op("NEG", [model.input((3,), "float32")], [model.output((3,), "float32")])
            inputs.append(values_of(rng, "float32", (2, 3)))
    else:
        given = model.input(scalar, value, **quant)
        inputs.append(values_of(rng, value, (2, *scalar)))
    model.op("FILL", [sizes, given], [model.output(shape, value, **quant)])
    return Case(model, inputs, extension=None if shape else "also none for a scalar")


def _broadcast_pair(rng: np.random.Generator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Mostly an input and an alpha of fewer or smaller dimensions; seldom an input that is repeated."""
    full = tuple(int(rng.choice([1, 2, 3, 5, 8])) for _ in range(int(rng.integers(1, 5))))
    alpha = tuple(1 if rng.random() < 0.4 else size for size in full)[int(rng.integers(0, len(full) + 1)) :]
    if rng.random() < 0.4:
        alpha = full[-1:]
    source = full
    if rng.random() < 0.2:
        source = tuple(1 if rng.random() < 0.3 else size for size in full)
    return (alpha, source) if rng.random() < 0.1 else (source, alpha)


@proves("PRELU", "int8", "int16", "float32")
def prelu_case(rng: np.random.Generator, label: str) -> Case:
    shape, alpha_shape = _broadcast_pair(rng)
    dtype = "float32" if label == "float32" else "int8"
    if label == "int16":
        dtype = _unknown(rng, dtype, "int16")
    scale, alpha_scale = scale_of(rng), float(np.float32(10.0 ** rng.uniform(-4, 0)))
    quant = quantization(rng, dtype, alpha_scale)
    model = ModelBuilder()
    x = model.input(shape, label, **quantization(rng, label, scale))
    inputs = [values_of(rng, label, (2, *shape))]
    values = values_of(rng, dtype, (2, *alpha_shape))
    if rng.random() < 0.6:
        alpha = model.const(values[0], dtype, **quant)
    else:
        alpha = model.input(alpha_shape, dtype, **quant)
        inputs.append(values)
    out_shape = np.broadcast_shapes(shape, alpha_shape)
    y = model.output(out_shape, label, **quantization(rng, label, near(rng, scale)))
    model.op("PRELU", [x, alpha], [y])
    return Case(model, inputs, atol=1e-30)
