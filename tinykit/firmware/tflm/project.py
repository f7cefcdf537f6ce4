"""The firmware project of a model that TFLite-Micro's interpreter runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.board import Board
from tinykit.compiler.emit.environment import environment
from tinykit.compiler.emit.literals import array_body
from tinykit.compiler.emit.view import PortView
from tinykit.errors import UnsupportedModel
from tinykit.firmware.builders.choose import choose_builder
from tinykit.firmware.engine import Interpreter, check_engine
from tinykit.firmware.manifest import Facts
from tinykit.firmware.mlperf import MlperfId
from tinykit.firmware.project import OptLevel, Project, render_sources
from tinykit.firmware.tflm.arena import ArenaSize, arena_size, cmsis_nn_scratch
from tinykit.firmware.tflm.checkout import Checkout, find_checkout
from tinykit.firmware.tflm.cxx import cxx_command, find_cxx
from tinykit.firmware.tflm.operators import Registration, registrations
from tinykit.firmware.tflm.sources import check_kernels, collect, has_int8
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph
from tinykit.resources import data_dir

_FOLDER = "tflm"
"""Of TFLite-Micro's own files in a project."""

# As TFLite-Micro's Makefile sets them. Not TF_LITE_STRIP_ERROR_STRINGS: without the strings the interpreter announces
# no operators to the profiler, and says nothing when it fails.
_DEFINES = ("TF_LITE_STATIC_MEMORY", "TF_LITE_DISABLE_X86_NEON", "NDEBUG")


def render_tflm_project(
    graph: Graph,
    board: Board,
    out_dir: Path,
    *,
    model_file: Path,
    tflm_path: Path | None = None,
    opt_level: OptLevel = "O2",
    sanitize: bool = False,
    builder: str | None = None,
    export: bool = False,
    mlperf: MlperfId | None = None,
    marker: str | None = None,
) -> Project:
    """Write a project with the model as it is, TFLite-Micro, and the agent.

    Args:
        graph: of ``model_file``.
        out_dir: created if needed. What an earlier project left there is replaced, other files are kept.
        tflm_path: a checkout of TFLite-Micro or a tree of its create_tflm_tree.py; $TINYKIT_TFLM_PATH by default.
        opt_level: of TFLite-Micro.
        builder: instead of the board's own.
        export: for building elsewhere: the compilers need not be here, and are not part of the build id.
        mlperf: speak MLPerf Tiny's text protocol beside the link, as this one of its models.
        marker: name of a pin that is high during timed inferences.

    Raises:
        UnsupportedModel: TFLite-Micro has no kernel for an operator, or does not know the type of an input or output.
        ToolMissing: TFLite-Micro or the package tflite-micro is missing; without ``export`` also a compiler.
        DoesNotFit: the model or its arena alone exceeds the board's memories.
        InputError: the board's builder cannot build it, or ``out_dir`` cannot be used.
    """
    chosen, _ = choose_builder(board, builder, export=export)
    check_engine(chosen, board, "tflm")
    operators = registrations(graph, str(model_file))
    _check_ports(graph, str(model_file))
    platform: Path | None = chosen.tflm_root() if hasattr(chosen, "tflm_root") else None
    if platform is None:
        checkout = find_checkout(tflm_path)
        interpreter = _built_along(checkout, operators, *(_not_here(board) if export else find_cxx(board)))
        arena = arena_size(model_file)
    else:
        checkout = Checkout(platform, platform.parent)
        check_kernels(checkout, operators)
        interpreter = Interpreter(name="tflm", compiler="", version="TFLite-Micro of the platform")
        arena = arena_size(model_file, scratch=cmsis_nn_scratch(graph))
    used = tuple(o if has_int8(checkout, o) else replace(o, int8="", header="") for o in operators)
    return render_sources(
        model_sources(graph, model_file, used, arena, platform=platform is not None),
        _facts(graph, operators, arena, "reference" if platform is None else "CMSIS-NN"),
        board,
        out_dir,
        model_file=model_file,
        opt_level=opt_level,
        sanitize=sanitize,
        builder=chosen.kind,
        interpreter=interpreter,
        export=export,
        mlperf=mlperf,
        marker=marker,
    )


