"""Writes model.c, model.h and the kernel sources they need into a folder."""

from __future__ import annotations

import re
from pathlib import Path

from tinykit.compiler.emit.environment import environment
from tinykit.compiler.emit.view import view_of
from tinykit.compiler.model import CompiledModel
from tinykit.files import write_file
from tinykit.resources import data_dir

_INCLUDE = re.compile(r'^\s*#\s*include\s+"(tk_[a-z0-9_]+\.h)"', re.MULTILINE)


def write_model(model: CompiledModel, directory: Path, *, stem: str = "model") -> list[Path]:
    """Write the model as C99 into ``directory`` (created if needed).

    Args:
        stem: name of the model's own files, without ".c" and ".h".

    Returns:
        The files written: model.c, model.h (or as ``stem`` says), and the runtime files the model uses, nothing more.
    """
    directory.mkdir(parents=True, exist_ok=True)
    view = view_of(model)
    written = []
    for ending in ("h", "c"):
        path = directory / f"{stem}.{ending}"
        write_file(path, environment().get_template(f"model.{ending}.j2").render(m=view, stem=stem))
        written.append(path)
    for source in kernel_sources(model.kernels):
        path = directory / source.name
        write_file(path, source.read_text())
        written.append(path)
    return written


def kernel_sources(kernels: tuple[str, ...]) -> list[Path]:
    """The runtime files that the kernels need: their own pairs and, followed by #include, what those use."""
    runtime = data_dir("firmware_templates") / "runtime"
    available = {path.name: path for path in runtime.rglob("tk_*.[ch]")}
    wanted = [f"{kernel}.{ending}" for kernel in kernels for ending in ("h", "c")]
    found: dict[str, Path] = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        path = available[name]
        found[name] = path
        for header in _INCLUDE.findall(path.read_text()):
            wanted.append(header)
            source = header[:-2] + ".c"
            if source in available:
                wanted.append(source)
    return [found[name] for name in sorted(found)]
