"""A model without a firmware around it: as C files, or as a library that four build systems understand."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tinykit
from tinykit.compiler import CompiledModel
from tinykit.compiler.emit import render_model
from tinykit.firmware.manifest import facts_of
from tinykit.firmware.templates import render_project_file
from tinykit.firmware.tree import MANIFEST, write_tree

_TEMPLATES = ("CMakeLists.txt", "library.json", "library.properties", "README.md")


def write_sources(compiled: CompiledModel, out_dir: Path) -> list[Path]:
    """Write the model's C and its kernels into one folder, and a manifest.json that lists them.

    Args:
        out_dir: created if needed. What an earlier call left there is replaced, other files are kept.

    Returns:
        The files written.

    Raises:
        InputError: ``out_dir`` cannot be used.
    """
    return _write(compiled, render_model(compiled), out_dir, outputs=())


def write_library(compiled: CompiledModel, out_dir: Path) -> list[Path]:
    """Write the model and its kernels as a CMake target, ESP-IDF component, PlatformIO and Arduino library.

    Args:
        out_dir: as for ``write_sources``.

    Returns:
        The files written.

    Raises:
        InputError: ``out_dir`` cannot be used.
    """
    tree = {f"src/{name}": content for name, content in render_model(compiled, stem=compiled.name).items()}
    values: dict[str, Any] = {
        "model": facts_of(compiled),
        "name": compiled.name,
        "version": tinykit.__version__,
        "sources": sorted(name for name in tree if name.endswith((".c", ".S"))),
        "endings": sorted({name.rpartition(".")[2] for name in tree}),
        "inputs": [compiled.graph.tensor(i) for i in compiled.graph.inputs],
        "outputs": [compiled.graph.tensor(i) for i in compiled.graph.outputs],
    }
    for name in _TEMPLATES:
        tree[name] = render_project_file(f"library/{name}.j2", values)
    return _write(compiled, tree, out_dir, outputs=("build",))


def _write(compiled: CompiledModel, tree: dict[str, bytes], out_dir: Path, outputs: tuple[str, ...]) -> list[Path]:
    manifest = {
        "schema": 1,
        "tinykit": tinykit.__version__,
        "model": {"name": compiled.source.name, "sha256": compiled.source.sha256},
        "patches": None if compiled.patched is None else asdict(compiled.patched),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(tree.items())},
        "outputs": list(outputs),
    }
    tree = {**tree, MANIFEST: (json.dumps(manifest, indent=2) + "\n").encode()}
    write_tree(tree, out_dir)
    return [out_dir / name for name in sorted(tree)]
