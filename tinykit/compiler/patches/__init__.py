"""Patches: the first, large values of a network never exist whole.

A stage of the graph is computed one strip of rows of its result after the other. Each strip is a chain of the same
operators on fewer rows; rows at the seams, which windows of two strips read, are computed twice. Results are those of
the whole, bit for bit: each row is made from the same rows. The method is that of Lin et al., "MCUNetV2:
Memory-Efficient Patch-based Inference for Tiny Deep Learning" (NeurIPS 2021), with strips over the full width as
patches.
"""

from __future__ import annotations

from tinykit.compiler.patches.layout import Layout, PatchedStage, lay_out, patched_layout
from tinykit.compiler.patches.search import Patches, check_patches, parse_patches

__all__ = ["Layout", "PatchedStage", "Patches", "check_patches", "lay_out", "parse_patches", "patched_layout"]
