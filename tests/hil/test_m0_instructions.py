"""What the kernels for cores without long multiplication are expected to cost, against what the emulator counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from compiler.kernels.conv_models import sum_model
from support.slow import rest_slow
from tinykit.board import load_board
from tinykit.compiler import compile_graph
from tinykit.emulate import open_board
from tinykit.firmware import build_project, render_project
from tinykit.firmware.from_model import target_of
from tinykit.graph.reader import parse_model
from tinykit.link import Client

BOARD = Path(__file__).parents[2] / "bench" / "boards" / "m0plus-on-an386.toml"
SAME = {"padding": "SAME", "stride_h": 1, "stride_w": 1, "fused_activation_function": "NONE"}
LAYERS = {
    "pointwise": ("CONV_2D", (1, 12, 11, 32), (24, 1, 1, 32), (1, 12, 11, 24), {}),
    "3x3": ("CONV_2D", (1, 12, 12, 16), (16, 3, 3, 16), (1, 12, 12, 16), {}),
    "of an image": ("CONV_2D", (1, 24, 24, 3), (8, 3, 3, 3), (1, 12, 12, 8), {"stride_h": 2, "stride_w": 2}),
    "depthwise": ("DEPTHWISE_CONV_2D", (1, 12, 12, 16), (1, 3, 3, 16), (1, 12, 12, 16), {"depth_multiplier": 1}),
    "dense": ("FULLY_CONNECTED", (1, 200), (50, 200), (1, 50), None),
}


@pytest.mark.parametrize("name", rest_slow(LAYERS))
def test_within_five_percent(name: str, tmp_path: Path) -> None:
    for program in ("arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    kind, in_shape, weights, out_shape, changes = LAYERS[name]
    rng = np.random.default_rng(2)
    model = sum_model(
        rng,
        "int8",
        kind,
        in_shape,
        weights,
        out_shape,
        channels=out_shape[-1],
        axis=3 if kind.startswith("DEPTHWISE") else 0,
        options={} if changes is None else {**SAME, **changes},
    )
    board = load_board(BOARD)
    compiled = compile_graph(
        parse_model(model.build(), name="layer", where="layer"), target_of(board), optimize="speed"
    )
    ((call,),) = (step.calls for step in compiled.steps)
    assert call.variant == "m0"
    image = build_project(render_project(compiled, board, tmp_path))
    with open_board(board, image) as stream:
        client = Client(stream, expected_build=image.build_id)
        info = client.connect()
        client.write_input(0, rng.integers(0, 256, info.inputs[0].nbytes, np.uint8).tobytes())
        client.run(1, 1, profile=True)
        (ticks,) = client.read_profile()
    assert call.instructions == pytest.approx(board.counter.value(ticks), rel=0.05)
