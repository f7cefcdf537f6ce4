"""An inspection as JSON. Tokens are hexadecimal text: JSON's readers hold numbers of 64 bits as floats."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tinykit.edgetpu.package.groups import Group
from tinykit.edgetpu.package.inspect import Inspection
from tinykit.edgetpu.package.types import CompiledModel, EdgeTpuOp, Executable, Layer, Package

SCHEMA = 1
"""Of this form and of ``compiler.report``'s; grows when a key is removed or gets another meaning."""


def inspection_json(inspection: Inspection) -> dict[str, Any]:
    """All that was found: ``runtime``, ``models``, ``groups``, ``pipelines``."""
    return {
        "schema": SCHEMA,
        "runtime": None if inspection.runtime is None else asdict(inspection.runtime),
        "models": [_model(m, inspection.warnings[m.path]) for m in inspection.models],
        "groups": [_group(group) for group in inspection.groups],
        "pipelines": [asdict(pipeline) for pipeline in inspection.pipelines],
    }


def token_text(token: int) -> str:
    """As "0x0f5daf073fcc3811"."""
    return f"0x{token:016x}"


def _group(group: Group) -> dict[str, Any]:
    return {**asdict(group), "token": token_text(group.token)}


def _model(model: CompiledModel, warnings: tuple[str, ...]) -> dict[str, Any]:
    return {
        "path": model.path,
        "sha256": model.sha256,
        "file_bytes": model.file_bytes,
        "min_runtime": model.min_runtime,
        "cached_bytes": model.cached_bytes,
        "streamed_bytes": model.streamed_bytes,
        "tokens": [token_text(token) for token in model.tokens],
        "inputs": list(model.inputs),
        "outputs": list(model.outputs),
        "edgetpu_ops": [_edgetpu_op(op) for op in model.edgetpu_ops],
        "cpu_ops": [asdict(op) for op in model.cpu_ops],
        "warnings": list(warnings),
    }


def _edgetpu_op(op: EdgeTpuOp) -> dict[str, Any]:
    return {
        "index": op.index,
        "inputs": list(op.inputs),
        "outputs": list(op.outputs),
        "version": op.version,
        "packages": [_package(package) for package in op.packages],
    }


def _package(package: Package) -> dict[str, Any]:
    return {
        "size_bytes": package.size_bytes,
        "chip_number": package.chip_number,
        "min_runtime": package.min_runtime,
        "compiler": package.compiler,
        "model_identifier": package.model_identifier,
        "virtual_chip": package.virtual_chip,
        "signed": package.signed,
        "keypair_version": package.keypair_version,
        "cached_bytes": package.cached_bytes,
        "streamed_bytes": package.streamed_bytes,
        "instruction_bytes": package.instruction_bytes,
        "scratch_bytes": package.scratch_bytes,
        "executables": [_executable(executable) for executable in package.executables],
        "parts": [_package(part) for part in package.parts],
    }


def _executable(executable: Executable) -> dict[str, Any]:
    value = {**vars(executable), "type": executable.type.name, "token": token_text(executable.token)}
    value["hints"] = asdict(executable.hints)
    value["inputs"] = [_layer(layer) for layer in executable.inputs]
    value["outputs"] = [_layer(layer) for layer in executable.outputs]
    return value


def _layer(layer: Layer) -> dict[str, Any]:
    return {**vars(layer), "dimensions": list(layer.dimensions), "dtype": layer.dtype.label, "bias": layer.dtype.bias}
