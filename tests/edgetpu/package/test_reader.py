"""Forms of compiled files that the models at hand do not have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.edgetpu_builder import compiled, executable, options, package, small
from support.tflite_builder import ModelBuilder
from tinykit.edgetpu.package import ExecutableType, parse_compiled
from tinykit.edgetpu.package.inspect import inspect_files, inspection_of
from tinykit.edgetpu.package.runtime import NEWEST, Runtime, parse_runtime, runtime_warnings
from tinykit.edgetpu.package.to_json import inspection_json
from tinykit.errors import InputError, ModelError

RUN = executable("EXECUTION_ONLY", parameters=b"\x02" * 48, cycles=1234)
LOAD = executable("PARAMETER_CACHING", parameters=b"\x03" * 192, inputs=(), outputs=())


def test_the_small_file() -> None:
    model = parse_compiled(small(), where="m")
    (op,) = model.edgetpu_ops
    (found,) = op.packages
    assert (found.compiler, found.min_runtime, found.chip_number) == ("cl/1234", 14, 18)
    assert (model.cached_bytes, model.streamed_bytes, model.tokens) == (192, 48, (0x1122334455667788,))
    run, load = found.executables
    assert (run.type, load.type) == (ExecutableType.EXECUTION_ONLY, ExecutableType.PARAMETER_CACHING)
    assert (run.instruction_bytes, run.instruction_chunks, run.scratch_bytes) == (16, 1, 64)
    assert (run.hints.dma, run.hints.interrupt, run.hints.parameter_bytes) == (1, 1, 48)
    (layer,) = run.inputs
    assert (layer.name, layer.dimensions, (layer.y, layer.x, layer.z)) == ("in", (1, 4, 4, 3), (4, 4, 3))
    assert (layer.dtype.label, layer.zero_point - layer.dtype.bias, layer.scale) == ("int8", 0, 0.5)
    assert layer.executions == 1


def test_several_operators_and_one_on_the_processor() -> None:
    """As --enable_multiple_subgraphs makes them."""
    data = compiled([options([package([RUN, LOAD])]), options([package([RUN])])], tail=True)
    model = parse_compiled(data, where="m")
    assert [op.index for op in model.edgetpu_ops] == [0, 1]
    assert [(op.index, op.kind, op.outputs) for op in model.cpu_ops] == [(2, "LOGISTIC", ("out",))]
    assert (model.cached_bytes, model.streamed_bytes) == (192, 96)


def test_packages_for_other_chips_are_not_added_up() -> None:
    data = compiled([options([package([RUN, LOAD]), package([LOAD], min_runtime=20)], chips=(18, 19))])
    (op,) = parse_compiled(data, where="m").edgetpu_ops
    assert [p.chip_number for p in op.packages] == [18, 19]
    assert op.cached_bytes == 192
    assert parse_compiled(data, where="m").min_runtime == 14


def test_parts_for_several_chips_are_added_up() -> None:
    parts = [package([RUN, LOAD]), package([LOAD])]
    data = compiled([options([package([], virtual_chip=-1, chips=parts)])])
    (op,) = parse_compiled(data, where="m").edgetpu_ops
    assert [len(part.executables) for part in op.packages[0].parts] == [2, 1]
    assert (op.cached_bytes, op.streamed_bytes) == (384, 48)


def test_options_of_older_compilers_name_no_chip() -> None:
    (op,) = parse_compiled(compiled([options([package([RUN])], chips=())]), where="m").edgetpu_ops
    assert op.packages[0].chip_number is None


def test_one_that_streams_everything() -> None:
    model = parse_compiled(compiled([options([package([executable("STAND_ALONE", parameters=bytes(99))])])]), where="m")
    assert (model.cached_bytes, model.streamed_bytes, model.tokens) == (0, 99, ())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (compiled([options([b"no package at all"])]), "package 0: its bytes 4 to 7 must be"),
        (compiled([options([package([])])]), "it has no executable"),
        (compiled([options([package([executable(7)])])]), "executable 0: type of executable 7 does not exist"),
        (compiled([options([package([RUN, RUN[:40]])])]), "package 0: executable 1: "),
        (
            compiled([options([package([executable("STAND_ALONE", dtype=77)])])]),
            "executable 0: input 0: element type 77 does not exist",
        ),
        (compiled([options([package([RUN])], chips=(1, 2))]), "it has 1 packages for 2 chips"),
        (compiled([b"\x00\x24\x01"]), "FlexBuffer of its options"),
        (compiled([b""]), "0 bytes are too few for a FlexBuffer"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data: bytes, why: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse_compiled(data, where="m.tflite")
    assert caught.value.where == "m.tflite"
    assert "operator 0 (edgetpu-custom-op)" in caught.value.what
    assert why in (caught.value.why or "")
    assert caught.value.hint


def test_a_model_that_was_not_compiled(tmp_path: Path) -> None:
    m = ModelBuilder()
    x = m.input((1, 4), "int8", scale=0.5, zero_point=0)
    m.op("LOGISTIC", [x], [m.output((1, 4), "int8", scale=1 / 256, zero_point=-128)])
    path = tmp_path / "plain.tflite"
    path.write_bytes(m.build())
    with pytest.raises(ModelError, match="not compiled for the Edge TPU"):
        inspect_files([path], None)


def test_a_file_that_says_it_has_millions_of_layers() -> None:
    """All entries of a vector may lead to the same table: the file is small, what it says is not."""
    names = ["x" * 3000] * 2000
    data = compiled([options([package([executable("STAND_ALONE", inputs=names)])])])
    with pytest.raises(ModelError, match="more text than any compiled model has"):
        parse_compiled(data, where="m")
    data = compiled([options([package([executable("STAND_ALONE", instructions=[b""] * 12_000)])])])
    with pytest.raises(ModelError, match="more parts than any compiled model has"):
        parse_compiled(data, where="m")


def test_models_with_one_token_were_compiled_together(tmp_path: Path) -> None:
    paths = []
    for name, token in (("a", 1), ("b", 2), ("c", 1)):
        paths.append(tmp_path / f"{name}_edgetpu.tflite")
        paths[-1].write_bytes(small(token=token))
    found = inspect_files(paths, None)
    assert [(g.token, [Path(m).name for m in g.models], g.cached_bytes) for g in found.groups] == [
        (1, ["a_edgetpu.tflite", "c_edgetpu.tflite"], 384),
        (2, ["b_edgetpu.tflite"], 192),
    ]


def segment(i: int, count: int, names: tuple[str, str]) -> tuple[str, bytes]:
    return f"net_segment_{i}_of_{count}_edgetpu.tflite", small(names=names)


def test_segments_of_a_pipeline() -> None:
    files = [segment(1, 2, ("mid", "out")), segment(0, 2, ("in", "mid"))]
    (pipeline,) = inspection_of([parse_compiled(data, where=name) for name, data in files], None).pipelines
    assert (pipeline.name, pipeline.segments, pipeline.missing, pipeline.gaps) == ("net", 2, (), ())
    assert pipeline.models == (files[1][0], files[0][0])


def test_segments_that_do_not_fit_or_are_missing() -> None:
    files = [segment(0, 2, ("in", "mid")), segment(1, 2, ("other", "out"))]
    models = [parse_compiled(data, where=name) for name, data in files]
    found = inspection_of(models, None)
    assert found.pipelines[0].gaps == ("segment 1 reads 'other'",)
    assert found.warnings[files[0][0]] == ("segment 1 reads 'other', which no segment before it writes",)
    assert inspection_of(models[1:], None).pipelines[0].missing == (0,)


@pytest.mark.parametrize(
    ("text", "version"),
    [("14", 14), (" 9 ", 9), ("BuildLabel(COMPILER=6.3.0 20170516,DATE=redacted), RuntimeVersion(13)", 13)],
)
def test_versions_of_the_runtime(text: str, version: int) -> None:
    assert parse_runtime(text) == Runtime(version, "--runtime")


@pytest.mark.parametrize("text", ["", "16.0", "new", "-1", "14 15"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(InputError, match="no version of the Edge TPU's runtime"):
        parse_runtime(text)


def test_a_runtime_that_is_too_old() -> None:
    model = parse_compiled(small(min_runtime=13), where="m")
    assert runtime_warnings(model, Runtime(13, "lib")) == []
    assert runtime_warnings(model, None) == []
    (said,) = runtime_warnings(model, Runtime(12, "lib"))
    assert "needs runtime 13, and lib is 12" in said
    newer = parse_compiled(small(min_runtime=NEWEST + 1), where="m")
    assert "no released one loads it" in runtime_warnings(newer, Runtime(NEWEST, "lib"))[0]


def keys(value: object) -> set[str]:
    """Of objects at every depth."""
    if isinstance(value, dict):
        return {*value, *(key for inner in value.values() for key in keys(inner))}
    return {key for inner in value for key in keys(inner)} if isinstance(value, (list, tuple)) else set()


def test_every_key_of_the_json_is_documented() -> None:
    model = parse_compiled(
        compiled([options([package([RUN, LOAD])])], tail=True), where="a_segment_0_of_1_edgetpu.tflite"
    )
    value = inspection_json(inspection_of([model], Runtime(14, "lib")))
    text = (Path(__file__).resolve().parents[3] / "docs" / "edgetpu.md").read_text()
    section = text[text.index("### JSON of inspect") : text.index("### JSON of compile")]
    assert {"gaps", "cpu_ops", "bias", "fence"} <= keys(value)
    assert {key for key in keys(value) if f"`{key}`" not in section} == set()


def test_json_can_be_written() -> None:
    model = parse_compiled(small(), where="m")
    value = inspection_json(inspection_of([model], Runtime(14, "lib")))
    assert json.loads(json.dumps(value, allow_nan=False))["groups"][0]["models"] == ["m"]
    executables = value["models"][0]["edgetpu_ops"][0]["packages"][0]["executables"]
    assert [e["token"] for e in executables] == ["0x1122334455667788"] * 2
