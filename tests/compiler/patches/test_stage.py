"""Which stages there are, what is said where there is none, and what patches leave as it was."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.chain_models import Network
from compiler.patches.stage_models import chain
from support.native import compile_bytes
from tinykit.compiler.emit import render_model
from tinykit.compiler.patches import parse_patches
from tinykit.compiler.patches.rows import Rows, row_op
from tinykit.compiler.patches.stage import stages
from tinykit.errors import InputError
from tinykit.graph.reader import parse_model


def dense_model() -> bytes:
    net = Network(np.random.default_rng(0), "int8", dead=0)
    net.model.outputs.append(net.dense(net.dense(net.input((1, 16)), 8), 4).tensor)
    return net.model.build()


def branched_model() -> bytes:
    """conv 0 -> conv 1 -> ADD 2 of both -> pool 3; conv 4 reads the result of conv 1 again."""
    net = Network(np.random.default_rng(0), "int8", dead=0)
    x = net.convolution(net.input((1, 8, 8, 3)), depthwise=False, channels=4, plain=True)
    y = net.convolution(x, depthwise=False, channels=4, plain=True)
    net.model.outputs.append(net.pool(net.add(x, y)).tensor)
    net.model.outputs.append(net.convolution(y, depthwise=False, channels=2, plain=True).tensor)
    return net.model.build()


def test_a_stage_has_one_result() -> None:
    graph = parse_model(branched_model(), name="m", where="m")
    assert {(stage.first, stage.last) for stage in stages(graph)} == {(2, 3)}


def test_a_sum_of_branches_within_the_stage() -> None:
    net = Network(np.random.default_rng(0), "int8", dead=0)
    x = net.convolution(net.input((1, 8, 8, 3)), depthwise=False, channels=4, plain=True)
    y = net.convolution(x, depthwise=False, channels=4, plain=True)
    net.model.outputs.append(net.add(x, y).tensor)
    graph = parse_model(net.model.build(), name="m", where="m")
    assert {(stage.first, stage.last) for stage in stages(graph)} == {(0, 2), (1, 2)}


def test_rows_of_a_window() -> None:
    graph = compile_bytes(chain(np.random.default_rng(0), height=12).build()).graph
    one = row_op(graph, graph.ops[0])
    assert one is not None
    window, before = one.height.window, one.height.before
    assert one.needs(Rows(0, 4)) == Rows(0, 4 - 1 - before + window)
    assert one.needs(Rows(4, 8)) == Rows(4 - before, 8 - 1 - before + window)
    assert one.needs(Rows(0, 12)) == Rows(0, 12)


def test_strips_are_all_rows_once() -> None:
    stage = stages(compile_bytes(chain(np.random.default_rng(0), height=24).build()).graph)[0]
    for count in range(1, stage.height + 1):
        strips = stage.strips(count)
        assert [row for strip in strips for row in range(strip.start, strip.stop)] == list(range(stage.height))
        assert max(s.count for s in strips) - min(s.count for s in strips) <= 1


def test_weights_are_there_once() -> None:
    tflite = chain(np.random.default_rng(0), height=24).build()
    whole, compiled = compile_bytes(tflite), compile_bytes(tflite, patches=6)
    assert compiled.constant_bytes() == whole.constant_bytes()
    arrays = [render_model(one)["model.c"].count(b"static const int8_t ") for one in (whole, compiled)]
    assert arrays[0] == arrays[1] > 0


def test_a_layer_is_all_of_its_patches() -> None:
    tflite = chain(np.random.default_rng(0), height=24).build()
    whole, compiled = compile_bytes(tflite), compile_bytes(tflite, patches=4)
    assert [layer.label for layer in compiled.layers] == [step.label for step in whole.steps]
    assert [layer.number for layer in compiled.layers] == list(range(len(compiled.layers)))
    assert sum(layer.macs for layer in compiled.layers) == compiled.macs > whole.macs
    spans = [compiled.layers_of(buffer) for buffer in compiled.plan.buffers]
    assert min(first for first, _ in spans) == -1
    assert max(last for _, last in spans) == len(compiled.layers)
    assert b"_LAYERS %du" % len(whole.steps) in render_model(compiled)["model.h"]


def test_one_patch_is_the_whole() -> None:
    tflite = chain(np.random.default_rng(0), height=24).build()
    assert render_model(compile_bytes(tflite, patches=1)) == render_model(compile_bytes(tflite))


def test_more_patches_than_rows() -> None:
    with pytest.raises(InputError, match="no stage of the model can be computed in 25 patches") as caught:
        compile_bytes(chain(np.random.default_rng(0), height=24).build(), patches=25)
    assert "24 rows" in str(caught.value)


def test_no_stage() -> None:
    with pytest.raises(InputError, match="no part of the model can be computed in patches"):
        compile_bytes(dense_model(), patches=2)


@pytest.mark.parametrize("patches", [0, -3])
def test_fewer_than_one(patches: int) -> None:
    with pytest.raises(InputError, match=f"there cannot be {patches} patches"):
        compile_bytes(dense_model(), patches=patches)


def test_auto_changes_nothing_where_nothing_is_gained() -> None:
    assert render_model(compile_bytes(dense_model(), patches="auto")) == render_model(compile_bytes(dense_model()))


def test_what_the_command_line_says() -> None:
    assert [parse_patches(text) for text in ("off", "auto", "4")] == ["off", "auto", 4]
    for text in ("", "four", "1.5", "0", "-1"):
        with pytest.raises(InputError, match="--patches auto, a number from 1 up, or off"):
            parse_patches(text)
