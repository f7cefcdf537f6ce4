"""Writes a compiled model as C."""

from __future__ import annotations

from tinykit.compiler.emit.model_info import write_model_info
from tinykit.compiler.emit.write import write_model

__all__ = ["write_model", "write_model_info"]
