"""Which kinds of quantization a target can run, and why not the others."""

from __future__ import annotations

from tinykit.convert.options import MODES, Quantize, Target
from tinykit.edgetpu.check import check_graph as check_edgetpu
from tinykit.errors import InputError, UnsupportedModel
from tinykit.graph.types import DType, Graph, Op, Tensor

_HYBRID = "TFLite-Micro has no kernels for float activations with integer weights"
_INT8_ONLY = "the Edge TPU computes in int8 only: the rest would run on the host's processor"

# Checked with tflite-micro 0.dev20261023 by running them.
REFUSED: dict[tuple[Target, Quantize], str] = {
    ("mcu", "float16"): "TFLite-Micro cannot dequantize float16 weights",
    ("mcu", "dynamic"): _HYBRID,
    ("edgetpu", "int16x8"): _INT8_ONLY,
    ("edgetpu", "int4-weights"): _INT8_ONLY,
    ("edgetpu", "float16"): _INT8_ONLY,
    ("edgetpu", "dynamic"): _INT8_ONLY,
    ("edgetpu", "none"): _INT8_ONLY,
}
_WEIGHTED = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL"}
_INTEGER = {DType.INT8, DType.UINT8, DType.INT4, DType.INT2, DType.INT16}


def check_mode(mode: Quantize, target: Target) -> None:
    """Refuse what the target cannot run.

    Raises:
        InputError: says why, and what it can run.
    """
    why = REFUSED.get((target, mode))
    if why is not None:
        allowed = [m for m in MODES if (target, m) not in REFUSED]
        raise InputError(
            f"-q {mode} does not run on --target {target}",
            why=why,
            hint=f"use one of {', '.join(allowed)}" + ("" if target == "linux" else "; or --target linux"),
        )


def check_graph(graph: Graph, target: Target, where: str) -> None:
    """Refuse a finished model that the target cannot run, or runs silently wrong; whatever made it so.

    Raises:
        UnsupportedModel: names each operator.
    """
    if target == "linux":
        return
    rule = _wrong_on_mcu if target == "mcu" else _not_on_edgetpu
    found = [f"operator {op.index} ({op.kind}): {why}" for op in graph.ops if (why := rule(graph, op)) is not None]
    if found:
        raise UnsupportedModel(
            f"{len(found)} operator{'s do' if len(found) > 1 else ' does'} not run on --target {target}",
            where=where,
            why="\n       ".join(found[:10]) + ("\n       ..." if len(found) > 10 else ""),
            hint="choose another -q, change the layers named, or give --target linux",
        )
    if target == "edgetpu":
        _check_edgetpu(graph, where)


def _check_edgetpu(graph: Graph, where: str) -> None:
    """Refuse what the Edge TPU Compiler refuses, or maps nothing of."""
    found = check_edgetpu(graph, where=where)
    if found.refusals:
        raise UnsupportedModel(
            "the Edge TPU Compiler would refuse the result",
            where=where,
            why="\n       ".join(refusal.reason for refusal in found.refusals),
            hint=found.refusals[0].change,
        )
    if not found.mapped:
        reasons = [f"operator {op.index} ({op.op}): {op.reason}" for op in found.ops]
        raise UnsupportedModel(
            "nothing of the model would run on the Edge TPU",
            where=where,
            why="\n       ".join(reasons[:10]) + ("\n       ..." if len(reasons) > 10 else ""),
            hint=found.ops[0].change or "change the layers named, or give another --target",
        )


def float_islands(graph: Graph) -> list[Op]:
    """Operators of a quantized model that still compute in float32."""
    return [
        op
        for op in graph.ops
        if op.kind not in ("QUANTIZE", "DEQUANTIZE") and graph.output(op).dtype in (DType.FLOAT32, DType.FLOAT16)
    ]


def _wrong_on_mcu(graph: Graph, op: Op) -> str | None:
    first, weights = graph.input(op, 0), graph.input(op, 1)
    if first is None:
        return None
    if op.kind == "DEQUANTIZE" and first.dtype is DType.FLOAT16:
        return REFUSED["mcu", "float16"]
    if op.kind == "DEQUANTIZE" and first.quant is not None and first.quant.per_channel:
        return "TFLite-Micro dequantizes weights with one scale only: it would compute wrong numbers"
    if op.kind not in _WEIGHTED or weights is None or not weights.is_constant:
        return None
    if first.dtype is DType.FLOAT32 and weights.dtype in _INTEGER:
        return _HYBRID
    if weights.dtype is DType.INT4 and (op.kind == "DEPTHWISE_CONV_2D" or _per_channel_dense(op, weights)):
        return "TFLite-Micro has no int4 kernel for it"
    return None


def _per_channel_dense(op: Op, weights: Tensor) -> bool:
    return op.kind == "FULLY_CONNECTED" and weights.quant is not None and weights.quant.per_channel


def _not_on_edgetpu(graph: Graph, op: Op) -> str | None:
    if op.kind in ("QUANTIZE", "DEQUANTIZE"):
        return None  # at the edges, on the host
    output = graph.output(op)
    if output.dtype in (DType.FLOAT32, DType.FLOAT16, DType.INT16):
        return f"computes in {output.dtype.label}; {_INT8_ONLY}"
    return None
