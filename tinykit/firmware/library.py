"""A model as a library for a firmware that exists already: one folder that four build systems understand."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import tinykit
from tinykit.compiler import CompiledModel
from tinykit.compiler.emit import write_model
from tinykit.firmware.manifest import facts_of
from tinykit.firmware.templates import render_project_file
from tinykit.firmware.tree import MANIFEST, write_tree

_TEMPLATES = ("CMakeLists.txt", "library.json", "library.properties", "README.md")


def write_library(compiled: CompiledModel, out_dir: Path) -> list[Path]:
    """Write the model and its kernels as a CMake target, ESP-IDF component, PlatformIO and Arduino library.

    Args:
        out_dir: created if needed. An earlier library there is replaced, other files are kept.

    Returns:
        The files written.

    Raises:
        InputError: ``out_dir`` cannot be used.
    """
    tree: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="tinykit-") as temporary:
        for path in write_model(compiled, Path(temporary), stem=compiled.name):
            tree[f"src/{path.name}"] = path.read_bytes()
    facts = facts_of(compiled)
    values: dict[str, Any] = {
        "model": facts,
        "name": compiled.name,
        "version": tinykit.__version__,
        "sources": sorted(name for name in tree if name.endswith(".c")),
        "inputs": [compiled.graph.tensor(i) for i in compiled.graph.inputs],
        "outputs": [compiled.graph.tensor(i) for i in compiled.graph.outputs],
    }
    for name in _TEMPLATES:
        tree[name] = render_project_file(f"library/{name}.j2", values)
    manifest = {
        "schema": 1,
        "tinykit": tinykit.__version__,
        "model": {"name": facts.name, "sha256": facts.sha256},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(tree.items())},
        "outputs": ["build"],
    }
    tree[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    write_tree(tree, out_dir)
    return [out_dir / name for name in sorted(tree)]
