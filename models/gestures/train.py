"""Trains a recogniser of arm gestures from an inertial sensor at the wrist: seven gestures, and none.

    python models/gestures/train.py            # writes gestures.tflite and gestures_test.npz beside this file
    python models/gestures/train.py --out DIR

Data: simulated. The forearm, of length L, turns about a resting elbow by yaw, pitch and roll,
R = Rz(yaw) Ry(pitch) Rx(roll); the sensor is at p = R (L, 0, 0), strapped on as M says, and measures

    acceleration  a = M R^T (p'' + (0, 0, g)),   rate of turn  w = M vee(R^T R')

Angles follow minimum-jerk strokes, s(u) = 10 u^3 - 15 u^4 + 6 u^5 (Flash and Hogan 1985), with a tremor of 8..12 Hz, a
slow drift and, in some samples of no gesture, the swing of walking. Noise is that of an MPU-6050 (product specification
3.4: 400 ug/sqrt(Hz), 0.005 deg/s/sqrt(Hz)), its offsets are what remains after calibration (of 50 mg and 20 deg/s).
People differ in arm, speed, reach, posture and strap; those of the test set are not in training.

Input: 64 samples at 31.25 Hz of a (full scale 4 g) and w (full scale 1000 deg/s): the high bytes of the sensor's words.

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
from trainer.fit import Schedule, cross_entropy, fit
from trainer.network import Conv2D, Dense, DepthwiseConv2D, GlobalAveragePool, Layer, predict
from trainer.quantize import Scale, quantize_network

SEED = 5
EPOCHS = 20
CLASSES = ("none", "left", "right", "clockwise", "counterclockwise", "shake", "twist", "knock")
SAMPLES, RATE = 64, 31.25  # in a window, a second
OVERSAMPLING = 16  # of the simulation, whose derivatives are differences
G = 9.80665  # m/s^2
FULL_SCALE = np.array([4.0] * 3 + [1000.0] * 3)  # g, deg/s
INPUT = Scale(1 / 32, 0)  # full scale is 4: values are mostly within 1 then
ACCELERATION_NOISE, RATE_NOISE = 400e-6, 0.005  # g, deg/s, per sqrt(Hz)
ACCELERATION_BIAS, RATE_BIAS = 0.05, 2.0  # g, deg/s


@dataclass(frozen=True)
class Person:
    """Angles in radians, lengths in metres; ``speed`` and ``reach`` are factors."""

    forearm: float
    speed: float
    reach: float
    posture: np.ndarray
    strap: np.ndarray
    bias: np.ndarray


def rotation(angles: np.ndarray) -> np.ndarray:
    """Rz(yaw) Ry(pitch) Rx(roll), (..., 3, 3), of angles (..., 3)."""
    (sz, sy, sx), (cz, cy, cx) = np.moveaxis(np.sin(angles), -1, 0), np.moveaxis(np.cos(angles), -1, 0)
    rows = [
        [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
        [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
        [-sy, cy * sx, cy * cx],
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def somebody(rng: np.random.Generator) -> Person:
    return Person(
        forearm=rng.uniform(0.2, 0.3),
        speed=rng.uniform(0.75, 1.35),
        reach=rng.uniform(0.7, 1.3),
        posture=np.array([0.0, *rng.normal(0, 0.3, 2)]),
        strap=rotation(rng.normal(0, 0.15, 3)),
        bias=np.concatenate([rng.normal(0, ACCELERATION_BIAS / 2, 3), rng.normal(0, RATE_BIAS / 2, 3)]),
    )


def stroke(t: np.ndarray, start: float, duration: float) -> np.ndarray:
    """0 before, 1 after, and the movement of least jerk between."""
    u = np.clip((t - start) / duration, 0, 1)
    return u**3 * (10 - 15 * u + 6 * u**2)


def gesture(kind: str, t: np.ndarray, person: Person, rng: np.random.Generator) -> np.ndarray:
    """Yaw, pitch and roll in radians, (time, 3), from the person's posture."""
    angles = np.zeros((len(t), 3))
    size = person.reach * rng.uniform(0.85, 1.15)

    def lasting(seconds: float) -> tuple[float, float]:
        """Start and duration, somewhere within the window."""
        duration = seconds * rng.uniform(0.85, 1.15) / person.speed
        room = SAMPLES / RATE - duration
        return rng.uniform(0.05, max(0.06, room - 0.05)), duration

    if kind in ("left", "right"):
        start, duration = lasting(0.5)
        back = stroke(t, start + duration + rng.uniform(0.1, 0.4), 1.2 * duration)  # slower, and perhaps not in view
        angles[:, 0] = (1 if kind == "left" else -1) * 1.1 * size * (stroke(t, start, duration) - back)
        angles[:, 1] = rng.normal(0, 0.15) * size * stroke(t, start, duration) * (1 - back)
    elif kind in ("clockwise", "counterclockwise"):
        start, duration = lasting(1.2)
        turn = 2 * np.pi * (1 if kind == "clockwise" else -1) * stroke(t, start, duration)
        # seen by who does it, from the lowest point on: clockwise goes left (positive yaw), then up (negative pitch)
        angles[:, 0], angles[:, 1] = 0.45 * size * np.sin(turn), -0.45 * size * (1 - np.cos(turn))
    elif kind == "shake":
        start, duration = lasting(1.1)
        inside = stroke(t, start, 0.2) - stroke(t, start + duration - 0.2, 0.2)
        angles[:, 0] = 0.28 * size * inside * np.sin(2 * np.pi * 3.6 * person.speed * (t - start))
    elif kind == "twist":
        start, duration = lasting(1.0)
        way = 1 if rng.random() < 0.5 else -1
        angles[:, 2] = (
            way * 1.3 * size * (stroke(t, start, duration / 2) - stroke(t, start + duration / 2, duration / 2))
        )
    elif kind == "knock":
        start, duration = lasting(0.9)
        for i in range(2):
            at, quarter = start + i * duration / 2, duration / 4
            angles[:, 1] += 0.4 * size * (stroke(t, at, quarter) - stroke(t, at + quarter, quarter))
    elif rng.random() < 0.5:  # none of them: walking, or just holding still
        phase = 2 * np.pi * (rng.uniform(0.8, 1.1) * t + rng.random())
        angles[:, 1] = rng.uniform(0.1, 0.5) * np.sin(phase)
        angles[:, 0] = rng.uniform(0.0, 0.15) * np.sin(phase + rng.normal())
    return angles


