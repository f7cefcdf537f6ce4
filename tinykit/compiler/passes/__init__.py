"""Graph rewrites, one per module. Each keeps the model's results identical, bit for bit."""

from __future__ import annotations

from collections.abc import Callable

from tinykit.compiler.passes.dead_channels import drop_dead_channels
from tinykit.compiler.passes.drop_unused import drop_unused
from tinykit.compiler.passes.fold_constants import fold_constants
from tinykit.compiler.passes.fuse_activation import fuse_activation
from tinykit.compiler.passes.fuse_pad import fuse_pad
from tinykit.compiler.passes.keep_variables import keep_variables
from tinykit.compiler.passes.move_transposes import move_transposes
from tinykit.graph.types import Graph

Pass = Callable[[Graph], Graph]
PASSES: tuple[Pass, ...] = (
    keep_variables,
    fold_constants,
    move_transposes,
    drop_unused,
    fuse_pad,
    fuse_activation,
    drop_dead_channels,
)


def run_passes(graph: Graph) -> Graph:
    """Apply all passes in order."""
    for one in PASSES:
        graph = one(graph)
    return graph
