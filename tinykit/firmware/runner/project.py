"""Makes a release of a model: a folder that ``tinykit deploy`` puts onto a board and ``tinykit test`` tests there."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import tinykit
from tinykit.board import Board
from tinykit.compiler import Target, compile_graph
from tinykit.edgetpu.package import parse_compiled
from tinykit.errors import InputError
from tinykit.firmware.manifest import Facts, facts_of
from tinykit.firmware.project import Project
from tinykit.firmware.runner.bundle import runner_bundle
from tinykit.firmware.runner.library import LIBRARY_FILE, build_library
from tinykit.firmware.tree import MANIFEST, write_tree
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.runner.engines.delegate import LIBRARY
from tinykit.runner.install.layout import NAME
from tinykit.runner.release import (
    RELEASE_FILE,
    RUNNER_FILE,
    ModelEntry,
    ModelPackage,
    Release,
    build_id_of,
    release_text,
)

BUILDER = "runner"
"""What a release's manifest has for a builder."""

LITERT = ("ai-edge-litert==2.3.0", "numpy==2.2.6")
"""The newest LiteRT, and the newest NumPy that has wheels for all Pythons that LiteRT has (3.10 to 3.13)."""

CFFI = ("cffi==2.1.1",)
_FIRST_PORT, _PORTS = 24600, 400
"""Below the ports that Linux gives to outgoing connections, which begin at 32768 (ip(7), ip_local_port_range)."""


@dataclass(frozen=True)
class ReleaseOptions:
    """How a model is deployed.

    Attributes:
        name: of the deployment; the model's by default.
        engine: "litert", "edgetpu" or "library".
        devices: an Edge TPU for each model ("usb", "usb:0", "pci", "any"); the last one counts for the rest.
        delegate: the Edge TPU's runtime, a shared library on the board.
        cpu_fallback: whether the CPU will do where the Edge TPU cannot be had.
        port: TCP; None: one that comes from the name.
        listen: the address; 127.0.0.1: reached through ssh alone.
        serial, baud: a serial port of the board, beside it.
        threads: of LiteRT's kernels.
    """

    name: str | None = None
    engine: str = "litert"
    devices: Sequence[str] = ()
    delegate: str = LIBRARY
    cpu_fallback: bool = False
    port: int | None = None
    listen: str = "127.0.0.1"
    serial: str | None = None
    baud: int = 115200
    threads: int = 1


