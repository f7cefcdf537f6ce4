"""Lowerings: one module per operator, found by their presence in this folder."""

from __future__ import annotations

import importlib
import pkgutil

from tinykit.compiler.kernels.base import REGISTRY

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["REGISTRY"]
