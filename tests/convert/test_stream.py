"""Streams: frames go in, decisions come out, in TFLite-Micro as in the compiled model."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from support.check import check_op
from support.commands import run_tinykit
from support.native import SANITIZE, WARNINGS, compile_bytes
from support.oracle import run_oracle
from support.tflite_builder import ModelBuilder
from tinykit.convert.stream import Stream, make_stream
from tinykit.errors import InputError, TinykitError, UnsupportedModel
from tinykit.firmware.library import write_sources

ROWS, WIDTH = 5, 4
Q = {"scale": 0.5, "zero_point": -3}


def classifier(shape: tuple[int, ...] = (1, ROWS, WIDTH, 1), dtype: str = "int8") -> bytes:
    """A dense layer over all rows."""
    model = ModelBuilder()
    x = model.input(shape, dtype, **(Q if dtype == "int8" else {}))
    flat = model.tensor((1, ROWS * WIDTH), dtype, **(Q if dtype == "int8" else {}))
    model.op("RESHAPE", [x, model.const(np.array([1, ROWS * WIDTH], np.int32))], [flat])
    weights = np.random.default_rng(1).integers(-127, 128, (3, ROWS * WIDTH))
    if dtype == "int8":
        w, y = (
            model.const(weights.astype(np.int8), scale=0.01, zero_point=0),
            model.output((1, 3), scale=1.5, zero_point=7),
        )
    else:
        w, y = model.const(weights.astype(np.float32)), model.output((1, 3), dtype)
    model.op("FULLY_CONNECTED", [flat, w, None], [y])
    return model.build()


def features(*, flag: bool = False, dtype: str = "int8", **quantization: float) -> bytes:
    """Rows of WIDTH from frames of as many: taken times 2; with ``flag`` only of frames whose first number is large."""
    model = ModelBuilder()
    affine = {**Q, **quantization} if dtype == "int8" else {}
    x = model.input((1, WIDTH), dtype, **affine)
    y = model.output((1, WIDTH), dtype, **affine)
    model.op("ADD", [x, x], [y])
    if flag:
        first = model.tensor((1, 1), dtype, **affine)
        sizes = [model.const(np.array(v, np.int32)) for v in ([0, 0], [1, 1])]
        model.op("SLICE", [x, *sizes], [first])
        limit = model.const(np.zeros((1, 1), dtype), **affine)
        model.op("GREATER", [first, limit], [model.output((1, 1), "bool")])
    return model.build()


def expected(
    frames: np.ndarray, stream: Stream, model: bytes, make: Callable[[np.ndarray], np.ndarray | None]
) -> list[np.ndarray | None]:
    """What each frame gives, by a window that is slid over the rows in NumPy."""
    window = np.full((ROWS, WIDTH), Q["zero_point"], np.int8)
    results: list[np.ndarray | None] = []
    steps = 0
    for frame in frames:
        row = make(frame)
        if row is None:
            results.append(None)
            continue
        window = np.concatenate([window[1:], row.reshape(1, WIDTH)])
        steps += 1
        due = steps % stream.every == 0
        results.append(run_oracle(model, [window.reshape(1, 1, ROWS, WIDTH, 1)]).outputs[0][0] if due else None)
    return results


def check(stream: Stream, frames: np.ndarray, wanted: list[np.ndarray | None]) -> None:
    decisions, due = check_op(stream.tflite, len(frames), np.random.default_rng(0), inputs=[frames])
    assert due.ravel().tolist() == [one is not None for one in wanted]
    for have, want in zip(decisions, wanted, strict=True):
        assert (have == want).all() if want is not None else len(set(have.ravel().tolist())) == 1


@pytest.mark.parametrize("every", [1, 2, 7])
def test_rows_are_kept_and_the_model_is_executed_when_it_is_due(every: int) -> None:
    stream = make_stream(classifier(), every=every)
    assert (stream.frame, stream.row, stream.rows, stream.every) == ((1, WIDTH), WIDTH, ROWS, every)
    frames = np.random.default_rng(2).integers(-128, 128, (30, 1, WIDTH), np.int8)
    check(stream, frames, expected(frames, stream, classifier(), lambda frame: frame))


def test_features_are_extracted_on_the_way() -> None:
    made = features()
    stream = make_stream(classifier(), made, every=3)
    frames = np.random.default_rng(3).integers(-128, 128, (20, 1, WIDTH), np.int8)
    check(stream, frames, expected(frames, stream, classifier(), lambda f: run_oracle(made, [f[None]]).outputs[0][0]))


def test_features_that_say_when_there_are_some() -> None:
    made = features(flag=True)
    stream = make_stream(classifier(), made, every=2)
    frames = np.random.default_rng(4).integers(-128, 128, (30, 1, WIDTH), np.int8)

    def make(frame: np.ndarray) -> np.ndarray | None:
        row, there = (output[0] for output in run_oracle(made, [frame[None]]).outputs)
        return row if there.item() else None

    wanted = expected(frames, stream, classifier(), make)
    assert 5 < sum(one is not None for one in wanted) < 12
    check(stream, frames, wanted)


@pytest.mark.parametrize(("dtype", "quantization"), [("float32", {}), ("int8", {"scale": 0.125, "zero_point": 9})])
def test_features_are_quantized_as_the_model_needs_them(dtype: str, quantization: dict[str, float]) -> None:
    stream = make_stream(classifier(), features(dtype=dtype, **quantization))
    outputs = check_op(stream.tflite, 20, np.random.default_rng(5))
    assert len(np.unique(outputs[0])) > 10


def test_push_returns_whether_there_is_a_decision(tmp_path: Path) -> None:
    every, frames = 3, np.random.default_rng(6).integers(-128, 128, (10, 1, WIDTH), np.int8)
    stream = make_stream(classifier(), every=every)
    wanted = expected(frames, stream, classifier(), lambda frame: frame)
    sources = [f.name for f in write_sources(compile_bytes(stream.tflite), tmp_path) if f.suffix == ".c"]
    numbers = ", ".join(str(v) for v in frames.ravel())
    (tmp_path / "main.c").write_text(f"""#include "model.h"
