"""Makes the files of a project from sources, templates and a board; touches no disk but to read templates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import tinykit
from tinykit.board import Board
from tinykit.firmware.builders.base import Builder, Compiler, Ingredients
from tinykit.firmware.engine import Interpreter
from tinykit.firmware.manifest import Facts, make_manifest
from tinykit.firmware.marker import Marker
from tinykit.firmware.ports import port_files
from tinykit.firmware.renode_files import renode_files
from tinykit.firmware.templates import render_project_file
from tinykit.firmware.tree import MANIFEST

_MODEL_FOLDERS = ("src/model/", "src/kernels/")


def render_tree(
    sources: Mapping[str, bytes],
    facts: Facts,
    board: Board,
    builder: Builder,
    compiler: Compiler,
    model_bytes: bytes | None,
    opt_level: str,
    sanitize: bool,
    stack: int,
    interpreter: Interpreter | None = None,
    note: str | None = None,
    mlperf: str | None = None,
    marker: Marker | None = None,
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """All files of a project by path, and its manifest (which is among the files).

    Args:
        compiler: its version is part of the build id.
        note: what a user should know of how the builder was chosen, for the manifest.
        mlperf: which of MLPerf Tiny's models the firmware is, if it speaks that benchmark's protocol.
        marker: the pin that is high during timed inferences, if there is one.

    Raises:
        BoardError: the board's port family does not exist or lacks something.
    """
    port = port_files(board, marker=marker is not None)
    tree = dict(sources)
    for name, content in port.files.items():
        tree[f"src/port/{name}"] = content
    values: dict[str, Any] = {
        "board": board,
        "model": facts,
        "stack": stack,
        "opt_level": opt_level,
        "sanitize": sanitize,
        "compiler": compiler.command,
        "input_bytes": max(facts.input_copy_bytes, 16),
        "layers": len(facts.layers),
        "state": bool(facts.state_bytes),
        "interpreter": interpreter,
        "mlperf": mlperf,
        "marker": marker,
        "version": tinykit.__version__,
        "model_file": "model.tflite" if model_bytes is not None else None,
    }
    compiled = sorted(name for name in tree if PurePosixPath(name).suffix in (".c", ".cc", ".S"))
    values["model_sources"] = [name for name in compiled if name.startswith(_MODEL_FOLDERS)]
    values["firmware_sources"] = [name for name in compiled if not name.startswith(_MODEL_FOLDERS)]
    values["include_folders"] = sorted({"src"} | {str(PurePosixPath(name).parent) for name in tree})

    if interpreter is not None:
        tree.update(interpreter.files)
    ingredients = Ingredients(board, values, port.linker_script)
    tree.update(builder.files(ingredients))
    # The id covers everything that ends up in the firmware but itself.
    unnamed = _config({**values, "build_id": "0"})
    build_id = _build_id({**tree, "src/tk_config.h": unnamed}, compiler.version)
    id_bytes = ", ".join(f"0x{byte:02x}" for byte in bytes.fromhex(build_id))
    tree["src/tk_config.h"] = _config({**values, "build_id": id_bytes})

    # Not part of the firmware, and the suite names the build.
    tree.update(renode_files(board, build_id, builder.elf(Path()).as_posix()))

    board_file = f"{board.name}.toml"
    tree[board_file] = _board_text(board)
    if model_bytes is not None:
        tree["model.tflite"] = model_bytes
    flags = {
        **builder.flags(ingredients),
        "opt_level": opt_level,
        "sanitize": sanitize,
        "stack": stack,
        "mlperf": mlperf,
        "marker": None if marker is None else marker.pin,
    }
    manifest = make_manifest(
        facts, board, board_file, builder, note, build_id, compiler, flags, tree, values["model_file"]
    )
    tree[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    return tree, manifest


def _config(values: Mapping[str, Any]) -> bytes:
    return render_project_file("common/tk_config.h.j2", values)


def _build_id(tree: Mapping[str, bytes], compiler_version: str) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(tree.items()):
        if name != "README.md":
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    digest.update(compiler_version.encode())
    return digest.hexdigest()[:32]


def _board_text(board: Board) -> bytes:
    assert board.path is not None, "boards come from load_board, which knows their file"
    return board.path.read_bytes()
