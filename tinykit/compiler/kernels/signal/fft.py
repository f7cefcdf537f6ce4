"""SignalRfft and SignalIrfft: Fourier transforms of real numbers in int16, int32 and float32.

Source: KISS FFT as TFLite-Micro builds it. A transform of n real numbers is one of n / 2 complex numbers, in stages of
radix 4, then 2, 3 and 5, and one pass that takes even and odd numbers apart (or, back from frequencies, puts them
together before). In fixed point each stage divides by its radix, so that the order of stages and each rounding matter.
Each stage is a call of its own: a firmware has only the radices that its transforms need. They work in the output.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tinykit.compiler.kernels.base import (
    ConstArray,
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    ParamValue,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.checks import operands, require
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.graph.types import DType, Op, Tensor

_TYPES = same_types(DType.INT16, DType.INT32, DType.FLOAT32)
_SUFFIX = {DType.INT16: "s16", DType.INT32: "s32", DType.FLOAT32: "f32"}
_STAGES = 12
"""Most stages of an order, see tk_fft_order.h."""
_REFUSES = {
    "lengths that are 2, odd, above 65536, or have other prime factors than 2, 3 and 5": "use a power of two",
    "rows whose lengths do not follow from the length of the transform": "convert the model again",
}


@lowers(
    "SignalRfft",
    types=_TYPES,
    takes="any shape; shorter rows are padded with zeros",
    refuses=_REFUSES,
)
def lower_rfft(ctx: LowerContext, op: Op) -> Lowered:
    source, target, length, radices = _operands(ctx, op)
    row = source.shape[-1]
    require(row <= 2 * length, f"its rows of {row} are longer than the transform of {2 * length}", AGAIN)
    frames = _frames(source, target, row, 2 * length + 2)
    pair = 2 * np.dtype(source.dtype.numpy).itemsize
    load: dict[str, ParamValue] = {
        "order": _order(radices),
        "frames": frames,
        "row": row * pair // 2,
        "length": length,
        "pair": pair,
    }
    split: dict[str, ParamValue] = {
        "frames": frames,
        "length": length,
        "roots": _roots(source.dtype, length // 2, lambda k: -math.pi * ((k + 1) / length + 0.5)),
    }
    return Lowered(
        (
            KernelCall("tk_rfft_load", load, (In(source.id), Out(target.id))),
            *_stages(target, radices, frames, length + 1, inverse=False),
            KernelCall(f"tk_rfft_split_{_SUFFIX[source.dtype]}", split, (Out(target.id),)),
        )
    )


@lowers(
    "SignalIrfft",
    types=_TYPES,
    takes="any shape; of longer rows the beginning",
    refuses=_REFUSES,
)
def lower_irfft(ctx: LowerContext, op: Op) -> Lowered:
    source, target, length, radices = _operands(ctx, op)
    row = source.shape[-1]
    require(
        row % 2 == 0 and row >= 2 * length + 2,
        f"its rows of {row} are too short for a transform of {2 * length}",
        AGAIN,
    )
    frames = _frames(source, target, row, 2 * length)
    merge: dict[str, ParamValue] = {
        "order": _order(radices),
        "frames": frames,
        "row": row // 2,
        "length": length,
        "roots": _roots(source.dtype, length // 2, lambda k: math.pi * ((k + 1) / length + 0.5)),
    }
    calls = [
        KernelCall(f"tk_irfft_merge_{_SUFFIX[source.dtype]}", merge, (In(source.id), Out(target.id))),
        *_stages(target, radices, frames, length, inverse=True),
    ]
    if source.dtype is DType.FLOAT32:
        scale: dict[str, ParamValue] = {"count": target.size, "divisor": float(2 * length)}
        calls.append(KernelCall("tk_divide_f32", scale, (Out(target.id),)))
    return Lowered(tuple(calls))


def _operands(ctx: LowerContext, op: Op) -> tuple[Tensor, Tensor, int, list[int]]:
    """Input, output, complex numbers that are transformed, and the radices, outermost first."""
    source, target = operands(ctx, op, 1)
    kind, fft_length = integers(op, "T", "fft_length")
    require(kind == source.dtype.value, f"its type is {kind} and its input {source.dtype.label}", AGAIN)
    length = fft_length // 2
    require(
        fft_length % 2 == 0 and 2 <= length <= 32768,
        f"its length is {fft_length}",
        "use a power of two from 4 to 65536",
    )
    radices = factors(length)
    require(
        set(radices) <= {2, 3, 4, 5},
        f"its length {fft_length} has other prime factors than 2, 3 and 5",
        "use the next power of two",
    )
    require(bool(source.shape) and len(source.shape) == len(target.shape), "its shapes differ in rank", AGAIN)
    return source, target, length, radices


def factors(n: int) -> list[int]:
    """Radices of a transform: fours first, then twos, then odd ones."""
    found = []
    for radix in (4, 2, 3, 5):
        while n % radix == 0:
            found.append(radix)
            n //= radix
    return [*found, n] if n > 1 else found


def _frames(source: Tensor, target: Tensor, row: int, target_row: int) -> int:
    require(
        target.shape[-1] == target_row and source.size // row == target.size // target_row,
        f"its output {list(target.shape)} does not follow from input {list(source.shape)} and length",
        AGAIN,
    )
    return source.size // row


def _order(radices: list[int]) -> dict[str, ParamValue]:
    padding = [0] * (_STAGES - len(radices))
    weights = [math.prod(radices[i + 1 :]) for i in range(len(radices))]
    return {"radix": tuple(radices + padding), "weight": tuple(weights + padding)}


def _stages(target: Tensor, radices: list[int], frames: int, step: int, inverse: bool) -> list[KernelCall]:
    """The innermost stage first. All read one table of roots, as long as the outermost needs."""
    length = math.prod(radices)
    sign = 1 if inverse else -1
    used = 0
    for i, radix in enumerate(radices):
        blocks, run = math.prod(radices[:i]), math.prod(radices[i + 1 :])
        thirds = {3: run * blocks, 5: 2 * run * blocks}.get(radix, 0)
        used = max(used, (radix - 1) * (run - 1) * blocks, thirds)
    roots = _roots(target.dtype, used + 1, lambda i: sign * (2 * math.pi * i / length))
    calls = []
    for i in reversed(range(len(radices))):
        stage: dict[str, ParamValue] = {
            "frames": frames,
            "step": step,
            "blocks": math.prod(radices[:i]),
            "run": math.prod(radices[i + 1 :]),
            "inverse": int(inverse),
        }
        kernel = f"tk_fft_radix{radices[i]}_{_SUFFIX[target.dtype]}"
        calls.append(KernelCall(kernel, {"stage": stage, "roots": roots}, (Out(target.id),)))
    return calls


def _roots(dtype: DType, count: int, phase: Callable[[int], float]) -> ConstArray:
    """Pairs of cosine and sine, computed in double precision and rounded half up."""
    values = np.array([f(phase(k)) for k in range(count) for f in (math.cos, math.sin)], np.float64)
    if dtype is DType.FLOAT32:
        return ConstArray("float", values.astype(np.float32), "tables")
    bits, ctype = (15, "int16_t") if dtype is DType.INT16 else (31, "int32_t")
    return ConstArray(ctype, np.floor(0.5 + (2**bits - 1) * values).astype(dtype.numpy), "tables")
