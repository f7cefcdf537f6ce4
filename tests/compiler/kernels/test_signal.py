"""The signal library: what random models do not reach, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from flatbuffers import flexbuffers

from support.check import assert_same, check_op
from support.native import compile_bytes, run_compiled
from support.oracle import run_oracle
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel

Ports = Sequence[tuple[tuple[int, ...], str]]


def one(
    kind: str, inputs: Ports, outputs: Ports, options: dict[str, int | float] | bytes, *consts: np.ndarray
) -> bytes:
    model = ModelBuilder()
    sources = [model.input(shape, dtype) for shape, dtype in inputs] + [model.const(values) for values in consts]
    targets = [model.output(shape, dtype) for shape, dtype in outputs]
    packed = options if isinstance(options, bytes) else bytes(flexbuffers.Dumps(options))
    model.op("CUSTOM", sources, targets, custom_code=kind, custom_options=packed)
    return model.build()


def rfft(length: int, row: int | None = None, width: int | None = None, **options: int | float) -> bytes:
    shapes = ((row or length,), "int16"), ((width or length // 2 * 2 + 2,), "int16")
    return one("SignalRfft", shapes[:1], shapes[1:], {"T": 7, "fft_length": length, **options})


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (rfft(2), "length is 2"),
        (rfft(15), "length is 15"),
        (rfft(14), "prime factors"),
        (rfft(131072), "length is 131072"),
        (rfft(16, row=17), "longer than the transform"),
        (rfft(16, width=16), "does not follow"),
        (rfft(16, T=2), "type is 2"),
        (rfft(16, more=1), "options are"),
        (rfft(16, T=7.5), "option T is 7.5"),
        (one("SignalRfft", [((8,), "int16")], [((10,), "int16")], b"\1\2\3\4"), "options are damaged"),
        (one("SignalRfft", [((8,), "int16")], [((10,), "int16")], b""), "options are missing|options are damaged"),
        (one("SignalWindow", [((6,), "int16")], [((6,), "int16")], {"shift": 1}, np.ones(4, np.int16)), "window is"),
        (one("SignalWindow", [((6,), "int16")], [((6,), "int16")], {"shift": 32}, np.ones(6, np.int16)), "shift is 32"),
        (
            one("SignalEnergy", [((8,), "int16")], [((4,), "uint32")], {"end_index": 5, "start_index": 0}),
            "goes from 0 to 5",
        ),
        (
            one(
                "SignalFilterBank",
                [((8,), "uint32")],
                [((1,), "uint64")],
                {"num_channels": 1},
                *(np.array(v, np.int16) for v in ([1, 1], [1, 1], [7, 0], [0, 0], [2, 0])),
            ),
            "reach beyond",
        ),
        (
            one(
                "SignalPCAN",
                [((4,), "uint32"), ((4,), "uint32")],
                [((4,), "uint32")],
                {"snr_shift": 6},
                np.ones(124, np.int16),
            ),
            "124 numbers",
        ),
        (
            one(
                "SignalFramer",
                [((8,), "int16")],
                [((1, 6), "int16"), ((), "bool")],
                {"frame_size": 6, "frame_step": 8, "prefill": 1},
            ),
            "prefilled",
        ),
        (
            one(
                "SignalStacker",
                [((2,), "int16")],
                [((2,), "int16"), ((), "bool")],
                {"num_channels": 2, "stacker_left_context": 0, "stacker_right_context": 0, "stacker_step": 2},
            ),
            "step of 2",
        ),
        (
            one("SignalOverlapAdd", [((1, 4), "int16")], [((5,), "int16")], {"T": 7, "frame_step": 5}),
            "step is 5",
        ),
    ],
)
def test_refuses(model: bytes, reason: str) -> None:
    with pytest.raises(UnsupportedModel, match=reason):
        compile_bytes(model)


def test_a_row_with_the_lowest_number_is_scaled_by_what_follows_it() -> None:
    """A defect of TFLite-Micro: -32768 is lost among the magnitudes, and what is larger than the rest wraps around."""
    model = one("SignalFftAutoScale", [((4,), "int16")], [((4,), "int16"), ((), "int32")], b"")
    rows = np.array([[-32768, 3, 1, 1], [3, -32768, 0, 0], [-32768, 5, -32768, 5], [0, 0, 0, 0]], np.int16)
    scaled, bits = check_op(model, 4, np.random.default_rng(0), inputs=[rows])
    assert bits.tolist() == [13, 0, 12, 0]
    assert scaled[0].tolist() == [0, 24576, 8192, 8192]


def test_all_bits_of_logarithms_and_roots() -> None:
    """Every power of two and its neighbours."""
    wide = sorted({max(0, (1 << bit) + more) for bit in range(64) for more in range(-2, 3)})
    narrow = np.array([[v] for v in wide if v < 2**32], np.uint32)
    log = one(
        "SignalFilterBankLog", [((1,), "uint32")], [((1,), "int16")], {"input_correction_bits": 0, "output_scale": 1600}
    )
    check_op(log, len(narrow), np.random.default_rng(0), inputs=[narrow])
    root = one("SignalFilterBankSquareRoot", [((1,), "uint64"), ((), "int32")], [((1,), "uint32")], b"")
    check_op(
        root,
        len(wide),
        np.random.default_rng(0),
        inputs=[np.array([[v] for v in wide], np.uint64), np.zeros(len(wide), np.int32)],
    )


@pytest.mark.parametrize(("slots", "period"), [(4, 2), (5, 1), (13, 1), (25, 1), (26, 2)])
def test_a_circular_buffer_without_a_period(slots: int, period: int) -> None:
    """TFLite-Micro tells it from the number of slots."""
    model = ModelBuilder()
    x, buffer = model.input((1, 1, 1, 2), "int8"), model.tensor((1, slots, 1, 2), "int8", variable=True)
    valid = model.output((1,), "bool")
    model.op("CUSTOM", [x], [buffer, valid], custom_code="CIRCULAR_BUFFER")
    check = check_op(model, 6, np.random.default_rng(0))
    assert check[0][:, 0].tolist() == [(run + 1) % period == 0 for run in range(6)]


@pytest.mark.parametrize("period", [2, 3])
def test_runs_that_end_early(period: int) -> None:
    """What follows the buffer, another with a state among it, is done in every ``period``-th run only. In the others
    the output has no value, in TFLite-Micro either."""
    model = ModelBuilder()
    x = model.input((1, 1, 1, 2), "int8")
    first = model.tensor((1, 3, 1, 2), "int8", variable=True)
    model.op(
        "CUSTOM",
        [x],
        [first],
        custom_code="CIRCULAR_BUFFER",
        custom_options=bytes(flexbuffers.Dumps({"cycles_max": period})),
    )
    row = model.tensor((1, 1, 1, 6), "int8")
    model.op("RESHAPE", [first, model.const(np.array([1, 1, 1, 6], np.int32))], [row])
    second = model.output((1, 2, 1, 6), "int8")
    model.op(
        "CUSTOM",
        [row],
        [second],
        custom_code="CIRCULAR_BUFFER",
        custom_options=bytes(flexbuffers.Dumps({"cycles_max": 1})),
    )
    rng = np.random.default_rng(0)
    inputs = [rng.integers(-128, 128, (12, 1, 1, 1, 2)).astype(np.int8)]
    want, have = run_oracle(model.build(), inputs).outputs[0], run_compiled(model.build(), inputs)[0]
    # the second buffer begins with anything in TFLite-Micro
    assert_same(want[2 * period - 1 :: period], have[2 * period - 1 :: period], "complete runs")
