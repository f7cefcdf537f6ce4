"""All compiled models at hand, field by field against what other tools read from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tinykit.edgetpu.package import read_compiled
from tinykit.graph.reader import read_model

MODELS = [
    "bodypix_mobilenet_v1_075_1280_720_16_per_tensor_quant",
    "bodypix_mobilenet_v1_075_512_512_16_quant_decoder",
    "deeplab_mobilenet_edgetpu_slim_cityscapes_quant",
    "deeplabv3_mnv2_dm05_pascal_quant",
    "deeplabv3_mnv2_dm05_pascal_quant_v2014",
    "keras_lstm_mnist_ptq",
    "mobilenet_edgetpu_0.75_224_post_training_quant",
    "mobilenet_v1_0.25_128_quant",
    "mobilenet_v1_0.5_160_quant",
    "mobilenet_v2_1.0_224_quant",
    "movenet_single_pose_lightning_ptq",
    "posenet_mobilenet_v1_075_353_481_16_quant_decoder",
    "split_concat",
    "yamnet_spectra_in",
]


@pytest.fixture(scope="module")
def facts(shared: Path) -> dict[str, Any]:
    path = shared / "edgetpu" / "pairs.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return {pair["model"]: pair for pair in json.loads(path.read_text())}


def test_every_pair_is_read(facts: dict[str, Any]) -> None:
    assert sorted(facts) == MODELS


@pytest.mark.parametrize("model", MODELS)
def test_fields(model: str, facts: dict[str, Any], shared: Path) -> None:
    pair = facts[model]
    read = read_compiled(shared / "edgetpu" / "pairs" / f"{model}_edgetpu.tflite")
    packages = [package for op in read.edgetpu_ops for package in op.packages]
    assert len(read.edgetpu_ops) == pair["edgetpu_custom_ops"]
    assert len(packages) == len(pair["executables"])
    for package, fact in zip(packages, pair["executables"], strict=True):
        assert package.compiler == fact["compiler"]
        assert package.min_runtime == fact["minrt"]
        assert package.chip_number == (None if fact["chips"] is None else fact["chips"][0])
        assert package.size_bytes == fact["pkg"]
        found = [
            {
                "type": e.type.name,
                "instr": e.instruction_bytes,
                "nchunks": e.instruction_chunks,
                "params": e.parameter_bytes,
                "scratch": e.scratch_bytes,
                "narrow": e.narrow_bytes_per_tile,
                "token": f"0x{e.token:016x}",
                "cyc": e.estimated_cycles,
                "size": e.size_bytes,
                "hints": {
                    name: count
                    for name, count in (
                        ("Instr", e.hints.instruction),
                        ("Dma", e.hints.dma),
                        ("Intr", e.hints.interrupt),
                        ("Fence", e.hints.fence),
                    )
                    if count
                },
                "dma_param": e.hints.parameter_bytes,
            }
            for e in package.executables
        ]
        assert found == fact["exes"]
        assert {e.chip for e in package.executables} == {"beagle"}
    by_type = {kind: sum(e["params"] for p in pair["executables"] for e in p["exes"] if e["type"] == kind)
               for kind in ("PARAMETER_CACHING", "EXECUTION_ONLY", "STAND_ALONE")}  # fmt: skip
    assert read.cached_bytes == by_type["PARAMETER_CACHING"]
    assert read.streamed_bytes == by_type["EXECUTION_ONLY"] + by_type["STAND_ALONE"]


@pytest.mark.parametrize("model", MODELS)
def test_layers_are_the_tensors_of_the_operator(model: str, shared: Path) -> None:
    path = shared / "edgetpu" / "pairs" / f"{model}_edgetpu.tflite"
    graph = read_model(path)
    tensors = {t.name: t for t in graph.tensors.values()}
    for op in read_compiled(path).edgetpu_ops:
        (running,) = op.packages[0].running
        for layers, names in ((running.inputs, op.inputs), (running.outputs, op.outputs)):
            found = {layer.name: layer for layer in layers}
            # the states of an LSTM are layers, too, but no tensors of the compiled model
            assert [name for name in found if not name.endswith(("_variable_input", "_variable_output"))] == list(names)
            for layer in (found[name] for name in names):
                tensor = tensors[layer.name]
                assert layer.y * layer.x * layer.z == tensor.size
                assert tensor.quant is not None
                assert layer.scale == pytest.approx(float(tensor.quant.scale), rel=1e-6)
                assert layer.dtype.label == tensor.dtype.label
                assert layer.zero_point - layer.dtype.bias == tensor.quant.zero_point


@pytest.mark.parametrize("model", MODELS)
def test_operators_on_the_processor(model: str, facts: dict[str, Any], shared: Path) -> None:
    """Those that stayed keep their outputs' names, so each is found in the original."""
    pairs = shared / "edgetpu" / "pairs"
    graph = read_model(pairs / f"{model}.tflite")
    original = {graph.output(op).name: op.index for op in graph.ops}
    read = read_compiled(pairs / f"{model}_edgetpu.tflite")
    assert [original[op.outputs[0]] for op in read.cpu_ops] == facts[model]["cpu_op_indices"]
