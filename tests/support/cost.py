"""What a kernel takes on an emulated board: instructions of one call, bytes of code."""

from __future__ import annotations

import re
from pathlib import Path

from support.tflite_builder import ModelBuilder
from tinykit.bench.measure import benchmark_input
from tinykit.board import load_board
from tinykit.compiler import CompiledModel, Step, Target
from tinykit.compiler.kernels.base import KernelCall, Lowered
from tinykit.compiler.plan import plan_memory
from tinykit.compiler.subgraphs import lower_graph
from tinykit.emulate import open_board
from tinykit.firmware import build_project, render_project
from tinykit.graph.reader import parse_model
from tinykit.link import Client


def measure_kernel(model: ModelBuilder, kernel: str, board_name: str, folder: Path) -> tuple[KernelCall, int, int]:
    """A firmware of one layer, done by one of the kernels that are offered for it, with inputs that look random.

    Args:
        model: of one operator.
        folder: for the firmware.

    Returns:
        The kernel's call; instructions and bytes of code of all kernels, as measured.
    """
    board = load_board(board_name)
    graph = parse_model(model.build(), name="model", where="model")
    target = Target(board.core, frozenset(board.features))
    _, (entry,) = lower_graph(graph, target, "model")
    (call,) = [one for (one,) in entry.lowered.alternatives if one.kernel == kernel]
    plan = plan_memory(graph, [Lowered((call,))])
    compiled = CompiledModel("model", graph, graph, target, "speed", (Step(0, entry.op, (call,), 1),), plan)
    image = build_project(render_project(compiled, board, folder))
    with open_board(board, image) as stream:
        client = Client(stream, expected_build=image.build_id)
        client.connect()
        for number, tensor in enumerate(graph.tensor(i) for i in graph.inputs):
            client.write_input(number, benchmark_input(tensor))
        client.run(1, 1, profile=True)
        instructions = board.counter.value(client.read_profile()[0])
    return call, round(instructions), _linked_bytes(folder / "build" / "firmware.map")


def check_model_of_cost(model: ModelBuilder, kernel: str, board_name: str, folder: Path) -> None:
    """The instructions that a kernel's call states are within 5 % of the measured ones, its code within 10 %.

    Raises:
        AssertionError: when they are not.
    """
    call, instructions, code = measure_kernel(model, kernel, board_name, folder)
    assert call.instructions is not None
    text = f"{call.instructions} instructions modelled, {instructions} measured"
    assert abs(call.instructions - instructions) <= 0.05 * instructions, text
    stated = call.code + sum(call.shares.values())
    assert abs(stated - code) <= 0.1 * code, f"{stated} bytes stated, {code} linked"


def _linked_bytes(link_map: Path) -> int:
    """Bytes of machine code of kernels in a firmware, from what the linker says it took from which object file."""
    text = link_map.read_text()
    taken = text[text.index("Linker script and memory map") :]
    sections = re.findall(r"^ \.text\S*\s+0x0*([0-9a-f]+)\s+0x([0-9a-f]+)\s+build/kernels/", taken, re.MULTILINE)
    return sum(int(size, 16) for _, size in sections)
