"""Trains a keyword spotter on synthesised speech: ten words, any other word, and no word.

    python models/keywords/train.py            # writes keywords.tflite and keywords_test.npz beside this file
    python models/keywords/train.py --out DIR

Data: eSpeak NG (Debian: ``apt-get install espeak-ng``; GPL-3.0, a tool of development only) speaks each word in English
of several regions and in the timbres ("variants") that come with it, at random speed and pitch. The voices of the test
set are held out: training never hears one of its variants. Nor does it hear the unknown words of the test set.
Each clip is put at a random place into one second, at a random level, and noise is added, 10 to 40 dB below it.

Input: log-mel energies of one second at 16 kHz, 49 frames (40 ms, every 20 ms) of 16 bands. ``features`` is all of it.

Everything is seeded and runs on one thread (the speech on all): the same machine and versions give the same bytes.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trainer.fit import Schedule, cross_entropy, fit
from trainer.network import Conv2D, Dense, DepthwiseConv2D, GlobalAveragePool, Layer, predict
from trainer.quantize import quantize_network, scale_of

SEED = 11
EPOCHS = 12
RATE = 16000  # samples a second
FRAME, HOP, FFT = 640, 320, 1024  # samples
BANDS = 16
LOW_HZ, HIGH_HZ = 100.0, 7000.0
FLOOR = 1e-5  # added to a band's energy: below it is nothing that a microphone could tell from silence

KEYWORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
CLASSES = (*KEYWORDS, "unknown", "silence")
# Of the test's other words none is in training.
UNKNOWN_TRAINING = """
    bed bird cat dog happy house marvin sheila tree wow zero one two three four five six seven eight nine
    water table garden window music summer people morning coffee river mountain paper
"""
UNKNOWN_TEST = "apple green chair letter kitchen doctor planet number simple bottle yellow circle"
# A voice is an accent (region) with a timbre ("variant" to espeak-ng); no variant is in both lists.
REGIONS = "en-us en-gb en-gb-x-rp en-gb-scotland en-gb-x-gbclan en-gb-x-gbcwmd en-029 en-us-nyc"
VARIANTS_TRAINING = """
    m1 m2 m3 m4 m5 m6 f1 f2 f3 adam Alex Alicia Andy antonio aunty benjamin boris caleb david Denis ed edward Gene
    gustave Henrique iven iven2 Jacky linda Marco Mario max michel Mike pablo pedro quincy rob sandro steph travis
    Tweaky victor zac klatt klatt3 klatt5 klatt6 norbert Nguyen RicishayMax robosoft robosoft4 iven4 steph3 grandpa
    croak Storm announcer john
"""
VARIANTS_TEST = """
    m7 m8 f4 f5 Andrea Annie belinda Diogo edward2 Hugo iven3 kaukovalta Lee marcelo Michael miguel paul robert
    shelby steph2 anika grandma klatt2 Gene2
"""


@dataclass(frozen=True)
class Utterance:
    """What espeak-ng is asked to say. ``speed`` in words a minute, ``pitch`` 0..99."""

    word: str
    voice: str
    speed: int
    pitch: int


def choose(words: Sequence[str], variants: str, count: int, rng: np.random.Generator) -> list[Utterance]:
    """``count`` utterances of the words in turn, each in a random voice."""
    return [
        Utterance(
            words[i % len(words)],
            f"{rng.choice(REGIONS.split())}+{rng.choice(variants.split())}",
            int(rng.integers(120, 200)),
            int(rng.integers(20, 80)),
        )
        for i in range(count)
    ]


def speak(utterance: Utterance) -> np.ndarray:
    """Float32 samples at 16 kHz, without the silence around them, of one second at most."""
    command = ["espeak-ng", "-v", utterance.voice, "-s", str(utterance.speed), "-p", str(utterance.pitch), "--stdout"]
    raw = subprocess.run([*command, utterance.word], check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(raw)) as file:
        rate = file.getframerate()
        # espeak-ng does not know the length when it writes the header
        samples = np.frombuffer(raw[44:][: len(raw[44:]) // 2 * 2], "<i2").astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    samples = samples[loud[0] : loud[-1] + 1][:rate]
    # band-limited resampling: the spectrum, cut off at the new Nyquist frequency
    count = len(samples) * RATE // rate
    spectrum = np.fft.rfft(samples, len(samples))[: count // 2 + 1]
    return (np.fft.irfft(spectrum, count) * (count / len(samples))).astype(np.float32)


def speak_all(utterances: Sequence[Utterance]) -> list[np.ndarray]:
    """All of them, on all cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(speak, utterances))


