"""An inspection as text, within 80 columns but for long names, which fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tinykit.edgetpu.package.groups import Pipeline
from tinykit.edgetpu.package.inspect import Inspection
from tinykit.edgetpu.package.to_json import token_text
from tinykit.edgetpu.package.types import CompiledModel, EdgeTpuOp, Executable, Package
from tinykit.text import printable


def render_inspection(inspection: Inspection) -> RenderableType:
    """Each file, then what they have to do with each other."""
    lines: list[RenderableType] = []
    for model in inspection.models:
        lines += _model(model)
        lines += [Text(f"warning: {printable(said)}", style="yellow") for said in inspection.warnings[model.path]]
        lines.append("")
    lines += _together(inspection)
    return Lines(*lines)


def _model(model: CompiledModel) -> Iterator[RenderableType]:
    yield Text.assemble((printable(model.path), "bold"), f"  {model.file_bytes:,} bytes")
    compilers = dict.fromkeys(p.compiler for op in model.edgetpu_ops for p in op.packages)
    names = ", ".join(printable(name) for name in compilers if name not in ("", "cl/"))
    yield Text(f"needs runtime {model.min_runtime} or newer; compiler {names or 'not named'}")
    for op in model.edgetpu_ops:
        yield from _op(op)
    if model.cpu_ops:
        counts = Counter(printable(op.kind) for op in model.cpu_ops)
        kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        yield Text(f"on the processor: {len(model.cpu_ops)} of the file's operators: {kinds}")
    else:
        yield Text("on the processor: none of the file's operators")


def _op(op: EdgeTpuOp) -> Iterator[RenderableType]:
    for number, package in enumerate(op.packages):
        alternative = f", package {number + 1} of {len(op.packages)}" if len(op.packages) > 1 else ""
        yield Text(f"Edge TPU operator {op.index}{alternative}: {_chip(package)}", style="cyan")
        yield Padding(_package(package), (0, 0, 0, 2))


def _chip(package: Package) -> str:
    chips = ", ".join(dict.fromkeys(printable(e.chip) for e in package.all_executables if e.chip)) or "chip not named"
    tokens = ", ".join(token_text(token) for token in package.tokens)
    return f"{chips}, token {tokens}" if tokens else f"{chips}, no parameters that stay on the chip"


def _package(package: Package) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row(
        "parameters",
        f"{package.cached_bytes:,} bytes cached on the chip, {package.streamed_bytes:,} streamed each time",
    )
    facts.add_row("instructions", f"{package.instruction_bytes:,} bytes")
    facts.add_row("scratch", f"{package.scratch_bytes:,} bytes of the host's memory")
    for executable in package.running:
        for what, layers in (("input", executable.inputs), ("output", executable.outputs)):
            for layer in layers:
                shape = "x".join(str(n) for n in layer.shape)
                point = layer.zero_point - layer.dtype.bias
                times = f", {layer.executions} times" if layer.executions != 1 else ""
                facts.add_row(
                    what,
                    Text(
                        f"{layer.dtype.label} {shape}, scale {layer.scale:.6g}, zero point {point}{times}  "
                        f"{printable(layer.name)}"
                    ),
                )
    return Lines(facts, _executables(package.all_executables))


def _executables(executables: tuple[Executable, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("executable", no_wrap=True)
    for column in ("parameters", "instructions", "narrow/tile", "cycles"):
        table.add_column(column, justify="right", no_wrap=True)
    for executable in executables:
        table.add_row(
            executable.type.name.lower().replace("_", " "),
            f"{executable.parameter_bytes:,}",
            f"{executable.instruction_bytes:,}",
            f"{executable.narrow_bytes_per_tile:,}",
            f"{executable.estimated_cycles:,}" if executable.estimated_cycles else "",
        )
    return table


def _together(inspection: Inspection) -> Iterator[RenderableType]:
    for group in inspection.groups:
        if len(group.models) > 1:
            yield Text(
                f"compiled together ({token_text(group.token)}): {group.cached_bytes:,} bytes of parameters are on the "
                "chip at once"
            )
            yield from (Text(f"  {printable(path)}") for path in group.models)
    piped = {path for pipeline in inspection.pipelines for path in pipeline.models}
    alone = [m for m in inspection.models if m.path not in piped]
    if len(alone) > 1 and all(len(group.models) == 1 for group in inspection.groups):
        yield Text("no two of them were compiled together: each evicts the other's parameters from the chip")
    for pipeline in inspection.pipelines:
        yield from _pipeline(pipeline)
    runtime = inspection.runtime
    if runtime is None:
        yield Text("no runtime is installed here; --runtime says which one to hold the files against", style="dim")
    elif runtime.version is not None:
        yield Text(f"runtime {runtime.version} ({runtime.source})", style="dim")


def _pipeline(pipeline: Pipeline) -> Iterator[RenderableType]:
    yield Text(f"pipeline {printable(pipeline.name)}: {pipeline.segments} segments, one for each Edge TPU")
    if pipeline.missing:
        yield Text(f"  not given: segments {', '.join(str(i) for i in pipeline.missing)}", style="yellow")
    elif not pipeline.gaps:
        yield Text("  each reads what those before it write")
