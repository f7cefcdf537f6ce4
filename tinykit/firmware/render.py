"""Makes the files of a project from sources, templates and a board; touches no disk but to read templates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2

from tinykit.board import Board
from tinykit.board.tools import host_cc, program_version, require_tool, tool_missing
from tinykit.errors import BoardError
from tinykit.firmware.manifest import Facts, make_manifest
from tinykit.firmware.ports import PortFiles, port_files
from tinykit.resources import data_dir

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
_MODEL_FOLDERS = ("src/model/", "src/kernels/")


def render_tree(
    sources: Mapping[str, bytes],
    facts: Facts,
    board: Board,
    model_bytes: bytes | None,
    optimize: str,
    sanitize: bool,
    stack: int,
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """All files of a project by path, and its manifest (which is among the files).

    Raises:
        ToolMissing: the compiler is missing; its version is part of the build id.
        BoardError: the board's port family does not exist or lacks something.
    """
    compiler = find_compiler(board)
    port = port_files(board)
    tree = dict(sources)
    for name, content in port.files.items():
        tree[f"src/port/{name}"] = content
    target = [*board.toolchain.cflags, *(SANITIZERS if sanitize else ())]
    ldflags = list(board.toolchain.ldflags)
    if not board.is_host:
        ldflags += ["-T", "link.ld", "-Wl,--gc-sections,-Map=build/firmware.map"]
    values: dict[str, Any] = {
        "board": board,
        "model": facts,
        "stack": stack,
        "optimize": optimize,
        "target": target,
        "ldflags": ldflags,
        "compiler": compiler["command"],
        "input_bytes": max(facts.input_copy_bytes, 16),
        "layers": len(facts.layers),
        "model_file": "model.tflite" if model_bytes is not None else None,
    }
    compiled = sorted(name for name in tree if PurePosixPath(name).suffix in (".c", ".S"))
    values["model_sources"] = [name for name in compiled if name.startswith(_MODEL_FOLDERS)]
    values["firmware_sources"] = [name for name in compiled if not name.startswith(_MODEL_FOLDERS)]
    folders = {"src"} | {str(PurePosixPath(name).parent) for name in tree}
    values["includes"] = [f"-I{folder}" for folder in sorted(folders)]

    builder = data_dir("firmware_templates") / "projects" / board.builder.kind
    tree["Makefile"] = _template(builder / "Makefile.j2", values)
    tree["README.md"] = _template(builder / "README.md.j2", values)
    if not board.is_host:
        tree["link.ld"] = _linker_script(port, board, values)
    # The id covers everything that ends up in the firmware but itself.
    unnamed = _template(builder / "tk_config.h.j2", {**values, "build_id": "0"})
    build_id = _build_id({**tree, "src/tk_config.h": unnamed}, compiler["version"])
    id_bytes = ", ".join(f"0x{byte:02x}" for byte in bytes.fromhex(build_id))
    tree["src/tk_config.h"] = _template(builder / "tk_config.h.j2", {**values, "build_id": id_bytes})

    board_file = f"{board.name}.toml"
    tree[board_file] = _board_text(board)
    if model_bytes is not None:
        tree["model.tflite"] = model_bytes
    flags = {"target": target, "ldflags": ldflags, "optimize": optimize, "sanitize": sanitize, "stack": stack}
    manifest = make_manifest(facts, board, board_file, build_id, compiler, flags, tree, values["model_file"])
    tree["manifest.json"] = (json.dumps(manifest, indent=2) + "\n").encode()
    return tree, manifest


def find_compiler(board: Board) -> dict[str, str]:
    """The board's compiler: ``command`` as the Makefile says it, ``version`` as it says itself.

    Raises:
        ToolMissing: it is not installed or does not run.
    """
    command = host_cc() if board.is_host else [f"{board.toolchain.prefix}gcc"]
    require_tool("cc" if board.is_host else command[0])
    if any("picolibc" in flag for flag in board.toolchain.cflags):
        require_tool("picolibc")
    version = program_version(command)
    if version is None:
        raise tool_missing(command[0])
    return {"command": " ".join(command), "version": version}


def _build_id(tree: Mapping[str, bytes], compiler_version: str) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(tree.items()):
        if name != "README.md":
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    digest.update(compiler_version.encode())
    return digest.hexdigest()[:32]


def _linker_script(port: PortFiles, board: Board, values: Mapping[str, Any]) -> bytes:
    if port.linker_script is None:
        raise BoardError(f"port family {board.port.family!r} has no link.ld.j2", where=board.name)
    return _template(port.linker_script, values)


def _template(path: Path, values: Mapping[str, Any]) -> bytes:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # C, Make and Markdown, not HTML
    )
    return environment.get_template(path.name).render(**values).encode()


def _board_text(board: Board) -> bytes:
    assert board.path is not None, "boards come from load_board, which knows their file"
    return board.path.read_bytes()
