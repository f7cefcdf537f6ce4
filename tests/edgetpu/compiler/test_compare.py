"""Predictions beside compilations; the compiled files are real ones, brought by the test double."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from support.edgetpu_builder import compiled, executable, options, package
from support.edgetpu_compiler_double import Plan
from support.tflite_builder import ModelBuilder
from tinykit.edgetpu.check import check_model
from tinykit.edgetpu.compiler.compare import Comparison, compare
from tinykit.edgetpu.compiler.driver import Compilation, compile_models
from tinykit.edgetpu.compiler.options import CompilerOptions
from tinykit.edgetpu.compiler.report import compilation_json, render_compilation
from tinykit.edgetpu.package import read_compiled
from tinykit.edgetpu.package.inspect import inspection_of
from tinykit.graph.reader import read_model

from .conftest import Arrange


@dataclass(frozen=True)
class Op:
    index: int
    op: str
    edgetpu: bool


@dataclass(frozen=True)
class Predicted:
    ops: tuple[Op, ...]
    subgraphs: tuple[object, ...] = (0,)
    parameter_bytes: int = 240


def chain(path: Path, kinds: tuple[str, ...]) -> Path:
    """A model of operators without options, whose tensors are named "in", "t0", ..., "out"."""
    m = ModelBuilder()
    last = m.input((1, 4, 4, 3), "int8", scale=0.5, zero_point=0, name="in")
    for i, kind in enumerate(kinds):
        final = i == len(kinds) - 1
        make = m.output if final else m.tensor
        target = make((1, 4, 4, 3), "int8", scale=0.5, zero_point=0, name="out" if final else f"t{i}")
        m.op(kind, [last], [target])
        last = target
    path.write_bytes(m.build())
    return path


RUN = executable("EXECUTION_ONLY", parameters=b"\x02" * 48)
LOAD = executable("PARAMETER_CACHING", parameters=b"\x03" * 192, inputs=(), outputs=())
TAIL = compiled([options([package([RUN, LOAD])])], tail=True, names=("in", "t1", "out"))
LOG = """\
Edge TPU Compiler version 16.0.384591198
Model compiled successfully in 12 ms.
Input model: net.tflite
Output model: ./net_edgetpu.tflite
On-chip memory used for caching model parameters: 192.00B
Off-chip memory used for streaming uncached model parameters: 48.00B
Number of Edge TPU subgraphs: 1
Total number of operations: 3
TANH 1 Mapped to Edge TPU
RELU 1 Mapped to Edge TPU
LOGISTIC 1 More than one subgraph is not supported
"""


def made(tmp_path: Path, arrange: Arrange, log: str = LOG, data: bytes = TAIL) -> tuple[Path, Compilation]:
    source = chain(tmp_path / "net.tflite", ("TANH", "RELU", "LOGISTIC"))
    arrange(Plan(prints=log, files={"net_edgetpu.tflite": data}))
    return source, compile_models([source], tmp_path / "out", CompilerOptions())


RIGHT = Predicted((Op(0, "TANH", True), Op(1, "RELU", True), Op(2, "LOGISTIC", False)))


def test_as_predicted(tmp_path: Path, arrange: Arrange) -> None:
    found = compare(*made(tmp_path, arrange), RIGHT, CompilerOptions())
    assert found.as_predicted
    assert (found.operators, found.agree, found.placements, found.counts, found.counted) == (3, 3, (), (), True)
    assert (found.parameter_bytes, found.parameters_differ, found.log_differences) == (240, False, ())


def test_other_than_predicted(tmp_path: Path, arrange: Arrange) -> None:
    wrong = Predicted((Op(0, "TANH", False), Op(1, "RELU", True), Op(2, "LOGISTIC", True)), (0, 1), 300)
    found = compare(*made(tmp_path, arrange), wrong, CompilerOptions())
    assert not found.as_predicted
    assert [(p.index, p.op, p.predicted, p.compiled) for p in found.placements] == [
        (0, "TANH", False, True),
        (2, "LOGISTIC", True, False),
    ]
    assert [(c.op, c.predicted, c.logged) for c in found.counts] == [("LOGISTIC", 1, 0), ("TANH", 0, 1)]
    assert (found.predicted_subgraphs, found.subgraphs) == (2, 1)
    assert found.parameters_differ


def test_a_log_that_contradicts_the_file(tmp_path: Path, arrange: Arrange) -> None:
    log = LOG.replace("192.00B", "1.00KiB").replace("subgraphs: 1", "subgraphs: 2")
    found = compare(*made(tmp_path, arrange, log), RIGHT, CompilerOptions())
    assert found.log_differences == (
        "cached parameters: the log says 1.00KiB, net_edgetpu.tflite has 192 bytes",
        "subgraphs: the log says 2, net_edgetpu.tflite has 1",
    )


def test_a_log_without_operators(tmp_path: Path, arrange: Arrange) -> None:
    log = "\n".join(line for line in LOG.splitlines() if "Mapped" not in line and "More than" not in line)
    found = compare(*made(tmp_path, arrange, log), RIGHT, CompilerOptions())
    assert found.as_predicted
    assert not found.counted


def test_custom_operators_have_no_names_in_a_log(tmp_path: Path, arrange: Arrange) -> None:
    prediction = replace(RIGHT, ops=(*RIGHT.ops[:1], Op(1, "CUSTOM:Mine", True), *RIGHT.ops[2:]))
    found = compare(*made(tmp_path, arrange, LOG.replace("RELU", "CUSTOM")), prediction, CompilerOptions())
    assert found.counts == ()


def test_what_the_prediction_cannot_know_is_said(tmp_path: Path, arrange: Arrange) -> None:
    wanted = CompilerOptions(search_delegate=True, intermediate_tensors=("t0",))
    found = compare(*made(tmp_path, arrange), RIGHT, wanted)
    assert ["--intermediate-tensors" in found.notes[0], "--search-delegate" in found.notes[1]] == [True, True]


def test_segments_are_added_up(tmp_path: Path, arrange: Arrange) -> None:
    source = chain(tmp_path / "net.tflite", ("TANH", "RELU", "LOGISTIC"))
    names = [f"net_segment_{i}_of_2_edgetpu.tflite" for i in range(2)]
    files = {
        names[0]: compiled([options([package([RUN, LOAD])])], names=("in", "t0")),
        names[1]: compiled([options([package([RUN])])], tail=True, names=("t0", "t1", "out")),
    }
    log = "\n".join(f"Input model: s{i}\nOutput model: {name}\n" + row for i, (name, row) in enumerate(
        zip(names, ("TANH 1 Mapped to Edge TPU", "RELU 1 Mapped to Edge TPU\nLOGISTIC 1 Operation not supported"),
            strict=True)))  # fmt: skip
    arrange(Plan(prints=f"Edge TPU Compiler version 16.0\n{log}\n", files=files))
    wanted = CompilerOptions(segments=2)
    compilation = compile_models([source], tmp_path / "out", wanted)
    found = compare(source, compilation, replace(RIGHT, parameter_bytes=288), wanted)
    assert found.as_predicted
    assert (found.subgraphs, found.parameter_bytes, found.counted) == (None, 288, True)
    (pipeline,) = inspection_of([o.compiled for o in compilation.outputs], None).pipelines
    assert (pipeline.missing, pipeline.gaps) == ((), ())


def shown(compilation: Compilation, comparisons: dict[Path, Comparison]) -> str:
    inspection = inspection_of([o.compiled for o in compilation.outputs], None)
    json.dumps(compilation_json(compilation, comparisons, inspection), allow_nan=False)
    page = io.StringIO()
    Console(width=80, file=page).print(render_compilation(compilation, comparisons, inspection))
    return page.getvalue()


def test_the_report(tmp_path: Path, arrange: Arrange) -> None:
    source, compilation = made(tmp_path, arrange, LOG + "What is this?\n")
    wrong = Predicted((Op(0, "TANH", False), *RIGHT.ops[1:]), (0, 1), 300)
    text = shown(compilation, {source: compare(source, compilation, wrong, CompilerOptions())})
    words = " ".join(text.split())
    assert "2 of 3 operators run where it was predicted" in words
    assert "operator 0 TANH: predicted on the processor, is on the Edge TPU" in words
    assert "subgraphs: predicted 2, are 1" in words
    assert "estimated 300 bytes, are 240" in words
    assert "lines of the log that tinykit does not know: 1" in words
    assert "12: What is this?" in words
    assert max(map(len, text.splitlines())) <= 80


def test_every_key_of_the_json_is_documented(tmp_path: Path, arrange: Arrange) -> None:
    source, compilation = made(tmp_path, arrange, LOG + "What is this?\n")
    wrong = Predicted((Op(0, "TANH", False), *RIGHT.ops[1:]))
    comparison = compare(source, compilation, wrong, CompilerOptions())
    value = compilation_json(compilation, {source: comparison}, inspection_of([], None))
    text = (Path(__file__).resolve().parents[3] / "docs" / "edgetpu.md").read_text()
    section = text[text.index("### JSON of compile") :]
    (compared,) = value["comparisons"].values()
    found = [*value, *value["log"], *compared, *compared["placements"][0], *compared["counts"][0]]
    found += [*value["outputs"][0], *value["log"]["unknown"][0]]
    assert {key for key in found if f"`{key}`" not in section} == set()


def log_of(original: Path, cpu: list[int], output: Path) -> str:
    """A log such as the compiler writes, of a pair whose placement is known."""
    rows = Counter((op.kind, op.index not in cpu) for op in read_model(original).ops)
    made = read_compiled(output)
    lines = [
        "Edge TPU Compiler version 16.0.384591198",
        f"Input model: {original.name}",
        f"Output model: {output.name}",
        f"On-chip memory used for caching model parameters: {made.cached_bytes}.00B",
        f"Off-chip memory used for streaming uncached model parameters: {made.streamed_bytes}.00B",
        f"Number of Edge TPU subgraphs: {len(made.edgetpu_ops)}",
    ]
    status = {True: "Mapped to Edge TPU", False: "More than one subgraph is not supported"}
    return "\n".join([*lines, *(f"{kind} {count} {status[mapped]}" for (kind, mapped), count in rows.items())]) + "\n"


@pytest.mark.parametrize(
    "model", ["split_concat", "deeplab_mobilenet_edgetpu_slim_cityscapes_quant", "movenet_single_pose_lightning_ptq"]
)
def test_real_models_and_the_real_prediction(model: str, tmp_path: Path, arrange: Arrange, shared: Path) -> None:
    pairs = shared / "edgetpu" / "pairs"
    facts = {pair["model"]: pair for pair in json.loads((shared / "edgetpu" / "pairs.json").read_text())}
    source, output = pairs / f"{model}.tflite", pairs / f"{model}_edgetpu.tflite"
    arrange(
        Plan(prints=log_of(source, facts[model]["cpu_op_indices"], output), files={output.name: output.read_bytes()})
    )
    compilation = compile_models([source], tmp_path / "out", CompilerOptions())
    found = compare(source, compilation, check_model(source), CompilerOptions())
    assert found.as_predicted
    assert found.counted
    assert found.operators == facts[model]["ops"]
    assert found.log_differences == ()
    assert "as predicted, all" in " ".join(shown(compilation, {source: found}).split())
