"""An audio front end as TFLite-Micro's micro_speech example has it, and a model that listens with it."""

from __future__ import annotations

import itertools

import numpy as np

from proof.ops.signal import custom, gain_table
from support.tflite_builder import ModelBuilder

RATE = 16000
WINDOW = 480
STEP = 320
CHANNELS = 40
_FFT = 512
_BINS = _FFT // 2 + 1
_LOW, _HIGH = 125.0, 7500.0


def front_end(model: ModelBuilder, frame: int, *, output: bool) -> int:
    """Features, int8 [CHANNELS], of a frame, int16 [1, WINDOW]: all the steps that the example's converter makes."""

    def value(shape: tuple[int, ...], dtype: str) -> int:
        return model.tensor(shape, dtype)

    windowed, flat, scaled = value((1, WINDOW), "int16"), value((WINDOW,), "int16"), value((WINDOW,), "int16")
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)
    custom(model, "SignalWindow", [frame, model.const(np.rint(hann * 4096).astype(np.int16))], [windowed], shift=12)
    model.op("RESHAPE", [windowed, model.const(np.array([WINDOW], np.int32))], [flat])
    bits = value((), "int32")
    custom(model, "SignalFftAutoScale", [flat], [scaled, bits])
    spectrum, energy = value((2 * _BINS,), "int16"), value((_BINS,), "uint32")
    custom(model, "SignalRfft", [scaled], [spectrum], T=7, fft_length=_FFT)
    filters, start, end = _filters()
    custom(model, "SignalEnergy", [spectrum], [energy], start_index=start, end_index=end)
    energy = _only(model, energy, start, end)
    bank, roots = value((CHANNELS,), "uint64"), value((CHANNELS,), "uint32")
    custom(model, "SignalFilterBank", [energy, *(model.const(f) for f in filters)], [bank], num_channels=CHANNELS)
    custom(model, "SignalFilterBankSquareRoot", [bank, bits], [roots])
    clean, noise, even = (value((CHANNELS,), "uint32") for _ in range(3))
    custom(
        model,
        "SignalFilterBankSpectralSubtraction",
        [roots],
        [clean, noise],
        smoothing=409,
        one_minus_smoothing=16384 - 409,
        alternate_smoothing=983,
        alternate_one_minus_smoothing=16384 - 983,
        min_signal_remaining=819,
        clamping=False,
        smoothing_bits=10,
        spectral_subtraction_bits=14,
        num_channels=CHANNELS,
    )
    custom(model, "SignalPCAN", [clean, noise, model.const(gain_table(0.95))], [even], snr_shift=6)
    logs = value((CHANNELS,), "int16")
    custom(model, "SignalFilterBankLog", [even], [logs], output_scale=64, input_correction_bits=3)
    return _quantized(model, logs, output=output)


def _only(model: ModelBuilder, energy: int, start: int, end: int) -> int:
    """Zeros outside of the range, by the detour that the example takes."""
    signed, part, whole = (model.tensor((n,), "int32") for n in (_BINS, end - start, _BINS))
    model.op("CAST", [energy], [signed])
    model.op("STRIDED_SLICE", [signed, *(model.const(np.array([n], np.int32)) for n in (start, end, 1))], [part])
    head, tail = (model.const(np.zeros(n, np.int32)) for n in (start, _BINS - end))
    model.op("CONCATENATION", [head, part, tail], [whole], axis=0)
    again = model.tensor((_BINS,), "uint32")
    model.op("CAST", [whole], [again])
    return again


def _quantized(model: ModelBuilder, logs: int, *, output: bool) -> int:
    """(x * 256 + 333) / 666 - 128, clamped to int8."""
    steps = [model.tensor((CHANNELS,), "int32") for _ in range(7)]
    model.op("CAST", [logs], [steps[0]])
    for number, (kind, operand) in enumerate(
        [("MUL", 256), ("ADD", 333), ("DIV", 666), ("ADD", -128), ("MAXIMUM", -128), ("MINIMUM", 127)]
    ):
        model.op(kind, [steps[number], model.const(np.array(operand, np.int32))], [steps[number + 1]])
    features = (model.output if output else model.tensor)((CHANNELS,), "int8", scale=0.1, zero_point=-128)
    model.op("CAST", [steps[-1]], [features])
    return features


