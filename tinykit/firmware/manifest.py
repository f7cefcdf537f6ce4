"""What a project's manifest.json records, so that a build can be repeated and a report can be explained."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

import tinykit
from tinykit.board import Board
from tinykit.compiler import CompiledModel
from tinykit.compiler.kernels.base import Out
from tinykit.compiler.model import Layer
from tinykit.firmware.builders.base import Builder, Compiler


@dataclass(frozen=True)
class Facts:
    """A model in numbers, as far as building and reporting need them.

    Attributes:
        sha256: of the source model file.
        input_bytes: for each input.
        constants: bytes in flash by role ("weights", "tables").
        layers: one entry per layer that the profiler times, patches together: label, kernel, variant, macs, and where
            its output is in the arena (offset and size, bytes), if that is known.
        arena_lower_bound: bytes no memory plan of this schedule can go below; None where the plan is not tinykit's.
        buffers: the arena over time: name, offset, size, first and last layer.
        optimize: what the kernels were chosen for; None where they are not tinykit's.
        state_bytes: of the arena, those that keep their contents from run to run.
        patches: the stage that is computed in patches, see ``PatchedStage``; None without.
        engine: what runs the model on the device.
        arena_used_on_host: bytes that the same interpreter used on this computer; None without an interpreter.
    """

    name: str
    sha256: str
    input_bytes: tuple[int, ...]
    arena_bytes: int
    arena_lower_bound: int | None
    constants: dict[str, int]
    layers: tuple[dict[str, Any], ...] = ()
    buffers: tuple[dict[str, Any], ...] = field(default=())
    optimize: str | None = None
    patches: dict[str, Any] | None = None
    engine: str = "aot"
    arena_used_on_host: int | None = None
    state_bytes: int = 0

    @property
    def input_copy_bytes(self) -> int:
        """The agent's copy of all inputs, each in a multiple of 16 bytes."""
        return sum((n + 15) // 16 * 16 for n in self.input_bytes)


def facts_of(compiled: CompiledModel) -> Facts:
    """The facts of a compiled model."""
    graph = compiled.graph
    return Facts(
        name=compiled.source.name,
        sha256=compiled.source.sha256,
        input_bytes=tuple(graph.tensor(i).nbytes for i in graph.inputs),
        arena_bytes=compiled.plan.arena_bytes,
        arena_lower_bound=compiled.plan.lower_bound,
        constants=dict(compiled.constant_bytes()),
        layers=tuple(_layer(compiled, layer) for layer in compiled.layers),
        buffers=tuple(
            {"name": b.name, "offset": b.offset, "size": b.size, "first": first, "last": last}
            for b in compiled.plan.buffers
            for first, last in [compiled.layers_of(b)]
        ),
        optimize=compiled.optimize,
        state_bytes=compiled.plan.kept_bytes,
        patches=None if compiled.patched is None else asdict(compiled.patched),
    )


def _layer(compiled: CompiledModel, layer: Layer) -> dict[str, Any]:
    facts = {"label": layer.label, "kernel": layer.kernel, "variant": layer.variant, "macs": layer.macs}
    if any(step.patch is not None for step in layer.steps):
        return {**facts, "output": None}  # of the last patch only
    written = (arg.tensor for arg in layer.steps[-1].calls[-1].values if isinstance(arg, Out))
    output = next(written, None)
    if output is None:
        return {**facts, "output": None}  # it sets a variable
    return {**facts, "output": [compiled.plan.offset_of(output), compiled.graph.tensor(output).nbytes]}


def make_manifest(
    facts: Facts,
    board: Board,
    board_file: str,
    builder: Builder,
    note: str | None,
    build_id: str,
    compiler: Compiler,
    flags: dict[str, Any],
    files: dict[str, bytes],
    model_file: str | None,
) -> dict[str, Any]:
    """manifest.json as a value. It holds no time and no absolute path: the same inputs give the same bytes."""
    return {
        "schema": 1,
        "tinykit": tinykit.__version__,
        "build_id": build_id,
        "board": {"name": board.name, "file": board_file},
        "model": {"file": model_file, **asdict(facts)},
        "builder": builder.kind,
        "note": note,
        "compiler": asdict(compiler),
        "flags": flags,
        "outputs": list(builder.outputs),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