def measure(kind: str, person: Person, rng: np.random.Generator) -> np.ndarray:
    """What the sensor sends, (1, SAMPLES, 6), in units of a quarter of the full scale."""
    dt = 1 / (RATE * OVERSAMPLING)
    t = (np.arange(SAMPLES * OVERSAMPLING + 2) - 1) * dt
    angles = gesture(kind, t, person, rng) + person.posture + rng.normal(0, [0.2, 0.12, 0.12])
    for axis in range(3):
        angles[:, axis] += rng.normal(0, 0.002) * np.sin(2 * np.pi * (rng.uniform(8, 12) * t + rng.random()))
        angles[:, axis] += rng.normal(0, 0.08) * np.sin(2 * np.pi * (rng.uniform(0.1, 0.5) * t + rng.random()))
    r = rotation(angles)
    position = r[:, :, 0] * person.forearm
    acceleration = (position[2:] - 2 * position[1:-1] + position[:-2]) / dt**2 + [0, 0, G]
    body = np.einsum("tji,tj->ti", r[1:-1], acceleration) / G
    turn = np.einsum("tji,tjk->tik", r[1:-1], r[2:] - r[:-2]) / (2 * dt)
    rates = np.degrees(np.stack([turn[:, 2, 1], turn[:, 0, 2], turn[:, 1, 0]], -1))
    strapped = np.concatenate([body @ person.strap.T, rates @ person.strap.T], -1)
    # the sensor's own low-pass is taken to be the mean over a sampling interval
    sampled = strapped.reshape(SAMPLES, OVERSAMPLING, 6).mean(1) + person.bias
    noise = np.repeat([ACCELERATION_NOISE, RATE_NOISE], 3) * np.sqrt(RATE / 2)
    sampled += rng.normal(0, 1, (SAMPLES, 6)) * noise
    return np.clip(sampled / FULL_SCALE, -1, 1)[np.newaxis] * 4


def recordings(people: int, each: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Samples (N, 1, SAMPLES, 6) and classes (N,): ``each`` times every gesture of everybody."""
    x, labels = [], []
    for _ in range(people):
        person = somebody(rng)
        for _ in range(each):
            x += [measure(kind, person, rng) for kind in CLASSES]
            labels += range(len(CLASSES))
    return np.array(x, np.float32), np.array(labels, np.uint8)


def make_network(rng: np.random.Generator) -> list[Layer]:
    """Depthwise separable convolutions along time, with the six measured quantities as channels."""
    return [
        Conv2D("stem", (1, 5), 6, 16, rng, stride=(1, 2)),
        DepthwiseConv2D("depthwise1", (1, 7), 16, rng),
        Conv2D("pointwise1", (1, 1), 16, 24, rng),
        DepthwiseConv2D("depthwise2", (1, 7), 24, rng, stride=(1, 2)),
        Conv2D("pointwise2", (1, 1), 24, 32, rng),
        GlobalAveragePool("pool"),
        Dense("classes", 32, len(CLASSES), rng),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the gesture recogniser and write it as int8 .tflite.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--test", type=int, default=25, help="people in the test set")
    arguments = parser.parse_args()
    out: Path = arguments.out
    rng, test_rng = (np.random.default_rng([SEED, i]) for i in range(2))
    with threadpool_limits(1):
        x, labels = recordings(60, 8, rng)
        test_x, test_labels = recordings(arguments.test, 1, test_rng)
        print(f"{len(x)} training and {len(test_x)} test samples", flush=True)
        layers = make_network(rng)
        schedule = Schedule(arguments.epochs, batch=64, learning_rate=6e-3, weight_decay=5e-2)
        fit(layers, x, labels, cross_entropy, schedule, rng)
        model = quantize_network(
            layers,
            x[:1000],
            input_name="motion",
            input_scale=INPUT,
            description="tinykit gestures: arm gestures from an inertial sensor, simulated, int8",
            softmax=True,
        )
        predicted = predict(layers, test_x).argmax(-1)
    out.mkdir(parents=True, exist_ok=True)
    (out / "gestures.tflite").write_bytes(model)
    np.savez_compressed(out / "gestures_test.npz", x=INPUT.quantize(test_x), y=test_labels)
    print(f"float accuracy {np.mean(predicted == test_labels):.3f} on {len(test_x)} samples of people not in training")
    print(f"wrote {out / 'gestures.tflite'} ({len(model)} bytes) and {out / 'gestures_test.npz'}")


if __name__ == "__main__":
    main()
