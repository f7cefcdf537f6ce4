"""What portable kernels cost on a core, so that they can be compared with those made for it.

Straight lines through what an emulator counted for the layers of six models (gcc 12.2, -O2): instructions for each
multiply-accumulate or element of a window, for each output, and for each call. Single layers are up to a fifth off,
which is less than kernels differ by.
"""

from __future__ import annotations

from dataclasses import replace

from tinykit.compiler.kernels.base import KernelCall, Target
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph, Op

_Line = tuple[float, float, float]

_LINES: dict[str, dict[str, _Line]] = {
    "thumb2": {
        "tk_conv2d_s8": (2.14, 47.3, 7400),
        "tk_depthwise_conv2d_s8": (4.26, 51.6, 5300),
        "tk_fully_connected_s8": (2.26, 31.5, 360),
        "tk_sums_s4": (9.76, 185, 0),
        "tk_average_pool2d_s8": (7.7, 0, 1000),
        "tk_max_pool2d_s8": (17.9, 0, 100),
        "tk_add_s8": (8.5, 0, 200),
    },
    "thumb1": {
        "tk_conv2d_s8": (5.65, 114, 17300),
        "tk_depthwise_conv2d_s8": (11.1, 129, 9200),
        "tk_fully_connected_s8": (5.26, 95.6, 380),
        "tk_sums_s4": (15.4, 336, 0),
        "tk_average_pool2d_s8": (9.4, 0, 2500),
        "tk_max_pool2d_s8": (20, 0, 100),
        "tk_add_s8": (20.6, 0, 2300),
    },
    "rv32": {
        "tk_conv2d_s8": (3.64, 50, 10400),
        "tk_depthwise_conv2d_s8": (6.92, 46.3, 2200),
        "tk_fully_connected_s8": (4.96, 35.1, 290),
        "tk_sums_s4": (11.1, 163, 0),
        "tk_average_pool2d_s8": (6.2, 0, 700),
        "tk_max_pool2d_s8": (12.5, 0, 70),
        "tk_add_s8": (11.7, 0, 1200),
    },
}

_CODE = {
    "tk_conv2d_s8": 1644,
    "tk_depthwise_conv2d_s8": 1252,
    "tk_fully_connected_s8": 1160,
    "tk_sums_s4": 764,
    "tk_average_pool2d_s8": 356,
    "tk_max_pool2d_s8": 304,
    "tk_add_s8": 452,
}
"""Bytes of code, for Thumb-2; the other instruction sets here have compressed instructions as well."""

_OUTPUT = {"tk_output_s8": 316}
_POOLS = ("tk_average_pool2d_s8", "tk_max_pool2d_s8")


def with_costs(call: KernelCall, graph: Graph, op: Op, target: Target) -> KernelCall:
    """The call with what is known of its costs on the target: nothing, where the core has no kernels of its own."""
    line = _LINES.get(_instruction_set(target.core), {}).get(call.kernel)
    if line is None or call.instructions is not None:
        return call
    per_element, per_output, once = line
    elements, outputs = op_macs(graph, op), graph.output(op).size
    if not elements:
        # every input of a pool without overlapping windows is looked at once; ADD takes one element of each input
        elements = graph.tensor(op.inputs[0]).size if call.kernel in _POOLS else outputs
    return replace(
        call,
        instructions=round(per_element * elements + per_output * outputs + once),
        code=_CODE[call.kernel],
        shares={} if call.kernel in _POOLS or call.kernel == "tk_add_s8" else _OUTPUT,
    )


def _instruction_set(core: str) -> str:
    if core.startswith("rv32"):
        return "rv32"
    if core in ("cortex-m0", "cortex-m0plus", "cortex-m23"):
        return "thumb1"
    return "thumb2" if core.startswith("cortex-m") else ""
