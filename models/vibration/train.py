"""Trains an autoencoder that knows a healthy bearing: it rebuilds worse what it has not learnt, and that is a fault.

    python models/vibration/train.py            # writes vibration.tflite and vibration_test.npz beside this file
    python models/vibration/train.py --out DIR

Data: simulated acceleration at a bearing's housing. With shaft rate fr, n rolling elements of diameter d on a pitch
circle of diameter D (an SKF 6205: 9, 7.94 mm, 39.04 mm) and contact angle 0, defects are struck at (Harris, "Rolling
Bearing Analysis")

    outer race  n fr/2 (1 - d/D)     inner race  n fr/2 (1 + d/D)     ball, both races  fr D/d (1 - (d/D)^2)

Every blow rings a resonance of the housing, h(t) = exp(-2 pi zeta f0 t) sin(2 pi f0 t) (McFadden and Smith 1984); the
time between two blows varies by 2 % for slip (Antoni and Randall 2003). The load zone modulates the blows of the inner
race with fr and those of a ball with the cage's rate fr/2 (1 - d/D), as (1 - (1 - cos)/(2 e))^1.5 with e = 0.5
(Stribeck). A healthy bearing gives the rest: harmonics of the shaft from unbalance and misalignment, and the noise of
rolling, which excites the same resonance. Machines differ in resonance, damping, noise and balance; speed and load
differ from sample to sample. The machines of the test set are not in training; training has no faults at all.

Input: 64 numbers from 8192 samples at 16 kHz, see ``features``. Score: mean squared error of output against input.

Everything is seeded and runs on one thread: the same machine and library versions give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trainer.fit import Schedule, fit, squared_error
from trainer.network import Dense, Layer, predict
from trainer.quantize import quantize_network, scale_of

SEED = 3
EPOCHS = 60
RATE, SAMPLES = 16000, 8192  # a second, in a window
FRAME, BANDS = 64, 32  # samples: 4 ms, shorter than between blows; of equal width up to RATE / 2
ELEMENTS, RATIO = 9, 7.94 / 39.04  # n, d/D
SLIP = 0.02
FAULTS = ("outer", "inner", "ball")


@dataclass(frozen=True)
class Machine:
    """``resonance`` in Hz; noise falls with frequency to the power ``colour``; ``harmonics``: of the shaft."""

    resonance: float
    damping: float
    gain: float
    colour: float
    harmonics: np.ndarray


def machine(rng: np.random.Generator) -> Machine:
    return Machine(
        resonance=rng.uniform(2800, 3600),
        damping=rng.uniform(0.03, 0.06),
        gain=rng.uniform(3, 6),
        colour=rng.uniform(0.1, 0.4),
        harmonics=rng.uniform(0.2, 1.0, 4) / np.arange(1, 5),
    )


def fault_rate(fault: str, fr: float) -> float:
    """Blows a second."""
    if fault == "ball":
        return fr / RATIO * (1 - RATIO**2)
    return ELEMENTS * fr / 2 * (1 - RATIO if fault == "outer" else 1 + RATIO)


def blows(fault: str, fr: float, rng: np.random.Generator) -> np.ndarray:
    """Impulses of amplitude 1 or, outside of the load zone, less: (SAMPLES,)."""
    period = 1 / fault_rate(fault, fr)
    count = int(SAMPLES / RATE / period) + 1
    times = rng.uniform(0, period) + np.cumsum(period * (1 + SLIP * rng.standard_normal(count)))
    modulation = {"outer": 0.0, "inner": fr, "ball": fr / 2 * (1 - RATIO)}[fault]
    angle = 2 * np.pi * (modulation * times + rng.random()) * (modulation > 0)
    amplitude = np.maximum(0, 1 - (1 - np.cos(angle))) ** 1.5
    impulses = np.zeros(SAMPLES)
    at = (times * RATE).astype(int)
    np.add.at(impulses, at[at < SAMPLES], amplitude[at < SAMPLES])
    return impulses


def vibration(m: Machine, fault: str | None, rng: np.random.Generator) -> np.ndarray:
    """Acceleration, (SAMPLES,), in units of the rolling noise; a fault's blows ring 1 to 5 times as high."""
    t = np.arange(SAMPLES) / RATE
    fr = rng.uniform(20, 30)
    orders = np.arange(1, 5)[:, np.newaxis]
    shaft = m.harmonics @ np.cos(2 * np.pi * (orders * fr * t + rng.random((4, 1))))
    # both through the housing, as products of spectra; the window is taken as one period
    ring = np.exp(-2 * np.pi * m.damping * m.resonance * t) * np.sin(2 * np.pi * m.resonance * t)
    housing = np.fft.rfft(ring)
    spectrum = np.fft.rfft(rng.standard_normal(SAMPLES))
    spectrum *= np.maximum(np.fft.rfftfreq(SAMPLES, 1 / RATE), 50) ** -m.colour
    rolling = np.fft.irfft(spectrum * (1 + m.gain * housing / np.abs(housing).max()))
    x = rng.uniform(0.5, 2) * shaft + rolling / rolling.std()
    if fault is not None:
        x += rng.uniform(1, 5) * np.fft.irfft(housing * np.fft.rfft(blows(fault, fr, rng)))
    sensor = 0.02 * rng.standard_normal(SAMPLES)
    return np.asarray(10 ** rng.uniform(-0.5, 0.5) * x + sensor)


