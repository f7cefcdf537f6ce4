"""Estimated cycles, from QEMU's trace of a real firmware."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.errors import BoardError, InputError, TinykitError, ToolMissing
from tinykit.hil.estimate import MOST_INSTRUCTIONS, check_estimate, estimate_cycles
from tinykit.hil.report.estimated import Estimate
from tinykit.hil.run import RunOptions, run_model

from .conftest import DIGITS, ROOT


def run(board: str, target: str, out: Path | None = None) -> tuple[float, Estimate]:
    try:
        report = run_model(DIGITS, board, RunOptions(limit=1, estimate=target, reference=False), out_dir=out)
    except ToolMissing as error:
        pytest.skip(str(error))
    assert report.latency.unit == "instructions"
    assert report.estimate is not None
    layers = report.latency.layers
    assert sum(layer.value for layer in layers) == pytest.approx(report.latency.p50, abs=len(layers) + 2)
    assert report.latency.layer_overhead > 0
    return report.latency.p50, report.estimate


@pytest.mark.slow
@pytest.mark.parametrize(
    ("board", "target"),
    [
        ("qemu-mps2-an386", "nucleo-l4r5zi"),
        ("qemu-mps2-an500", "qemu-mps2-an500"),
        ("qemu-microbit", "pico"),
        ("qemu-riscv32", "qemu-riscv32"),
    ],
)
def test_the_trace_is_all_of_the_inference_and_cycles_are_plausible(board: str, target: str) -> None:
    counted, estimate = run(board, target)
    assert counted - 40 <= estimate.instructions <= counted, "all but what reading the counter takes"
    for point in estimate.points:
        core = point.cycles - point.stalls
        assert 0.5 * estimate.instructions < core < 3 * estimate.instructions
        assert point.low < point.cycles < point.high
        assert (point.ms is None) == (point.hz is None)
        assert point.hz is None or point.ms == pytest.approx(1000 * point.cycles / point.hz)
    assert sum(kind.instructions for kind in estimate.kinds) == estimate.instructions
    assert sum(kind.cycles for kind in estimate.kinds) == pytest.approx(core)
    assert not [kind for kind in estimate.kinds if kind.name == "other"], "an instruction without a price"


@pytest.mark.slow
def test_wait_states_cost_and_functions_have_names(tmp_path: Path) -> None:
    _, estimate = run("qemu-mps2-an386", "nucleo-l4r5zi", tmp_path)
    slow, fast = estimate.points
    assert (slow.stalls, slow.wait_states) == (0, 0)
    assert fast.stalls > 0
    assert fast.wait_states == 5
    assert all(share.name.isidentifier() for share in estimate.functions)
    assert estimate.functions[0].cycles >= estimate.functions[-1].cycles
    written = json.loads((tmp_path / "report.json").read_text())
    assert written["estimate"]["unit"] == "cycles (estimated)"
    assert written["latency"]["unit"] == "instructions"
    assert "Estimated cycles" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("board", "target", "error", "words"),
    [
        ("native", "nucleo-l4r5zi", InputError, "emulator is native"),
        ("nucleo-l4r5zi", "nucleo-l4r5zi", InputError, "hardware"),
        ("qemu-mps2-an386", "nucleo-f767zi", InputError, "cortex-m4 says nothing about cortex-m7"),
        ("qemu-mps3-an547", "qemu-mps3-an547", BoardError, r"no \[\[timing\]\]"),
        ("qemu-mps2-an386", "no-such-board", TinykitError, "no-such-board"),
    ],
)
def test_what_cannot_be_estimated_is_refused_before_a_build(
    board: str, target: str, error: type[TinykitError], words: str
) -> None:
    with pytest.raises(error) as caught:
        check_estimate(load_board(board), target)
    assert words.replace("\\", "") in str(caught.value) + str(caught.value.why) + str(caught.value.what)


def test_without_the_option_nothing_is_asked() -> None:
    assert check_estimate(load_board("native"), None) is None


def test_a_core_without_a_model_is_named(tmp_path: Path) -> None:
    text = (ROOT / "boards" / "nucleo-l4r5zi.toml").read_text()
    path = tmp_path / "nucleo-l4r5zi.toml"
    path.write_text(text.replace('[[timing]]\ncore = "cortex-m4"', '[[timing]]\ncore = "cortex-m99"'))
    with pytest.raises(BoardError, match="no cost model 'cortex-m99'"):
        check_estimate(load_board("qemu-mps2-an386"), str(path))


def test_what_would_fill_the_disk_is_refused(native_image: object) -> None:
    from tinykit.firmware import Image

    assert isinstance(native_image, Image)
    with pytest.raises(InputError, match="is not traced"):
        estimate_cycles(native_image, load_board("nucleo-l4r5zi"), (), MOST_INSTRUCTIONS + 1)