#include <stdio.h>
static const int8_t frames[][{WIDTH}] = {{ {numbers} }};
static uint8_t arena[MODEL_ARENA_BYTES] __attribute__((aligned(16)));
int main(void)
{{
    if (model_init(arena) != 0) return 1;
    for (int turn = 0; turn < 2; turn++) {{
        for (unsigned i = 0; i < {len(frames)}; i++) {{
            const int8_t *const y = model_output0();
            if (model_push(frames[i])) printf("%u %d %d %d\\n", i, y[0], y[1], y[2]);
        }}
        model_reset();
    }}
    return 0;
}}
""")  # fmt: skip
    flags = [flag for flag in WARNINGS if flag != "-Wpedantic"]
    command = ["gcc", *flags, "-Wno-missing-braces", *SANITIZE, "-I.", "main.c", *sources, "-lm", "-o", "stream"]
    subprocess.run(command, cwd=tmp_path, check=True)
    printed = subprocess.run([tmp_path / "stream"], capture_output=True, text=True, check=True).stdout
    once = [f"{i} {' '.join(str(v) for v in one.ravel())}" for i, one in enumerate(wanted) if one is not None]
    assert printed.splitlines() == once * 2


def test_what_does_not_fit_is_refused() -> None:
    refusals: list[tuple[Callable[[], Stream], type[TinykitError], str]] = [
        (lambda: make_stream(classifier(dtype="float32")), UnsupportedModel, "one int8 input"),
        (lambda: make_stream(classifier((1, ROWS * WIDTH))), InputError, "how long a row is"),
        (lambda: make_stream(classifier(), row=3), InputError, "rows of 3"),
        (lambda: make_stream(classifier(), row=0), InputError, "cannot have 0"),
        (lambda: make_stream(classifier(), every=0), InputError, "every 0 frames"),
        (lambda: make_stream(classifier(), features(), row=4), InputError, "the features say"),
        (lambda: make_stream(classifier(), classifier(dtype="float32")), InputError, "rows of 3"),
        (lambda: make_stream(classifier(), features(dtype="int32")), UnsupportedModel, "int32 without a scale"),
        (lambda: make_stream(make_stream(classifier()).tflite), UnsupportedModel, "several subgraphs"),
    ]
    for make, error, words in refusals:
        with pytest.raises(error, match=words):
            make()


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(classifier())
    (tmp_path / "f.tflite").write_bytes(features())
    more = ("--every", "4", "-o", "s.tflite", "--json")
    done = run_tinykit(
        "stream", "m.tflite", "-f", "f.tflite", *more, folder=tmp_path, environment=os.environ, timeout=60
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["frame"], made["row"], made["rows"], made["every"]) == ([1, WIDTH], WIDTH, ROWS, 4)
    assert made["bytes"] == (tmp_path / "s.tflite").stat().st_size
    done = run_tinykit("stream", "m.tflite", "-o", "m.tflite", folder=tmp_path, environment=os.environ, timeout=60)
    assert done.returncode == 2
    assert "m.tflite would replace" in done.stderr
    assert (tmp_path / "m.tflite").read_bytes() == classifier()
