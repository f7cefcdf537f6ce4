"""Reports: 80 columns, JSON with the documented keys, a page that a browser shows without complaint."""

from __future__ import annotations

import io
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from support.chromium import show
from support.tflite_builder import ModelBuilder
from tinykit.edgetpu.check import CheckResult, check_bytes
from tinykit.edgetpu.report.groups import ranges
from tinykit.edgetpu.report.html import render_html, write_html
from tinykit.edgetpu.report.json import to_json
from tinykit.edgetpu.report.picture import layout
from tinykit.edgetpu.report.terminal import render_terminal

Q = {"scale": 0.1, "zero_point": 0}


def mixed(name: str = "a <script>alert(1)</script>\x1b[31m") -> CheckResult:
    """TANH on the Edge TPU, HARD_SWISH on the host, ADD stranded; names that want to be code."""
    m = ModelBuilder()
    x, a, b, y = m.input((1, 8), **Q), m.tensor((1, 8), **Q), m.tensor((1, 8), name=name, **Q), m.output((1, 8), **Q)
    z = m.output((1, 8), "float32", name=name)
    m.op("TANH", [x], [a])
    m.op("HARD_SWISH", [a], [b])
    m.op("ADD", [a, b], [y])
    m.op("DEQUANTIZE", [y], [z])
    return check_bytes(m.build(), name=name, where="m")


def printed(result: CheckResult, *, every: bool = False) -> str:
    console = Console(width=80, file=io.StringIO(), color_system=None)
    console.print(render_terminal(result, every=every))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_terminal() -> None:
    text = printed(mixed(), every=True)
    assert max(map(len, text.splitlines())) <= 80
    assert "1 of 4 operators on the Edge TPU" in text
    assert "1 HARD_SWISH: the Edge TPU has no such operator" in text
    assert "\x1b" not in text
    assert "one-subgraph" in text
    assert "an estimate" in text


def test_terminal_of_a_refused_file() -> None:
    m = ModelBuilder()
    x, y = m.input((1, 8), "float32"), m.output((1, 8), "float32")
    m.op("TANH", [x], [y])
    text = printed(check_bytes(m.build(), name="m", where="m"))
    assert "the Edge TPU Compiler refuses this file" in text
    assert "not-quantized" in text


def test_json() -> None:
    found = json.loads(json.dumps(to_json(mixed())))
    assert [set(op) >= {"index", "op", "edgetpu", "subgraph", "rule", "reason"} for op in found["ops"]] == [True] * 4
    assert [op["edgetpu"] for op in found["ops"]] == [True, False, False, False]
    assert found["subgraphs"] == [{"index": 0, "ops": [0], "inputs": ["t0"], "outputs": ["t1"], "parameter_bytes": 0}]
    assert found["parameter_bytes"] == 0
    assert "estimate" in found["parameter_bytes_are"]
    assert found["compiles"]
    documented = (Path(__file__).resolve().parents[2] / "docs" / "edgetpu.md").read_text()
    for key in (*found, *found["ops"][0], *found["subgraphs"][0]):
        assert f"`{key}`" in documented or f"`{key}[]`" in documented, key


def test_page(tmp_path: Path) -> None:
    page = tmp_path / "check.html"
    write_html(mixed(), page)
    shown = show(page)
    assert not shown.console
    assert "<script" not in shown.dom
    assert shown.dom.count("<circle") >= 4
    assert "&lt;script&gt;" in shown.dom


def test_a_page_of_many_operators_says_what_it_leaves_out() -> None:
    m = ModelBuilder()
    last = m.input((1, 8), **Q)
    for _ in range(3005):
        following = m.tensor((1, 8), **Q)
        m.op("TANH", [last], [following])
        last = following
    m.outputs.append(last)
    assert "5 more operators are not drawn" in render_html(check_bytes(m.build(), name="m", where="m"))


def test_ranges() -> None:
    assert ranges([]) == ""
    assert ranges([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8"


@given(st.data())
def test_no_line_of_the_picture_runs_through_an_operator(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 25))
    sources = [st.lists(st.integers(0, i - 1), max_size=3, unique=True) if i else st.just([]) for i in range(count)]
    reads = [data.draw(s) for s in sources]
    found = layout(reads)
    assert len(found.lanes) == count
    assert all(0 <= lane < found.width for lane in found.lanes)
    for edge in found.edges:
        assert found.lanes[edge.source] == edge.lane
        between = found.lanes[edge.source + 1 : edge.target]
        assert edge.lane not in between
