"""A compiled model as C."""

from __future__ import annotations

from tinykit.compiler.emit.render import render_model, render_model_info

__all__ = ["render_model", "render_model_info"]