def features(x: np.ndarray) -> np.ndarray:
    """What the network is given of 8192 samples, (64,).

    Per band of 250 Hz, over 255 overlapping frames (64 samples, Hann window): the natural logarithm of the mean power,
    less the mean over the bands (so that the level does not matter); then three times the natural logarithm of the
    spectral kurtosis mean(power^2) / mean(power)^2 (Antoni 2006) over 2, its value for steady noise: blows raise it.
    """
    frames = np.lib.stride_tricks.sliding_window_view(x, FRAME)[:: FRAME // 2]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME)))[:, 1:] ** 2
    mean = power.mean(0)
    level = np.log(mean)
    kurtosis = 3 * np.log((power**2).mean(0) / mean**2 / 2)
    return np.concatenate([level - level.mean(), kurtosis])


def recordings(machines: int, faults: tuple[str | None, ...], each: int, rng: np.random.Generator) -> np.ndarray:
    """Features (N, 64), float32: ``each`` times every fault (None: healthy) at every machine."""
    x = []
    for _ in range(machines):
        m = machine(rng)
        x += [features(vibration(m, fault, rng)) for _ in range(each) for fault in faults]
    return np.array(x, np.float32)


def auc(scores: np.ndarray, faulty: np.ndarray) -> float:
    """Area under the ROC curve: how often a faulty sample scores above a healthy one (half, where as high)."""
    bad, good = scores[faulty][:, np.newaxis], scores[~faulty]
    return float(np.mean(bad > good) + 0.5 * np.mean(bad == good))


def make_network(rng: np.random.Generator) -> list[Layer]:
    """Through eight numbers and back."""
    return [
        Dense("encode1", 2 * BANDS, 32, rng, relu=True),
        Dense("code", 32, 8, rng, relu=True),
        Dense("decode1", 8, 32, rng, relu=True),
        Dense("rebuilt", 32, 2 * BANDS, rng),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the bearing's autoencoder and write it as int8 .tflite.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    out: Path = arguments.out
    rng = np.random.default_rng(SEED)
    with threadpool_limits(1):
        x = recordings(60, (None,), 60, rng)
        test_x = recordings(40, (None, None, None, *FAULTS), 2, rng)
        faulty = np.tile([False] * 3 + [True] * 3, 40 * 2)
        print(f"{len(x)} training and {len(test_x)} test samples", flush=True)
        layers = make_network(rng)
        schedule = Schedule(arguments.epochs, batch=64, learning_rate=5e-3, weight_decay=1e-2)
        fit(layers, x, x, squared_error, schedule, rng)
        scale = scale_of(np.concatenate([x, 1.5 * x]))  # room for what is not healthy
        model = quantize_network(
            layers,
            x,
            input_name="bands",
            input_scale=scale,
            description="tinykit vibration: autoencoder of a healthy bearing, simulated, int8",
            softmax=False,
        )
        errors = np.mean((predict(layers, test_x) - test_x) ** 2, axis=1)
    out.mkdir(parents=True, exist_ok=True)
    (out / "vibration.tflite").write_bytes(model)
    np.savez_compressed(out / "vibration_test.npz", x=scale.quantize(test_x), y=faulty)
    print(f"float AUC {auc(errors, faulty):.3f} on {len(test_x)} samples of machines not in training")
    for i, fault in enumerate(FAULTS):
        chosen = ~faulty | (np.arange(len(test_x)) % 6 == 3 + i)
        print(f"  {fault} {auc(errors[chosen], faulty[chosen]):.3f}")
    print(f"wrote {out / 'vibration.tflite'} ({len(model)} bytes) and {out / 'vibration_test.npz'}")


if __name__ == "__main__":
    main()
