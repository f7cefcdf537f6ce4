"""A compiled model as C sources: the model's own files, and the kernels they need."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path

from tinykit.compiler.emit.environment import environment
from tinykit.compiler.emit.view import view_of
from tinykit.compiler.model import CompiledModel
from tinykit.resources import data_dir

_INCLUDE = re.compile(r'^\s*#\s*include\s+"(tk_[a-z0-9_]+\.h)"', re.MULTILINE)


def render_model(model: CompiledModel, *, stem: str = "model") -> dict[str, bytes]:
    """The model as C99, in files that lie in one folder.

    Args:
        stem: name of the model's own files, without ".c" and ".h".

    Returns:
        Contents by file name: model.h, model.c (or as ``stem`` says), and those runtime files that the model uses.
    """
    view = view_of(model)
    files = {}
    for ending in ("h", "c"):
        text = environment().get_template(f"model.{ending}.j2").render(m=view, stem=stem)
        files[f"{stem}.{ending}"] = text.encode()
    for source in _kernel_sources(model.kernels):
        files[source.name] = source.read_bytes()
    return files


def render_model_info(model: CompiledModel) -> bytes:
    """model_info.c: the model as the firmware's agent sees it (``tk_model``), and the arena."""
    sha256 = ", ".join(f"0x{byte:02x}" for byte in bytes.fromhex(model.source.sha256))
    return environment().get_template("model_info.c.j2").render(m=view_of(model), sha256=sha256).encode()


def _kernel_sources(kernels: tuple[str, ...]) -> list[Path]:
    """The runtime files that the kernels need: their own and, followed by #include, what those use."""
    available = _runtime_files()
    wanted = [name for kernel in kernels for name in (f"{kernel}.h", *_sources_of(kernel, available))]
    found: dict[str, Path] = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        path = available[name]
        found[name] = path
        for header in _included(path):
            wanted.append(header)
            wanted += _sources_of(header[:-2], available)
    return [found[name] for name in sorted(found)]


@functools.cache
def _runtime_files() -> Mapping[str, Path]:
    """All files of the runtime by name. Hundreds: they are looked for once."""
    return {path.name: path for path in (data_dir("firmware_templates") / "runtime").rglob("tk_*.[chS]")}


@functools.cache
def _included(path: Path) -> tuple[str, ...]:
    """Names of the runtime's headers that a file includes."""
    return tuple(_INCLUDE.findall(path.read_text()))


def _sources_of(stem: str, available: Mapping[str, Path]) -> list[str]:
    """What is compiled for a header; an inline function needs nothing. Assembly has a stem of its own: some tools name
    object files after the stem alone."""
    return [name for name in (f"{stem}.c", f"{stem}_asm.S") if name in available]