def render_release(
    models: Sequence[Path], board: Board, out_dir: Path, options: ReleaseOptions, *, optimize: Any = "balanced",
    opt_level: str = "O2",
) -> Project:  # fmt: skip
    """Write the release of a model, or of the segments of one, in their order.

    Args:
        out_dir: created if needed. What an earlier project left there is replaced, other files are kept.

    Raises:
        InputError: the board has no Linux, or the model does not go with the engine.
        ModelError, UnsupportedModel: the model cannot be read, or not be compiled (engine "library").
        ToolMissing, BuildFailed: as ``build_library``.
    """
    graphs = [read_model(model) for model in models]
    contents = [model.read_bytes() for model in models]
    packages = [_package(data, str(path)) for data, path in zip(contents, models, strict=True)]
    _check(graphs, packages, board, options)
    name = options.name or _name_of(graphs[0].name)
    if not NAME.fullmatch(name):
        raise InputError(f"a deployment cannot be called {name!r}", hint="use a-z, 0-9, '-', '_' and '.', up to 64")
    try:
        ipaddress.ip_address(options.listen)
    except ValueError:
        raise InputError(
            "that is no address to listen on", where=options.listen,
            hint="give one of the board's: 127.0.0.1, or 0.0.0.0 or :: for all that it has",
        ) from None  # fmt: skip
    files = {"model.tflite": contents[0]}
    files.update({f"segment{number}.tflite": data for number, data in enumerate(contents[1:], 1)})
    facts, compiler, flags = _plain_facts(graphs, options.engine), ", ".join(LITERT), list(LITERT)
    requirements: tuple[str, ...] = LITERT
    if options.engine == "library":
        target = Target(board.core, frozenset(board.features))
        compiled = compile_graph(graphs[0], target, optimize=optimize, where=str(models[0]))
        files[LIBRARY_FILE], compiler, flags = build_library(compiled, board, opt_level)
        facts, requirements = replace(facts_of(compiled), engine="library"), CFFI
    release = _release(name, graphs, packages, files, board, options, requirements)
    tree = {**files, RUNNER_FILE: runner_bundle()}
    release = replace(release, files={path: hashlib.sha256(data).hexdigest() for path, data in sorted(tree.items())})
    release = replace(release, build_id=build_id_of(release))
    assert board.path is not None, "boards come from load_board, which knows their file"
    tree[RELEASE_FILE] = release_text(release).encode()
    tree[f"{board.name}.toml"] = board.path.read_bytes()
    manifest = {
        "schema": 1,
        "tinykit": tinykit.__version__,
        "build_id": release.build_id,
        "board": {"name": board.name, "file": f"{board.name}.toml"},
        "model": {"file": "model.tflite", **asdict(facts)},
        "builder": BUILDER,
        "note": None,
        "compiler": {"command": options.engine, "version": compiler},
        "flags": {"target": flags},
        "outputs": [],
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in sorted(tree.items())},
    }
    tree[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    write_tree(tree, out_dir)
    return Project(out_dir, board, release.build_id, manifest)


def _check(
    graphs: Sequence[Graph], packages: Sequence[ModelPackage | None], board: Board, options: ReleaseOptions
) -> None:
    if not board.is_hosted:
        raise InputError(
            f"engine {options.engine} needs Linux, which {board.name} has not",
            hint="use a board such as rpi5, or engine aot",
        )
    compiled = next((graph.name for graph, package in zip(graphs, packages, strict=True) if package), None)
    if compiled is not None and options.engine != "edgetpu":
        raise InputError(
            f"{compiled} was compiled for the Edge TPU; engine {options.engine} cannot run it",
            hint="give --accelerator coral-usb, or the model that it was compiled from",
        )
    if len(graphs) > 1 and options.engine == "library":
        raise InputError("engine library takes one model", hint="use engine litert for the segments of a pipeline")


def _release(
    name: str, graphs: Sequence[Graph], packages: Sequence[ModelPackage | None], files: dict[str, bytes], board: Board,
    options: ReleaseOptions, requirements: tuple[str, ...],
) -> Release:  # fmt: skip
    on_tpu = options.engine == "edgetpu"
    devices = list(options.devices) or ["any"]
    entries = []
    paths = [path for path in files if path.endswith(".tflite")]
    for number, (path, graph, package) in enumerate(zip(paths, graphs, packages, strict=True)):
        device = devices[min(number, len(devices) - 1)] if on_tpu else None
        entries.append(ModelEntry(path, graph.sha256, graph.file_bytes, device, package))
    port = options.port
    if port is None:
        port = _FIRST_PORT + zlib.crc32(name.encode()) % _PORTS
    return Release(
        name=name,
        build_id="",
        board=board.name,
        engine=options.engine,
        model_name=graphs[0].name,
        model_sha256=graphs[0].sha256,
        models=tuple(entries),
        port=port,
        listen=options.listen,
        library=LIBRARY_FILE if options.engine == "library" else None,
        delegate=options.delegate if on_tpu else None,
        cpu_fallback=options.cpu_fallback,
        threads=options.threads,
        serial=options.serial,
        baud=options.baud,
        max_payload=board.link.max_payload,
        requirements=requirements,
    )


def _package(data: bytes, where: str) -> ModelPackage | None:
    """What a model that was compiled for the Edge TPU says; None of others."""
    compiled = parse_compiled(data, where=where)
    if not compiled.edgetpu_ops:
        return None
    return ModelPackage(compiled.min_runtime, compiled.tokens, compiled.cached_bytes, compiled.streamed_bytes)


def _plain_facts(graphs: Sequence[Graph], engine: str) -> Facts:
    first = graphs[0]
    inputs = tuple(first.tensor(i).nbytes for i in first.inputs)
    return Facts(first.name, first.sha256, inputs, 0, 0, {}, engine=engine)


def _name_of(model: str) -> str:
    """A deployment's name from a model's."""
    return re.sub(r"[^a-z0-9_.-]+", "-", model.lower()).strip("-._")[:64] or "model"