def noise(count: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of power 1 whose spectrum falls with frequency: white, pink, or between."""
    spectrum = rng.standard_normal(count // 2 + 1) + 1j * rng.standard_normal(count // 2 + 1)
    frequency = np.maximum(np.arange(count // 2 + 1), count * 50 // RATE)  # flat below 50 Hz
    samples = np.fft.irfft(spectrum * frequency ** -rng.uniform(0, 0.5), count)
    return (samples / samples.std()).astype(np.float32)


def place(clip: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One second with the clip in it somewhere, and noise; without a clip, noise alone."""
    level = 10 ** rng.uniform(-1.6, -0.6)  # rms of the speech, of full scale
    second = noise(RATE, rng) * np.float32(level * 10 ** (-rng.uniform(10, 40) / 20))
    if len(clip):
        at = rng.integers(0, RATE - len(clip) + 1)
        second[at : at + len(clip)] += clip * np.float32(level / (clip.std() + 1e-9))
    return second


def mel_filters(warp: float = 1.0) -> np.ndarray:
    """Triangular filters, (FFT / 2 + 1, BANDS), equally wide on the mel scale 2595 log10(1 + f / 700) (O'Shaughnessy).

    ``warp`` multiplies their frequencies: a vocal tract that is that much shorter (Jaitly and Hinton 2013).
    """
    low, high = (2595 * np.log10(1 + f / 700) for f in (LOW_HZ, HIGH_HZ))
    edges = warp * 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    f = np.fft.rfftfreq(FFT, 1 / RATE)[:, np.newaxis]
    rising = (f - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - f) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def features(second: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """What the network is given of 16000 samples: (1, 49, BANDS).

    The natural logarithm of the energies in the bands (Hann windows, power spectrum), less each band's mean over the
    second: what is left does not depend on level and microphone, and little on the noise.
    """
    frames = np.lib.stride_tricks.sliding_window_view(second, FRAME)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32), FFT)) ** 2 / FFT
    energies = np.log(power.astype(np.float32) @ filters + np.float32(FLOOR))
    return (energies - energies.mean(0))[np.newaxis]


def training_set(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    words = choose(KEYWORDS, VARIANTS_TRAINING, 2000, rng)
    others = choose(UNKNOWN_TRAINING.split(), VARIANTS_TRAINING, 600, rng)
    return examples(words + others, 200, 3, rng)


def test_set(each: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """``each`` samples of every class."""
    words = choose(KEYWORDS, VARIANTS_TEST, each * len(KEYWORDS), rng)
    others = choose(UNKNOWN_TEST.split(), VARIANTS_TEST, each, rng)
    return examples(words + others, each, 1, rng, warp=0.0)


def examples(
    utterances: Sequence[Utterance], silences: int, copies: int, rng: np.random.Generator, warp: float = 0.12
) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, 1, 49, BANDS) and classes (N,) of the utterances and of silence, each ``copies`` times."""
    clips = [*speak_all(utterances), *[np.zeros(0, np.float32)] * silences]
    labels = [CLASSES.index(u.word if u.word in KEYWORDS else "unknown") for u in utterances]
    labels += [CLASSES.index("silence")] * silences
    filters = [mel_filters(1 + warp * w) for w in np.linspace(-1, 1, 9)]
    x = [features(place(clip, rng), filters[rng.integers(9)]) for _ in range(copies) for clip in clips]
    return np.array(x, np.float32), np.array(labels * copies, np.uint8)


def make_network(rng: np.random.Generator) -> list[Layer]:
    """Depthwise separable convolutions along time, with the bands as channels."""
    channels = 40
    layers: list[Layer] = [Conv2D("stem", (1, 5), BANDS, channels, rng, stride=(1, 2))]
    for i in (1, 2, 3):
        layers.append(DepthwiseConv2D(f"depthwise{i}", (1, 7), channels, rng))
        layers.append(Conv2D(f"pointwise{i}", (1, 1), channels, channels, rng))
    return [*layers, GlobalAveragePool("pool"), Dense("classes", channels, len(CLASSES), rng)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the keyword spotter and write it as int8 .tflite.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--test", type=int, default=13, help="test samples of each class")
    arguments = parser.parse_args()
    out: Path = arguments.out
    if shutil.which("espeak-ng") is None:
        sys.exit("espeak-ng is not installed; try: sudo apt-get install espeak-ng")
    rng, test_rng = (np.random.default_rng([SEED, i]) for i in range(2))
    with threadpool_limits(1):
        x, labels = training_set(rng)
        test_x, test_labels = test_set(arguments.test, test_rng)
        print(f"{len(x)} training and {len(test_x)} test samples", flush=True)
        layers = make_network(rng)
        schedule = Schedule(arguments.epochs, batch=96, learning_rate=7e-3, weight_decay=1e-1)
        fit(layers, x, labels, cross_entropy, schedule, rng)
        scale = scale_of(x)
        model = quantize_network(
            layers,
            x[:1000],
            input_name="log_mel",
            input_scale=scale,
            description="tinykit keywords: ten English words, synthesised speech, int8",
            softmax=True,
        )
        predicted = predict(layers, test_x).argmax(-1)
    out.mkdir(parents=True, exist_ok=True)
    (out / "keywords.tflite").write_bytes(model)
    np.savez_compressed(out / "keywords_test.npz", x=scale.quantize(test_x), y=test_labels)
    print(f"float accuracy {np.mean(predicted == test_labels):.3f} on {len(test_x)} test samples of held-out voices")
    print(f"wrote {out / 'keywords.tflite'} ({len(model)} bytes) and {out / 'keywords_test.npz'}")


if __name__ == "__main__":
    main()