def _filters() -> tuple[list[np.ndarray], int, int]:
    """Triangles, equally wide in mel: weights, unweights, starts, starts of weights and widths; the range they need."""

    def mel(frequency: float) -> float:
        return float(1127.0 * np.log1p(frequency / 700.0))

    hertz = RATE / 2 / (_BINS - 1)
    centers = np.linspace(mel(_LOW), mel(_HIGH), CHANNELS + 2)
    start = round(1 + _LOW / hertz)
    weights, starts, weight_starts, widths = [], [], [], []
    at = start
    for low, center in itertools.pairwise(centers):
        starts.append(at)
        weight_starts.append(len(weights))
        while mel(at * hertz) <= center:
            weights.append((center - mel(at * hertz)) / (center - low))
            at += 1
        widths.append(at - starts[-1])
    rising = [int(w * 4096) for w in weights]
    falling = [int((1 - w) * 4096) for w in weights]
    return [np.array(v, np.int16) for v in (rising, falling, starts, weight_starts, widths)], start, at


def feature_model() -> bytes:
    """Audio, int16 [STEP] of each run, to features, int8 [CHANNELS]."""
    model = ModelBuilder("features")
    front_end(model, _framed(model), output=True)
    return model.build()


def _framed(model: ModelBuilder) -> int:
    audio, frame, valid = model.input((STEP,), "int16"), model.tensor((1, WINDOW), "int16"), model.tensor((), "bool")
    custom(model, "SignalFramer", [audio], [frame, valid], frame_size=WINDOW, frame_step=STEP, prefill=True)
    return frame


def listening_model(rng: np.random.Generator, context: int = 20) -> bytes:
    """Audio, int16 [STEP] of each run, to the probabilities of four words, int8, by the last ``context`` features."""
    model = ModelBuilder("listening")
    features = front_end(model, _framed(model), output=False)
    quantized = {"scale": 0.1, "zero_point": -128}
    row, last = (model.tensor((1, n, 1, CHANNELS), "int8", variable=n > 1, **quantized) for n in (1, context))
    model.op("RESHAPE", [features, model.const(np.array([1, 1, 1, CHANNELS], np.int32))], [row])
    ready = model.output((1,), "bool")
    custom(model, "CIRCULAR_BUFFER", [row], [last, ready], cycles_max=2)
    weights = model.const(rng.integers(-127, 128, (4, context * CHANNELS)).astype(np.int8), scale=0.002, zero_point=0)
    biases = model.const(rng.integers(-5000, 5000, 4).astype(np.int32), scale=0.0002, zero_point=0)
    scores = model.tensor((1, 4), "int8", scale=0.1, zero_point=3)
    words = model.output((1, 4), "int8", scale=1 / 256, zero_point=-128)
    model.op("FULLY_CONNECTED", [last, weights, biases], [scores])
    model.op("SOFTMAX", [scores], [words], beta=1.0)
    return model.build()


def audio(rng: np.random.Generator, steps: int) -> np.ndarray:
    """Tones that come, slide and go over noise, silence at first and full loudness at last: int16 [steps, STEP]."""
    n = steps * STEP
    time = np.arange(n) / RATE
    sound = np.zeros(n)
    for _ in range(6):
        begin, length = rng.uniform(0, time[-1]), rng.uniform(0.1, 0.6)
        envelope = np.clip(1 - np.abs((time - begin) / length), 0, None)
        sound += envelope * np.sin(2 * np.pi * (rng.uniform(150, 6000) * time + rng.uniform(-500, 500) * time**2))
    loudness = 10.0 ** np.linspace(-1, 4.6, n)
    values = loudness * (sound + 0.02 * rng.standard_normal(n)) * (time > 0.1 * time[-1])
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16).reshape(steps, STEP)
