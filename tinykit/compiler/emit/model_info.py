"""Writes model_info.c: the model as the firmware's agent sees it."""

from __future__ import annotations

from pathlib import Path

from tinykit.compiler.emit.environment import environment
from tinykit.compiler.emit.view import view_of
from tinykit.compiler.model import CompiledModel
from tinykit.files import write_file


def write_model_info(model: CompiledModel, directory: Path) -> Path:
    """Write model_info.c, which defines ``tk_model`` and the arena, into ``directory``."""
    path = directory / "model_info.c"
    sha256 = ", ".join(f"0x{byte:02x}" for byte in bytes.fromhex(model.source.sha256))
    write_file(path, environment().get_template("model_info.c.j2").render(m=view_of(model), sha256=sha256))
    return path
