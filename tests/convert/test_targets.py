"""What a target cannot run, or runs silently wrong, is refused with the reason."""

from __future__ import annotations

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.convert.options import MODES, Quantize, Target
from tinykit.convert.targets import check_graph, check_mode
from tinykit.errors import InputError, UnsupportedModel
from tinykit.graph.reader import parse_model

TARGETS: tuple[Target, ...] = ("mcu", "edgetpu", "linux")
ALLOWED: dict[Target, set[Quantize]] = {
    "mcu": {"int8", "int16x8", "int8-float-io", "int4-weights", "none"},
    "edgetpu": {"int8", "int8-float-io"},
    "linux": set(MODES),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("mode", MODES)
def test_modes(target: Target, mode: Quantize) -> None:
    if mode in ALLOWED[target]:
        check_mode(mode, target)
        return
    with pytest.raises(InputError, match=f"-q {mode} does not run on --target {target}") as caught:
        check_mode(mode, target)
    assert caught.value.why
    for other in ALLOWED[target]:
        assert other in str(caught.value.hint)


def weight_only(per_channel: bool) -> bytes:
    """A float FULLY_CONNECTED whose int8 weights are dequantized first."""
    m = ModelBuilder()
    x = m.input((1, 4), "float32")
    scale = [0.1, 0.2] if per_channel else [0.1]
    w = m.const(np.ones((2, 4), np.int8), scale=scale, zero_point=[0] * len(scale), axis=0)
    real = m.tensor((2, 4), "float32")
    m.op("DEQUANTIZE", [w], [real])
    y = m.output((1, 2), "float32")
    m.op("FULLY_CONNECTED", [x, real, None], [y])
    return m.build()


def test_weights_that_tflite_micro_dequantizes_wrongly() -> None:
    graph = parse_model(weight_only(True), name="m", where="m")
    with pytest.raises(UnsupportedModel, match="DEQUANTIZE") as caught:
        check_graph(graph, "mcu", "m")
    assert "wrong numbers" in str(caught.value.why)
    check_graph(graph, "linux", "m")
    check_graph(parse_model(weight_only(False), name="m", where="m"), "mcu", "m")


def test_hybrid_layers() -> None:
    m = ModelBuilder()
    x, y = m.input((1, 4), "float32"), m.output((1, 2), "float32")
    w = m.const(np.ones((2, 4), np.int8), scale=0.1, zero_point=0)
    m.op("FULLY_CONNECTED", [x, w, None], [y])
    graph = parse_model(m.build(), name="m", where="m")
    for target in ("mcu", "edgetpu"):
        with pytest.raises(UnsupportedModel, match="operator") as caught:
            check_graph(graph, target, "m")
        assert "operator 0 (FULLY_CONNECTED)" in str(caught.value.why)
