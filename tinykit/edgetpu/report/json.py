"""A check as JSON: docs/edgetpu.md describes it key by key."""

from __future__ import annotations

from typing import Any

from tinykit.edgetpu.check import CheckResult
from tinykit.edgetpu.parameters import FORMULA

SCHEMA = 1


def to_json(result: CheckResult) -> dict[str, Any]:
    """The JSON form."""
    return {
        "schema": SCHEMA,
        "model": result.name,
        "sha256": result.graph.sha256,
        "multi": result.multi,
        "compiles": not result.refusals,
        "mapped": result.mapped,
        "on_host": len(result.on_host),
        "parameter_bytes": result.parameter_bytes,
        "parameter_bytes_are": f"an estimate: {FORMULA}",
        "parameters_not_counted": list(result.not_counted),
        "ops": [
            {
                "index": op.index,
                "op": op.op,
                "edgetpu": op.edgetpu,
                "subgraph": op.subgraph,
                "rule": op.rule,
                "reason": op.reason,
                "change": op.change,
                "source": op.source,
                "confidence": op.confidence.value,
                "status": op.status.value,
                "supported": op.supported,
                "parameter_bytes": op.parameter_bytes,
                "outputs": list(op.outputs),
            }
            for op in result.ops
        ],
        "subgraphs": [
            {
                "index": number,
                "ops": list(subgraph.ops),
                "inputs": list(subgraph.inputs),
                "outputs": list(subgraph.outputs),
                "parameter_bytes": subgraph.parameter_bytes,
            }
            for number, subgraph in enumerate(result.subgraphs)
        ],
        "refusals": [
            {
                "rule": refusal.rule.id,
                "ops": list(refusal.ops),
                "reason": refusal.reason,
                "change": refusal.change,
                "source": refusal.rule.source,
                "confidence": refusal.rule.confidence.value,
            }
            for refusal in result.refusals
        ],
        "cautions": list(result.cautions),
    }
