"""Lowerings: one module per operator; in folders variants for kinds of cores. Found by their presence."""

from __future__ import annotations

import importlib
import pkgutil

from tinykit.compiler.kernels.base import REGISTRY

for _module in pkgutil.walk_packages(__path__, f"{__name__}."):
    importlib.import_module(_module.name)

__all__ = ["REGISTRY"]