def _not_here(board: Board) -> tuple[str, str]:
    """As ``find_cxx``, of a compiler that is elsewhere."""
    return " ".join(cxx_command(board)), "not known: exported"


def _built_along(checkout: Checkout, operators: tuple[Registration, ...], command: str, version: str) -> Interpreter:
    """TFLite-Micro's reference kernels and framework, copied into the project; compiler and its version."""
    compiled, files = collect(checkout, operators)
    return Interpreter(
        name="tflm",
        compiler=command,
        version=version,
        files={f"{_FOLDER}/{name}": path.read_bytes() for name, path in files.items()},
        sources=tuple(f"{_FOLDER}/{name}" for name in compiled),
        folders=tuple(_FOLDER if name == "." else f"{_FOLDER}/{name}" for name in checkout.folders),
        defines=_DEFINES,
    )


def model_sources(
    graph: Graph, model_file: Path, operators: tuple[Registration, ...], arena: ArenaSize, *, platform: bool = False
) -> dict[str, bytes]:
    """The sources that are made for a model, by path in the project.

    Args:
        platform: a platform builds TFLite-Micro, and has what it asks for: messages, clock.
    """
    content = model_file.read_bytes()
    values: dict[str, Any] = {
        "name": graph.name,
        "sha256": graph.sha256,
        "sha256_bytes": ", ".join(f"0x{byte:02x}" for byte in bytes.fromhex(graph.sha256)),
        "operators": operators,
        "arena_bytes": arena.reserved,
        "layers": len(graph.ops),
        "inputs": _ports(graph, graph.inputs),
        "outputs": _ports(graph, graph.outputs),
        "length": len(content),
        "body": array_body(np.frombuffer(content, np.uint8), "uint8_t"),
    }
    templates = {
        "src/model/model_info.c": "tflm_info.c.j2",
        "src/model/model_data.c": "model_data.c.j2",
        "src/model/tflm_engine.cc": "tflm_engine.cc.j2",
    }
    sources = {
        path: environment().get_template(template).render(**values).encode() for path, template in templates.items()
    }
    folder = data_dir("firmware_templates") / "tflm"
    for name in ("tk_tflm.h", *(() if platform else ("tflm_platform.cc",))):
        sources[f"src/model/{name}"] = (folder / name).read_bytes()
    return sources


def _check_ports(graph: Graph, where: str) -> None:
    for role, ids in (("input", graph.inputs), ("output", graph.outputs)):
        for tensor in (graph.tensor(i) for i in ids):
            if tensor.dtype.c is None:
                raise UnsupportedModel(
                    f"the {role} {tensor.name!r} has a type that C99 does not have",
                    where=where,
                    why=f"it is {tensor.dtype.label}",
                    hint="convert the model again with int8 or float32 inputs and outputs",
                )


def _ports(graph: Graph, ids: tuple[int, ...]) -> list[PortView]:
    ports = []
    for tensor in (graph.tensor(i) for i in ids):
        assert tensor.dtype.c is not None
        ports.append(PortView("", "", tensor.dtype.c, "", tensor.nbytes, tensor, tensor.is_constant))
    return ports


def _facts(graph: Graph, operators: tuple[Registration, ...], arena: ArenaSize, variant: str) -> Facts:
    """As of a compiled model. All of the file lies in the flash: "weights" is its size."""
    functions = {operator.method: operator.function for operator in operators}
    return Facts(
        name=graph.name,
        sha256=graph.sha256,
        input_bytes=tuple(graph.tensor(i).nbytes for i in graph.inputs),
        arena_bytes=arena.reserved,
        arena_lower_bound=None,
        constants={"weights": graph.file_bytes, "tables": 0},
        layers=tuple(
            {
                "label": f"{op.custom_code or op.kind} {op.index}",
                "kernel": next((f for f in functions.values() if f == f"Register_{op.kind}"), op.custom_code),
                "variant": variant,
                "macs": op_macs(graph, op),
            }
            for op in graph.ops
        ),
        engine="tflm",
        arena_used_on_host=arena.used,
    )
