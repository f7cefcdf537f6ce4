"""Random models of TFLite-Micro's signal library.

Nothing is drawn that crashes TFLite-Micro or makes it write beyond its tensors (transforms of other prime factors than
2, 3 and 5, a type that it has no transform of, frames shorter than their step that are prefilled): a proof would end
there. What it leaves unwritten has no defined value; it is cut off, or taken times 0, as int32.
"""

from __future__ import annotations

import numpy as np
from flatbuffers import flexbuffers

from proof.case import Case, proves
from support.tflite_builder import ModelBuilder

_TYPE = {"int16": 7, "int32": 2, "float32": 0}


def custom(model: ModelBuilder, kind: str, inputs: list[int], outputs: list[int], **options: int | bool) -> None:
    """Append an operator of the signal library."""
    packed = bytes(flexbuffers.Dumps(dict(options))) if options else b""
    model.op("CUSTOM", inputs, outputs, custom_code=kind, custom_options=packed)


def samples(rng: np.random.Generator, runs: int, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Noise of any loudness for each run, some at the limits of the type, some silent."""
    info = np.iinfo(dtype)
    bits = rng.integers(0, info.bits + 1, (runs,) + (1,) * len(shape))
    values = rng.integers(info.min, info.max, (runs, *shape), dtype, endpoint=True)
    quiet = (values.astype(object) >> bits).astype(dtype) if info.bits > 32 else values >> bits.astype(values.dtype)
    quiet = np.where(bits >= info.bits, np.zeros_like(values), quiet)
    limits = rng.choice(np.array([info.min, info.max, 0], dtype), (runs, *shape))
    return np.where(rng.random(quiet.shape) < 0.02, limits, quiet).astype(dtype)


def _outer(rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(int(d) for d in rng.integers(1, 4, rng.integers(0, 3)))


def _length(rng: np.random.Generator) -> int:
    """Of a transform: a product of 2, 3 and 5, mostly a power of two."""
    if rng.random() < 0.5:
        return int(2 ** rng.integers(2, 11))
    length = 4
    while length < 600 and rng.random() < 0.8:
        length *= int(rng.choice([2, 3, 5]))
    return length if rng.random() < 0.5 or length % 4 else length // 2 * 3


def _spectrum(rng: np.random.Generator, runs: int, shape: tuple[int, ...], label: str) -> np.ndarray:
    if label == "float32":
        return rng.uniform(-1, 1, (runs, *shape)).astype(np.float32)
    return samples(rng, runs, shape, label)


@proves("SignalRfft", "int16", "int32", "float32")
def rfft(rng: np.random.Generator, label: str) -> Case:
    model, length, outer = ModelBuilder(), _length(rng), _outer(rng)
    row = length if rng.random() < 0.5 else int(rng.integers(1, length + 1))
    wrong = rng.random() < 0.05
    x = model.input((*outer, row), "int8" if wrong else label)
    y = model.output((*outer, length + 2), label)
    custom(model, "SignalRfft", [x], [y], T=_TYPE[label], fft_length=length)
    if wrong:
        return Case(model)
    # sums of a thousand values around 1: what cancels out keeps their error
    return Case(model, [_spectrum(rng, 3, (*outer, row), label)], atol=1e-4)


@proves("SignalIrfft", "int16", "int32", "float32")
def irfft(rng: np.random.Generator, label: str) -> Case:
    model, length, outer = ModelBuilder(), _length(rng), _outer(rng)
    row = length + 2 + (int(rng.integers(0, 4)) * 2 if rng.random() < 0.2 else 0)
    x = model.input((*outer, row), label)
    y = model.output((*outer, length), "int8" if rng.random() < 0.05 else label)
    custom(model, "SignalIrfft", [x], [y], T=_TYPE[label], fft_length=length)
    return Case(model, [_spectrum(rng, 3, (*outer, row), label)])


@proves("SignalWindow", "int16")
def window(rng: np.random.Generator, label: str) -> Case:
    model, length, outer = ModelBuilder(), int(rng.integers(1, 600)), _outer(rng)
    weights = samples(rng, 3, (length,), "int16")
    x = model.input((*outer, length), "int16")
    inputs = [samples(rng, 3, (*outer, length), "int16")]
    if rng.random() < 0.3:
        w = model.input((length,), "int16")
        inputs.append(weights)
    else:
        w = model.const(weights[0])
    wrong = rng.random() < 0.05
    y = model.output((*outer, 1, length) if wrong else (*outer, length), "int16")
    custom(model, "SignalWindow", [x, w], [y], shift=int(rng.integers(0, 32) if rng.random() < 0.3 else 12))
    return Case(model, inputs)


@proves("SignalFftAutoScale", "int16")
def auto_scale(rng: np.random.Generator, label: str) -> Case:
    model, length = ModelBuilder(), int(rng.integers(1, 600))
    shape = (length,) if rng.random() > 0.05 else (1, length)
    x = model.input(shape, "int16")
    custom(model, "SignalFftAutoScale", [x], [model.output(shape, "int16"), model.output((), "int32")])
    return Case(model, [samples(rng, 6, shape, "int16")])


@proves("SignalEnergy", "int16")
def energy(rng: np.random.Generator, label: str) -> Case:
    model, length = ModelBuilder(), int(rng.integers(1, 300))
    x = model.input((2 * length,), "int16")
    inputs = [samples(rng, 3, (2 * length,), "int16")]
    if rng.random() < 0.5:
        y = model.output((length,) if rng.random() > 0.05 else (1, length), "uint32")
        custom(model, "SignalEnergy", [x], [y], start_index=0, end_index=length)
        return Case(model, inputs)
    start = int(rng.integers(0, length))
    end = int(rng.integers(start + 1, length + 1))
    y, plain = model.tensor((length,), "uint32"), model.tensor((length,), "int32")
    custom(model, "SignalEnergy", [x], [y], start_index=start, end_index=end)
    model.op("CAST", [y], [plain])
    bounds = [model.const(np.array([value], np.int32)) for value in (start, end, 1)]
    model.op("STRIDED_SLICE", [plain, *bounds], [model.output((end - start,), "int32")])
    return Case(model, inputs)


def where_valid(model: ModelBuilder, source: int, shape: tuple[int, ...], valid: int) -> None:
    """An output of the model: ``source`` times ``valid``."""
    factors = [model.tensor(shape, "int32"), model.tensor((), "int32")]
    for tensor, factor in zip((source, valid), factors, strict=True):
        model.op("CAST", [tensor], [factor])
    model.op("MUL", factors, [model.output(shape, "int32")])


@proves("SignalFilterBank", "uint32")
def filter_bank(rng: np.random.Generator, label: str) -> Case:
    model, length, channels = ModelBuilder(), int(rng.integers(8, 300)), int(rng.integers(1, 50))
    count = int(rng.integers(8, 400))
    widths = rng.integers(0, 8, channels + 1).astype(np.int16)
    starts = rng.integers(0, length - 7, channels + 1).astype(np.int16)
    weight_starts = rng.integers(0, count - 7, channels + 1).astype(np.int16)
    weights = [samples(rng, 3, (count,), "int16") for _ in range(2)]
    if rng.random() < 0.5:
        weights = [np.abs(w >> 3) for w in weights]
    if rng.random() < 0.3:  # widened with weights of 0 beyond the spectrum
        starts[-1], weight_starts[-1], widths[-1] = length - 3, count - 7, 7
        for values in weights:
            values[:, -4:] = 0
    x = model.input((length,), "uint32")
    inputs = [samples(rng, 3, (length,), "uint32")]
    tables = []
    for values in weights:
        if rng.random() < 0.1 and starts[-1] + widths[-1] <= length:
            tables.append(model.input((count,), "int16"))
            inputs.append(values)
        else:
            tables.append(model.const(values[0]))
    tables += [model.const(values) for values in (starts, weight_starts, widths)]
    y = model.output((channels,) if rng.random() > 0.05 else (1, channels), "uint64")
    custom(model, "SignalFilterBank", [x, *tables], [y], num_channels=channels)
    return Case(model, inputs)


@proves("SignalFilterBankSquareRoot", "uint64")
def square_root(rng: np.random.Generator, label: str) -> Case:
    model, length = ModelBuilder(), int(rng.integers(1, 80))
    x = model.input((length,), "uint64")
    bits = model.input((), "int32")
    y = model.output((length,) if rng.random() > 0.05 else (1, length), "uint32")
    custom(model, "SignalFilterBankSquareRoot", [x, bits], [y])
    values = samples(rng, 6, (length,), "uint64")
    # next to squares, and to half between two of them
    roots = samples(rng, 6, (length,), "uint32").astype(np.uint64)
    near = roots * roots + rng.choice(np.array([0, 1], np.uint64), roots.shape) * roots
    near += rng.integers(-2, 3, near.shape).astype(np.uint64)
    return Case(model, [np.where(rng.random(values.shape) < 0.5, near, values), rng.integers(0, 32, 6, np.int32)])


@proves("SignalFilterBankSpectralSubtraction", "uint32")
def spectral_subtraction(rng: np.random.Generator, label: str) -> Case:
    model, channels = ModelBuilder(), int(rng.integers(1, 60))
    bits = int(rng.integers(0, 31) if rng.random() < 0.3 else 14)
    smoothing, alternate, remaining = (int(v) for v in rng.integers(0, (1 << bits) + 1, 3))
    wrong = rng.random() < 0.05
    x = model.input((channels,), "uint32")
    shape = (1, channels) if wrong else (channels,)
    outputs = [model.output(shape, "uint32"), model.output((channels,), "uint32")]
    custom(
        model,
        "SignalFilterBankSpectralSubtraction",
        [x],
        outputs,
        alternate_one_minus_smoothing=(1 << bits) - alternate,
        alternate_smoothing=alternate,
        clamping=bool(rng.integers(2)),
        min_signal_remaining=remaining,
        num_channels=channels,
        one_minus_smoothing=(1 << bits) - smoothing,
        smoothing=smoothing,
        smoothing_bits=int(rng.integers(0, 32) if rng.random() < 0.3 else 10),
        spectral_subtraction_bits=bits,
    )
    return Case(model, [samples(rng, 8, (channels,), "uint32")])


@proves("SignalPCAN", "uint32")
def pcan(rng: np.random.Generator, label: str) -> Case:
    model, channels = ModelBuilder(), int(rng.integers(1, 60))
    inputs = [model.input((channels,), "uint32"), model.input((channels,), "uint32")]
    gains = model.const(samples(rng, 1, (125,), "int16")[0] if rng.random() < 0.5 else gain_table(rng.uniform(0, 1)))
    y = model.output((channels,) if rng.random() > 0.05 else (1, channels), "uint32")
    shift = int(rng.integers(0, 64) if rng.random() < 0.3 else 6)
    custom(model, "SignalPCAN", [*inputs, gains], [y], snr_shift=shift)
    return Case(model, [samples(rng, 5, (channels,), "uint32") for _ in range(2)])


def gain_table(strength: float, offset: float = 80.0, input_bits: int = 7, gain_bits: int = 21) -> np.ndarray:
    """Of PCAN: gain 2^gain_bits * (noise / 2^input_bits + offset)^-strength as parabolas, in int16 [125]."""

    def gain(x: int) -> int:
        value = 2.0**gain_bits * (x / 2.0**input_bits + offset) ** -strength
        return min(int(value + 0.5), 32767)

    table = [gain(0), gain(1)]
    for bits in range(2, 33):
        low = 1 << (bits - 1)
        y0, y1, y2 = gain(low), gain(low + (low >> 1)), gain(2 * low - (bits == 32))
        slope = 4 * (y1 - y0) - (y2 - y0)
        table += [y0, slope, (y2 - y0) - slope, 0]
    return np.array(table[:125], np.int64).astype(np.int16)


@proves("SignalFilterBankLog", "uint32")
def filter_bank_log(rng: np.random.Generator, label: str) -> Case:
    model, length = ModelBuilder(), int(rng.integers(1, 600))
    x = model.input((length,), "uint32")
    y = model.output((length,) if rng.random() > 0.05 else (1, length), "int16")
    scale = int(rng.integers(-(2**31), 2**31)) if rng.random() < 0.2 else int(rng.integers(1, 4000))
    correction = int(rng.integers(0, 32)) if rng.random() < 0.3 else int(rng.integers(0, 5))
    custom(model, "SignalFilterBankLog", [x], [y], input_correction_bits=correction, output_scale=scale)
    return Case(model, [samples(rng, 6, (length,), "uint32")])


@proves("SignalFramer", "int16")
def framer(rng: np.random.Generator, label: str) -> Case:
    model, outer, step = ModelBuilder(), _outer(rng), int(rng.integers(1, 40))
    prefill = bool(rng.integers(2))
    size = int(rng.integers(step if prefill else 1, 160))
    frames = int(rng.integers(1, 4))
    row = frames * step + (1 if rng.random() < 0.05 and step > 1 else 0)
    x = model.input((*outer, row), "int16")
    shape = (*outer, frames, size)
    framed, valid = model.tensor(shape, "int16"), model.output((), "bool")
    custom(model, "SignalFramer", [x], [framed, valid], frame_size=size, frame_step=step, prefill=prefill)
    where_valid(model, framed, shape, valid)
    return Case(model, [samples(rng, 8, (*outer, row), "int16")])


@proves("SignalStacker", "int16")
def stacker(rng: np.random.Generator, label: str) -> Case:
    model, channels = ModelBuilder(), int(rng.integers(1, 40))
    left, right = (int(v) for v in rng.integers(0, 4, 2))
    total = left + 1 + right
    x = model.input((channels,) if rng.random() > 0.05 else (1, channels), "int16")
    stacked, valid = model.tensor((channels * total,), "int16"), model.output((), "bool")
    custom(
        model,
        "SignalStacker",
        [x],
        [stacked, valid],
        num_channels=channels,
        stacker_left_context=left,
        stacker_right_context=right,
        stacker_step=int(rng.integers(1, total + 1)),
    )
    where_valid(model, stacked, (channels * total,), valid)
    return Case(model, [samples(rng, 12, (channels,), "int16")])


@proves("SignalDelay", "int16")
def delay(rng: np.random.Generator, label: str) -> Case:
    model, shape = ModelBuilder(), (*_outer(rng), int(rng.integers(1, 60)))
    x = model.input(shape, "int16")
    y = model.output(shape, "int16" if rng.random() > 0.05 else "int32")
    custom(model, "SignalDelay", [x], [y], delay_length=int(rng.integers(0, 150)))
    return Case(model, [samples(rng, 8, shape, "int16")])


@proves("SignalOverlapAdd", "int16", "float32")
def overlap_add(rng: np.random.Generator, label: str) -> Case:
    model, outer, frames, size = ModelBuilder(), _outer(rng), int(rng.integers(1, 4)), int(rng.integers(1, 80))
    step = int(rng.integers(1, size + 1))
    x = model.input((*outer, frames, size), label)
    y = model.output((*outer, frames * step) if rng.random() > 0.05 else (1, *outer, frames * step), label)
    custom(model, "SignalOverlapAdd", [x], [y], T=_TYPE[label], frame_step=step)
    return Case(model, [_spectrum(rng, 8, (*outer, frames, size), label)])
