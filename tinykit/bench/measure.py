"""Measures a model on a board with an input that everybody can make."""

from __future__ import annotations

import tempfile
import zlib
from pathlib import Path

import numpy as np

from tinykit.bench.alone import size_alone
from tinykit.bench.row import Figures, Row
from tinykit.board import Board
from tinykit.compiler import CompiledModel, compile_graph
from tinykit.compiler.choice import Optimize
from tinykit.compiler.patches import Patches
from tinykit.emulate import open_board
from tinykit.errors import DoesNotFit
from tinykit.firmware import Image, build_project, render_project
from tinykit.firmware.from_model import target_of
from tinykit.graph.reader import read_model
from tinykit.graph.types import DType, Graph, Tensor
from tinykit.link import Client


def measure(model: Path, board: Board, optimize: Optimize = "balanced", patches: Patches = "off") -> Row:
    """Build the firmware, run it once to warm up and once to measure.

    Raises:
        TinykitError: whatever goes wrong, but that the model does not fit: that is a row.
    """

    def row(figures: Figures | None, why: str | None = None) -> Row:
        return Row(board.name, board.core, model.stem, optimize, figures, why, str(patches))

    graph = read_model(model)
    compiled = compile_graph(graph, target_of(board), optimize=optimize, patches=patches, where=str(model))
    with tempfile.TemporaryDirectory(prefix="tinykit-bench-") as folder:
        try:
            image = build_project(render_project(compiled, board, Path(folder)))
        except DoesNotFit as error:
            return row(None, error.why)
        return row(_figures(graph, compiled, image))


def _figures(graph: Graph, compiled: CompiledModel, image: Image) -> Figures:
    board, sizes = image.board, image.sizes
    with open_board(board, image) as stream:
        client = Client(stream, expected_build=image.build_id)
        info = client.connect()
        for number, tensor in enumerate(graph.tensor(i) for i in graph.inputs):
            client.write_input(number, benchmark_input(tensor))
        run = client.run(1, 1)
        outputs = b"".join(client.read_output(number) for number in range(len(info.outputs)))
        memory = client.memory()
    constants = _constant_bytes(graph)
    alone = size_alone(image)
    return Figures(
        unit=board.counter.unit,
        latency=board.counter.value(run.min_ticks),
        macs=compiled.macs if compiled.patched is None else compiled.patched.macs_whole,
        arena=compiled.plan.arena_bytes,
        arena_lower_bound=compiled.plan.lower_bound,
        flash=sizes.flash,
        overhead=sizes.flash - constants,
        alone=None if alone is None else alone - constants,
        static_ram=sizes.static_ram,
        stack=memory.stack_used,
        crc=f"{zlib.crc32(outputs):08x}",
    )


def benchmark_input(tensor: Tensor) -> bytes:
    """Bytes that look random: ``s = s * 1664525 + 1013904223 mod 2^32`` from 12345, of each s the highest byte.

    The generator is Numerical Recipes' (Press et al., 2nd ed., section 7.1). Floats are these bytes as int8, in
    128ths.
    """
    state = 12345
    out = bytearray()
    for _ in range(tensor.size if tensor.dtype is DType.FLOAT32 else tensor.nbytes):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(state >> 24)
    if tensor.dtype is DType.FLOAT32:
        return (np.frombuffer(bytes(out), np.int8).astype(np.float32) / 128).tobytes()
    return bytes(out)


def _constant_bytes(graph: Graph) -> int:
    """Bytes of the constants that operators read, as they are in the .tflite."""
    used = {i for op in graph.ops for i in op.inputs if i >= 0}
    return sum(graph.tensor(i).nbytes for i in used if graph.tensor(i).is_constant)
