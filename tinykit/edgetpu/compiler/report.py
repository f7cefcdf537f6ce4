"""A compilation as JSON and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.text import Text

from tinykit.edgetpu.compiler.compare import Comparison
from tinykit.edgetpu.compiler.driver import Compilation
from tinykit.edgetpu.package.inspect import Inspection
from tinykit.edgetpu.package.terminal import render_inspection
from tinykit.edgetpu.package.to_json import SCHEMA, inspection_json
from tinykit.text import printable, utf8

_SHOWN = 10
"""Differences of one kind that are listed; --json has all."""


def compilation_json(
    compilation: Compilation, comparisons: Mapping[Path, Comparison], inspection: Inspection
) -> dict[str, Any]:
    """``command``, ``log``, ``log_file``, ``outputs``, ``comparisons`` by model, and ``inspection``."""
    return {
        "schema": SCHEMA,
        "command": [utf8(word) for word in compilation.command],
        "log_file": utf8(str(compilation.log_path)),
        "log": asdict(compilation.log),
        "outputs": [
            {"path": utf8(str(o.path)), "model": utf8(str(o.source)), "segment": o.segment} for o in compilation.outputs
        ],
        "comparisons": {
            utf8(str(model)): {**asdict(c), "as_predicted": c.as_predicted, "parameters_differ": c.parameters_differ}
            for model, c in comparisons.items()
        },
        "inspection": inspection_json(inspection),
    }


def render_compilation(
    compilation: Compilation, comparisons: Mapping[Path, Comparison], inspection: Inspection
) -> RenderableType:
    """What was made, what it holds, where it is not as predicted, and what of the log was not understood."""
    log = compilation.log
    lines: list[RenderableType] = [
        Text(
            f"compiled by edgetpu_compiler {log.version or 'of an unknown version'}"
            + (f" in {log.milliseconds:,} ms" if log.milliseconds else "")
        ),
        Text(f"log: {printable(utf8(str(compilation.log_path)))}"),
    ]
    if log.intermediate_tensors:
        lines.append(Text(f"the Edge TPU's part ends at {printable(', '.join(log.intermediate_tensors))}"))
    lines.append("")
    for model, comparison in comparisons.items():
        lines += _comparison(model, comparison)
    if log.unknown:
        lines.append(Text(f"lines of the log that tinykit does not know: {len(log.unknown)}", style="yellow"))
        lines += _listed([f"{line.number}: {printable(line.text[:200])}" for line in log.unknown])
    if comparisons or log.unknown:
        lines.append("")
    return Lines(*lines, render_inspection(inspection))


def _comparison(model: Path, comparison: Comparison) -> Iterator[Text]:
    name = printable(utf8(str(model)))
    if comparison.as_predicted:
        yield Text(f"{name}: as predicted, all {comparison.operators} operators", style="green")
    else:
        yield Text(
            f"{name}: {comparison.agree} of {comparison.operators} operators run where it was predicted", style="yellow"
        )
        yield from _listed(
            [
                f"operator {p.index} {printable(p.op)}: predicted {_where(p.predicted)}, is {_where(p.compiled)}"
                for p in comparison.placements
            ]
        )
        yield from _listed(
            [
                f"{printable(c.op)} on the Edge TPU: predicted {c.predicted}, the log counts {c.logged}"
                for c in comparison.counts
            ]
        )
        if comparison.subgraphs is not None and comparison.subgraphs != comparison.predicted_subgraphs:
            yield Text(f"  subgraphs: predicted {comparison.predicted_subgraphs}, are {comparison.subgraphs}")
        yield from _listed(comparison.notes)
    yield Text(
        f"  parameters: estimated {comparison.predicted_parameter_bytes:,} bytes, are {comparison.parameter_bytes:,}",
        style="yellow" if comparison.parameters_differ else "",
    )
    if not comparison.counted:
        yield Text("  the compiler left no operation log: its counts are not compared")
    yield from _listed(comparison.log_differences)


def _where(edgetpu: bool) -> str:
    return "on the Edge TPU" if edgetpu else "on the processor"


def _listed(texts: tuple[str, ...] | list[str]) -> Iterator[Text]:
    for text in texts[:_SHOWN]:
        yield Text(f"  {text}")
    if len(texts) > _SHOWN:
        yield Text(f"  and {len(texts) - _SHOWN} more")
