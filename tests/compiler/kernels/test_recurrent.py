"""SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM: what is refused; results are in tests/proof."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tflite_micro.python.tflite_micro import runtime

from proof.ops import recurrent
from support.check import check_op, random_inputs
from support.native import compile_bytes
from support.tflite_builder import ModelBuilder
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier, quantize_multiplier
from tinykit.compiler.kernels.sigmoid_table import sigmoid_table
from tinykit.errors import UnsupportedModel
from tinykit.firmware.library import write_sources

PLAIN = 8
"""A seed that gives an LSTM which TFLite-Micro runs."""


def lstm(**changes: Any) -> bytes:
    """A random int8 LSTM with another option, or other fields of a tensor's quantization (``scale``, ``zeroPoint``)
    of its second weights."""
    model = recurrent.lstm_case(np.random.default_rng(PLAIN), "int8").model
    operator = model._operators[0]
    quantization = model._tensors[operator.inputs[2]].quantization
    for name, value in changes.items():
        setattr(quantization if hasattr(quantization, name) else operator.builtinOptions, name, value)
    return model.build()


def test_the_plain_layer_is_compiled() -> None:
    check_op(lstm(), 2, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"fusedActivationFunction": 1}, "its activation is RELU"),
        ({"scale": [0.5] * 8, "zeroPoint": [0] * 8}, "quantized per channel"),
        ({"zeroPoint": [3]}, "zero point other than 0"),
    ],
)
def test_lstm_refuses_what_tflite_micro_takes_and_ignores(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(lstm(**changes))


def test_svdf_without_bias_is_refused() -> None:
    """TFLite-Micro crashes."""
    model = ModelBuilder()
    x, y = model.input((1, 2), "float32"), model.output((1, 3), "float32")
    weights = [model.const(np.ones((3, n), np.float32)) for n in (2, 4)]
    state = model.tensor((1, 12), "float32", variable=True)
    model.op("SVDF", [x, *weights, None, state], [y], rank=1)
    with pytest.raises(UnsupportedModel, match="its bias is missing"):
        compile_bytes(model.build())


def test_svdf_multiplies_scales_in_double_precision() -> None:
    """Features for which single precision gives another state; the outputs are the states less that."""
    rng = np.random.default_rng(0)
    x = rng.integers(100, 128, 80)
    for _ in range(1000):
        s_in, s_feature = (np.float32(10 ** rng.uniform(-3, 0)) for _ in range(2))
        weights = rng.integers(60, 128, (4000, 80))
        sums = weights @ x
        s_state = np.float32(float(s_in) * float(s_feature) * sums.max() / 30000)
        pairs = (
            quantize_multiplier(float(s_in * s_feature / s_state)),
            quantize_multiplier(float(s_in) * float(s_feature) / float(s_state)),
        )
        single, double = ([multiply_by_quantized_multiplier(int(v), *pair) for v in sums] for pair in pairs)
        differs = np.not_equal(single, double)
        if differs.any():
            break
    weights, states = weights[differs], np.array(double)[differs]
    model, units = ModelBuilder(), len(states)
    source = model.input((1, 80), "int8", scale=s_in, zero_point=0)
    tensors = [
        model.const(weights.astype(np.int8), scale=s_feature, zero_point=0),
        model.const(np.ones((units, 1), np.int16), scale=1.0, zero_point=0),
        model.const(-states.astype(np.int32), scale=s_state, zero_point=0),
        model.tensor((1, units), "int16", scale=s_state, zero_point=0, variable=True),
    ]
    model.op("SVDF", [source, *tensors], [model.output((1, units), scale=s_state, zero_point=0)], rank=1)
    (got,) = check_op(model, 1, rng, inputs=[x.astype(np.int8).reshape(1, 1, 80)])
    assert not got.any()


_RESETS = """#include <stdio.h>
#include "model.h"
int main(void)
{
    static _Alignas(16) unsigned char arena[MODEL_ARENA_BYTES];
    int runs = 0;
    model_init(arena);
    while (fread(model_input(), 1, %d, stdin) == %d) {
        model_run(NULL, NULL);
        fwrite(model_output(), 1, %d, stdout);
        if (++runs == 3) model_reset();
    }
    return 0;
}
"""


@pytest.mark.parametrize("kind", ["SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM"])
def test_reset_is_that_of_tflite_micro(kind: str, tmp_path: Path) -> None:
    """After three runs, and it matters there; states begin with zero points other than 0."""
    make = recurrent.svdf_case if kind == "SVDF" else recurrent.lstm_case
    for seed in range(PLAIN, 100):
        rng = np.random.default_rng(seed)
        tflite = make(rng, "int8").model.build()
        (x,) = random_inputs(tflite, 6, rng)
        try:
            interpreter = runtime.Interpreter.from_bytes(tflite)
        except RuntimeError:
            continue
        answers = []
        for resets in (True, False):
            interpreter.reset()
            answers.append([])
            for run, values in enumerate(x):
                if resets and run == 3:
                    interpreter.reset()
                interpreter.set_input(values, 0)
                interpreter.invoke()
                answers[-1].append(np.array(interpreter.get_output(0)))
        if not np.array_equal(*answers):
            break
    files = write_sources(compile_bytes(tflite), tmp_path)
    (tmp_path / "main.c").write_text(_RESETS % (x[0].nbytes, x[0].nbytes, answers[0][0].nbytes))
    sources = ["main.c", *(str(f) for f in files if f.suffix == ".c")]
    subprocess.run(["gcc", "-std=c11", "-I.", *sources, "-lm", "-o", "main"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "main"], input=x.tobytes(), capture_output=True, check=True)
    assert done.stdout == np.stack(answers[0]).tobytes()


def test_sigmoid_table_is_one_half_to_one() -> None:
    table = sigmoid_table().astype(int)
    assert (table[0], table[255]) == (32768, 65535)
    assert np.all(np.diff(table) >= 0)
    assert np.abs(table - 65536 / (1 + np.exp(-np.arange(256) / 24))).max() < 1.2
