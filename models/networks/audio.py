"""Speech features with TFLite-Micro's signal library, as its micro_speech example has them, and a classifier behind."""

from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from trainer.tflite_writer import Value, Writer

RATE, FRAME, STEP, FFT = 16000, 480, 320, 512
CHANNELS, LOW_HZ, HIGH_HZ = 40, 125.0, 7500.0
WEIGHT_BITS = 12
"""Of window and filter bank."""
CORRECTION_BITS = 9 - WEIGHT_BITS // 2
"""log2 of FFT less half of the filter bank's bits: of what the root of a channel's energy has too many."""
SCALE = 26 / 256
"""Of features in int8, whose zero point is -128."""
SLOTS, CLASSES, SEED = 16, 4, 6


def audio_preprocessor() -> bytes:
    """30 ms of sound, int16, to 40 features, int8. It adapts to noise from run to run."""
    writer = Writer("speech features")
    frame = writer.tensor("frame", (1, FRAME), "int16")
    writer.inputs.append(frame.index)
    writer.outputs.append(_to_int8(writer, _logarithms(writer, frame)).index)
    return writer.finish()


def micro_speech() -> bytes:
    """20 ms of sound after the other, int16, to probabilities of classes: frames overlap, and 16 frames' features are
    kept for a convolution."""
    rng = np.random.default_rng(SEED)
    writer = Writer("speech features and a classifier")
    sound = writer.tensor("sound", (1, STEP), "int16")
    writer.inputs.append(sound.index)
    frame, valid = writer.tensor("frames", (1, 1, FRAME), "int16"), writer.tensor("valid", (), "bool")
    writer.custom("SignalFramer", [sound], [frame, valid], frame_size=FRAME, frame_step=STEP, prefill=True)
    logs = _logarithms(writer, frame)
    stacked, ready = writer.tensor("stacked", (SLOTS * CHANNELS,), "int16"), writer.tensor("ready", (), "bool")
    context = {"stacker_left_context": SLOTS - 1, "stacker_right_context": 0, "stacker_step": 1}
    writer.custom("SignalStacker", [logs], [stacked, ready], num_channels=CHANNELS, **context)
    image = _reshape(writer, _to_int8(writer, stacked, SCALE, -128), (1, SLOTS, CHANNELS, 1), SCALE)
    height, width, filters = 5, 8, 8
    convolution = schema.DepthwiseConv2DOptionsT()
    convolution.strideH = convolution.strideW = 2
    convolution.depthMultiplier = filters
    convolution.dilationHFactor = convolution.dilationWFactor = 1
    convolution.fusedActivationFunction = schema.ActivationFunctionType.RELU
    shape = (1, SLOTS // 2, CHANNELS // 2, filters)
    taps = rng.integers(-127, 128, (1, height, width, filters), np.int8)
    filtered = writer.tensor("filtered", shape, "int8", SCALE, -128)
    writer.operator(
        "DEPTHWISE_CONV_2D", [image, *_weights(writer, "taps", taps, 0.001, SCALE, 3)], filtered, convolution
    )
    flat = rng.integers(-127, 128, (CLASSES, int(np.prod(shape))), np.int8)
    logits = writer.tensor("logits", (1, CLASSES), "int8", 0.1, 0)
    options = schema.FullyConnectedOptionsT()
    writer.operator("FULLY_CONNECTED", [filtered, *_weights(writer, "weights", flat, 0.001, SCALE, 0)], logits, options)
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    output = writer.tensor("probabilities", (1, CLASSES), "int8", 1 / 256, -128)
    writer.operator("SOFTMAX", [logits], output, softmax)
    writer.outputs.append(output.index)
    return writer.finish()


def _weights(writer: Writer, name: str, values: np.ndarray, scale: float, source: float, axis: int) -> list[Value]:
    """Weights of that scale, and a bias of zeros."""
    count = values.shape[axis]
    bias = writer.constant(f"{name}/bias", np.zeros(count, np.int32), np.array([float(np.float32(scale * source))]))
    return [writer.constant(name, values, np.array([scale]), axis), bias]


def _reshape(writer: Writer, source: Value, shape: tuple[int, ...], scale: float | None = None) -> Value:
    """int8 features where there is a scale, else int16."""
    kind = "int16" if scale is None else "int8"
    name = f"reshaped{source.index}"
    target = writer.tensor(name, shape, kind, scale, -128)
    options = schema.ReshapeOptionsT()
    options.newShape = list(shape)
    writer.operator("RESHAPE", [source, writer.constant(f"{name}/shape", np.array(shape, np.int32))], target, options)
    return target


def _logarithms(writer: Writer, frame: Value) -> Value:
    """From samples of a frame to features, int16 [CHANNELS]."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(FRAME) + 0.5) / FRAME)
    weights = writer.constant("window", np.round(window * 2**WEIGHT_BITS).astype(np.int16))
    windowed = writer.tensor("windowed", frame.shape, "int16")
    writer.custom("SignalWindow", [frame, weights], windowed, shift=WEIGHT_BITS)
    flat = _reshape(writer, windowed, (FRAME,))
    scaled, bits = writer.tensor("scaled", (FRAME,), "int16"), writer.tensor("bits", (), "int32")
    writer.custom("SignalFftAutoScale", [flat], [scaled, bits])
    spectrum = writer.tensor("spectrum", (FFT + 2,), "int16")
    writer.custom("SignalRfft", [scaled], spectrum, T=schema.TensorType.INT16, fft_length=FFT)
    return _channels(writer, _energies(writer, spectrum), bits)


def _bands() -> tuple[np.ndarray, np.ndarray]:
    """For each bin of the FFT from LOW_HZ to HIGH_HZ: its frequency in mel, in widths of a band; and its number."""

    def mel(hz: np.ndarray | float) -> np.ndarray:
        return 1127 * np.log1p(np.asarray(hz) / 700)

    bins = np.arange(FFT // 2 + 1)
    hz = bins * (RATE / FFT)
    used = (hz >= LOW_HZ) & (hz < HIGH_HZ)
    width = (mel(HIGH_HZ) - mel(LOW_HZ)) / (CHANNELS + 1)
    return (mel(hz[used]) - mel(LOW_HZ)) / width, bins[used]


def _energies(writer: Writer, spectrum: Value) -> Value:
    """uint32 [FFT / 2 + 1]. The operator leaves what is outside of the bands unwritten; zeros are put there."""
    count = FFT // 2 + 1
    _, bins = _bands()
    start, end = int(bins[0]), int(bins[-1]) + 1
    energy = writer.tensor("energy", (count,), "uint32")
    writer.custom("SignalEnergy", [spectrum], energy, start_index=start, end_index=end)
    signed = writer.tensor("energy/int32", (count,), "int32")
    _cast(writer, energy, signed)
    inner = writer.tensor("energy/inner", (end - start,), "int32")
    bounds = [writer.constant(f"energy/{name}", np.array([v], np.int32)) for name, v in _slice(start, end)]
    writer.operator("STRIDED_SLICE", [signed, *bounds], inner, schema.StridedSliceOptionsT())
    zeros = [writer.constant(f"energy/{name}", np.zeros(n, np.int32)) for name, n in _rest(start, end, count)]
    options = schema.ConcatenationOptionsT()
    whole, target = writer.tensor("energy/whole", (count,), "int32"), writer.tensor("energies", (count,), "uint32")
    writer.operator("CONCATENATION", [zeros[0], inner, zeros[1]], whole, options)
    _cast(writer, whole, target)
    return target


def _slice(start: int, end: int) -> list[tuple[str, int]]:
    return [("begin", start), ("end", end), ("step", 1)]


def _rest(start: int, end: int, count: int) -> list[tuple[str, int]]:
    return [("below", start), ("above", count - end)]


def _cast(writer: Writer, source: Value, target: Value) -> None:
    writer.operator("CAST", [source], target, schema.CastOptionsT())


def _channels(writer: Writer, energies: Value, bits: Value) -> Value:
    """The filter bank and what follows: noise is subtracted, the gain adapts, the logarithm in int16."""
    place, bins = _bands()
    band = (
        np.ceil(place).clip(1).astype(int) - 1
    )  # of CHANNELS + 1; each falls over its own and rises in the one before
    falling = np.round((band + 1 - place) * 2**WEIGHT_BITS).astype(np.int16)
    widths = np.bincount(band, minlength=CHANNELS + 1)
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
    tables = {
        "weights": falling,
        "unweights": 2**WEIGHT_BITS - falling,
        "bins": bins[0] + starts,
        "starts": starts,
        "widths": widths,
    }
    constants = [writer.constant(f"bank/{name}", values.astype(np.int16)) for name, values in tables.items()]
    sums = writer.tensor("bank", (CHANNELS,), "uint64")
    writer.custom("SignalFilterBank", [energies, *constants], sums, num_channels=CHANNELS)

    def values(name: str, dtype: str = "uint32") -> Value:
        return writer.tensor(name, (CHANNELS,), dtype)

    roots, clean, noise, even, logs = (values(n) for n in ("roots", "clean", "noise", "even", "log"))
    writer.custom("SignalFilterBankSquareRoot", [sums, bits], roots)
    one = 1 << 14
    smoothing, alternate = int(0.025 * one), int(0.06 * one)
    writer.custom(
        "SignalFilterBankSpectralSubtraction",
        [roots],
        [clean, noise],
        num_channels=CHANNELS,
        smoothing=smoothing,
        one_minus_smoothing=one - smoothing,
        alternate_smoothing=alternate,
        alternate_one_minus_smoothing=one - alternate,
        smoothing_bits=10,
        min_signal_remaining=int(0.05 * one),
        clamping=False,
        spectral_subtraction_bits=14,
    )
    gains = writer.constant("gains", _gains())
    writer.custom("SignalPCAN", [clean, noise, gains], even, snr_shift=12 - CORRECTION_BITS)
    logs = values("logarithms", "int16")
    writer.custom("SignalFilterBankLog", [even], logs, input_correction_bits=CORRECTION_BITS, output_scale=1 << 6)
    return logs


def _gains() -> np.ndarray:
    """2^21 * (noise + 80)^-0.95 of the noise as the smoothing gives it, as parabolas between powers of two."""

    def gain(noise: int) -> int:
        return min(int(2.0**21 * (noise / 2.0 ** (10 - CORRECTION_BITS) + 80) ** -0.95 + 0.5), 32767)

    table = [gain(0), gain(1)]
    for bits in range(2, 33):
        low = 1 << (bits - 1)
        first, middle, last = gain(low), gain(low + (low >> 1)), gain(min(2 * low, 2**32 - 1))
        slope = 4 * (middle - first) - (last - first)
        table += [first, slope, last - first - slope, 0]
    return np.array(table[:125]).astype(np.int16)


def _to_int8(writer: Writer, logs: Value, scale: float | None = None, zero_point: int = 0) -> Value:
    """(x * 256 + 333) / 666 - 128, clipped: the range that a model of floats from 0 to 26 was quantized with."""
    value = writer.tensor("features/int32", logs.shape, "int32")
    _cast(writer, logs, value)
    steps = (
        ("MUL", 256, schema.MulOptionsT()),
        ("ADD", 333, schema.AddOptionsT()),
        ("DIV", 666, schema.DivOptionsT()),
        ("ADD", -128, schema.AddOptionsT()),
        ("MINIMUM", 127, schema.MaximumMinimumOptionsT()),
        ("MAXIMUM", -128, schema.MaximumMinimumOptionsT()),
    )
    for number, (kind, operand, options) in enumerate(steps):
        result = writer.tensor(f"features/{number}", logs.shape, "int32")
        constant = writer.constant(f"features/{number}/constant", np.array(operand, np.int32))
        writer.operator(kind, [value, constant], result, options)
        value = result
    features = writer.tensor("features", logs.shape, "int8", scale, zero_point)
    _cast(writer, value, features)
    return features
