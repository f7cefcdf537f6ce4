"""The networks of models/networks: made, compiled, and the same on every kind of machine as in TFLite-Micro."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from networks.make import NETWORKS
from support.check import assert_same, random_inputs
from support.machines import Machine, need_machine
from support.native import compile_bytes, run_compiled, run_model
from support.oracle import run_oracle
from tinykit.errors import ToolMissing
from tinykit.graph.reader import parse_model
from tinykit.hil.run import RunOptions
from tinykit.hil.run import run_model as run_on_board

from .conftest import MODELS

RUNS = {"svdf": 12, "audio_preprocessor": 6, "micro_speech": 20}
"""Of those that remember more than nothing; others are run on three samples."""
BOARDS = {"lstm": ("qemu-riscv32",), "micro_speech": ("qemu-riscv32",)}
"""Besides a Cortex-M4."""
CONTENTS = {
    "lstm": {"UNIDIRECTIONAL_SEQUENCE_LSTM"},
    "svdf": {"SVDF"},
    "unet": {"TRANSPOSE_CONV", "CONCATENATION", "MAX_POOL_2D"},
    "ssd": {"DEPTHWISE_CONV_2D", "DEQUANTIZE", "TFLite_Detection_PostProcess"},
    "mobilenet_v2": {"DEPTHWISE_CONV_2D", "ADD", "MEAN"},
    "mobilenet_v3": {"HARD_SWISH", "MEAN", "MUL"},
    "transformer": {"BATCH_MATMUL", "SOFTMAX", "MEAN", "RSQRT"},
    "autoencoder": {"FULLY_CONNECTED"},
    "audio_preprocessor": {"SignalRfft", "SignalFilterBank", "SignalPCAN", "DIV"},
    "micro_speech": {"SignalFramer", "SignalStacker", "SignalRfft", "DEPTHWISE_CONV_2D"},
}
"""What each is there for."""
WRITTEN = sorted(name for name, module in NETWORKS.items() if module in ("svdf", "audio"))
"""Those that need no TensorFlow."""


def made(name: str, folder: Path) -> Path:
    """The network's file, made by the recipe; skips the test where it needs what is not installed."""
    for package in () if name in WRITTEN else ("tensorflow", "keras"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    command = [sys.executable, str(MODELS / "networks" / "make.py"), "--out", str(folder), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / f"{name}.tflite"


def sound(samples: int, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """A tone that rises, in bursts, and noise; int16, one frame after the other."""
    count = samples * shape[-1]
    t = np.arange(count) / 16000
    bursts = np.sin(2 * np.pi * 440 * t * (1 + t)) * (np.sin(20 * t) > 0)
    return (8000 * bursts + 300 * rng.standard_normal(count)).astype(np.int16).reshape(samples, *shape)


def inputs_of(name: str, tflite: bytes) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    graph = parse_model(tflite, name=name, where=name)
    samples = RUNS.get(name, 3)
    if NETWORKS[name] == "audio":
        return [sound(samples, graph.tensor(graph.inputs[0]).shape, rng)]
    return random_inputs(tflite, samples, rng)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_network_is_the_same_everywhere(name: str, tmp_path: Path) -> None:
    """On this computer under the sanitizers, with the instructions of a Cortex-M4 and of RV32, and as firmware."""
    file = made(name, tmp_path)
    tflite = file.read_bytes()
    inputs = inputs_of(name, tflite)
    wanted = run_oracle(tflite, inputs, arena=True)
    compiled = compile_bytes(tflite)
    assert wanted.arena_bytes is not None
    assert compiled.plan.arena_bytes <= wanted.arena_bytes
    kinds = {op.custom_code or op.kind for op in compiled.graph.ops}
    assert CONTENTS[name] <= kinds
    assert len(np.unique(wanted.outputs[0])) > 3

    absent = []
    machines: list[Machine | None] = [None]
    for machine in ("m4", "rv32"):
        try:
            machines.append(need_machine(machine))
        except pytest.skip.Exception as missing:
            absent.append(str(missing))
    for machine in machines:
        got = run_model(compiled, inputs) if machine is None else run_compiled(tflite, inputs, machine=machine)
        for number, (want, have) in enumerate(zip(wanted.outputs, got, strict=True)):
            assert_same(want, have, f"output {number} on {machine.name if machine else 'this computer'}")
    data = tmp_path / "data.npz"
    np.savez(data, x=inputs[0])
    for board in ("qemu-mps2-an386", *BOARDS.get(name, ())):
        try:
            report = run_on_board(file, board, RunOptions(data=data))
        except ToolMissing as missing:
            absent.append(str(missing))
            continue
        assert report.accuracy.identical == report.accuracy.n == len(inputs[0])
    if absent:
        pytest.skip("the same, as far as it could be run; " + "; ".join(absent))


@pytest.mark.parametrize("name", WRITTEN)
def test_written_network_is_the_same_twice(name: str, tmp_path: Path) -> None:
    one, other = (made(name, tmp_path / folder).read_bytes() for folder in ("a", "b"))
    assert one == other


@pytest.mark.slow
def test_converted_network_is_the_same_twice(tmp_path: Path) -> None:
    one, other = (made("autoencoder", tmp_path / folder).read_bytes() for folder in ("a", "b"))
    assert one == other


def test_refuses_a_network_that_there_is_not(tmp_path: Path) -> None:
    command = [sys.executable, str(MODELS / "networks" / "make.py"), "--out", str(tmp_path), "vgg"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no such network: vgg" in done.stderr
