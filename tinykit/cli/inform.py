"""Commands that tell and change nothing: doctor, boards, inspect, operators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinykit.cli.options import NOT_PATCHED, Optimize, Optimized, Patched
from tinykit.cli.output import console, print_json

if TYPE_CHECKING:
    from tinykit.board import Board
    from tinykit.board.accelerator import Accelerator
    from tinykit.board.proof import Proof
    from tinykit.compiler import CompiledModel
    from tinykit.compiler.kernels.base import Operator
    from tinykit.graph.types import Graph, Op, Tensor

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def doctor(json: Json = False) -> None:
    """Say which tools are installed, and how to install the rest."""
    from dataclasses import asdict

    from rich.markup import escape

    from tinykit.board import check_tools
    from tinykit.hil.reference import reference_name

    tools = check_tools()
    reference = reference_name()
    if json:
        print_json({"tools": [asdict(tool) for tool in tools], "reference": reference})
        return
    out = console()
    for tool in tools:
        if tool.path:
            out.print(f"[green]found  [/] {tool.name}  [dim]{escape(tool.path)}[/]", no_wrap=True)
            # vendors' version lines run long; their number comes early, and --json has all of it
            out.print(f"         [dim]{escape(tool.version or '')}[/]", no_wrap=True, overflow="ellipsis")
        else:
            out.print(f"[yellow]missing[/] {tool.name}: needed for {escape(tool.needed_for)}", soft_wrap=True)
            out.print(f"         {escape(tool.install)}", soft_wrap=True)
    if reference:
        out.print(f"[green]found  [/] {reference}")
    else:
        out.print("[yellow]missing[/] tflite-micro: outputs cannot be compared (Linux on x86-64 only)")


def boards(
    name: Annotated[str | None, typer.Argument(help="Show this board, or board file, only.")] = None,
    json: Json = False,
) -> None:
    """List the boards, or show one."""
    from tinykit.board import list_boards, load_board
    from tinykit.board.accelerator import list_accelerators

    accelerators = list_accelerators()
    one = next((accelerator for accelerator in accelerators if accelerator.name == name), None)
    if one is not None:
        if json:
            print_json(one.model_dump(mode="json"))
        else:
            _show_accelerator(one)
        return
    found = [load_board(name)] if name else list_boards()
    if json:
        values = [board.model_dump(mode="json") for board in found]
        print_json(values[0] if name else values)
        return
    out = console()
    if name:
        _show_board(found[0])
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("board", "core"):
        table.add_column(column, no_wrap=True)
    for column in ("flash", "RAM"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("counts", no_wrap=True)
    for board in found:
        table.add_row(
            board.name, board.core, _kilobytes(board.flash_bytes), _kilobytes(board.ram_bytes), board.counter.unit
        )
    out.print(table)
    out.print(f"accelerators, for `tinykit deploy`: {', '.join(one.name for one in accelerators)}", soft_wrap=True)


def _kilobytes(size: int | None) -> str:
    return "" if size is None else f"{size // 1024:,} KB"


def _show_board(board: Board) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = console()
    out.print(f"[bold]{board.name}[/]: {escape(board.title)}")
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    table.add_row("core", board.core + (f" ({', '.join(board.features)})" if board.features else ""))
    table.add_row("chip", board.chip)
    for memory in board.memory:
        table.add_row(memory.name, f"{memory.size:,} bytes at 0x{memory.origin:08x}")
    if board.port.stack:
        table.add_row("stack", f"{board.port.stack:,} bytes")
    table.add_row("builder", board.builder.kind)
    table.add_row("compiler", escape(" ".join([f"{board.toolchain.prefix}gcc", *board.toolchain.cflags])))
    table.add_row("counter", f"{board.counter.unit}, from a timer of {board.counter.hz:,} Hz")
    if board.clock is not None:
        table.add_row("clock", f"{board.clock} while it is measured")
    table.add_row("flasher", board.flasher.kind)
    if board.emulator is not None and board.emulator.kind in ("qemu", "qemu-esp"):
        table.add_row("emulator", escape(" ".join(board.emulator.command)))
    elif board.emulator is not None:
        table.add_row("emulator", board.emulator.kind)
    if board.console is not None:
        table.add_row("console", escape(f"{board.console.uart}, TX {board.console.tx}, RX {board.console.rx}"))
        table.add_row("", escape(board.console.connector))
    if board.aliases:
        table.add_row("also called", ", ".join(board.aliases))
    for number, need in enumerate(board.needs):
        table.add_row("" if number else "needs", escape(need))
    table.add_row("tried on", escape(_tried_on(board.proof)))
    for number, source in enumerate(board.sources):
        table.add_row("" if number else "sources", escape(source))
    out.print(table)


def _show_accelerator(one: Accelerator) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = console()
    out.print(f"[bold]{one.name}[/]: {escape(one.title)}")
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    table.add_row("chip", one.chip)
    table.add_row("shows as", ", ".join([*(f"USB {ids}" for ids in one.usb), *(f"PCI {ids}" for ids in one.pci)]))
    for label, lines in (("needs", one.needs), ("tried on", (_tried_on(one.proof),)), ("sources", one.sources)):
        for number, line in enumerate(lines):
            table.add_row("" if number else label, escape(line))
    out.print(table)


def _tried_on(proof: Proof | None) -> str:
    from tinykit.board.proof import TITLES

    if proof is None:
        return "nothing that is known here"
    twin = "" if proof.twin is None else f" (as {proof.twin})"
    unproven = f"; not proven: {proof.unproven}" if proof.unproven else ""
    return f"{TITLES[proof.level]}{twin}{unproven}"


def inspect(
    model: Annotated[Path, typer.Argument(help="A .tflite file.")],
    board: Annotated[
        str | None, typer.Option("--board", "-b", help="Also show kernels and memory for this board.")
    ] = None,
    optimize: Optimized = Optimize.balanced,
    patches: Patched = "off",
    json: Json = False,
) -> None:
    """Show a model's operators, MACs and, for a board, kernels."""
    from tinykit.compiler import compile_graph
    from tinykit.compiler.patches import parse_patches
    from tinykit.graph.reader import read_model

    wanted = parse_patches(patches)
    graph = read_model(model)
    compiled = None
    if board is not None:
        from tinykit.board import load_board
        from tinykit.firmware.from_model import target_of

        found = load_board(board)
        compiled = compile_graph(graph, target_of(found), optimize=optimize.value, patches=wanted, where=str(model))
    if json:
        print_json(_inspect_json(graph, board, compiled))
    else:
        _show_model(graph, compiled)
        if compiled is not None and compiled.patched is not None:
            console().print(compiled.patched.text(), soft_wrap=True)
        elif compiled is not None and wanted == "auto":
            console().print(NOT_PATCHED)


def _tensor_json(tensor: Tensor) -> dict[str, Any]:
    value: dict[str, Any] = {"name": tensor.name, "dtype": tensor.dtype.label, "shape": list(tensor.shape)}
    if tensor.quant is not None:
        value["scale"] = float(tensor.quant.scale)
        value["zero_point"] = tensor.quant.zero_point
    return value


def _parameter_bytes(graph: Graph, inputs: tuple[int, ...]) -> int:
    tensors = [graph.tensor(i) for i in inputs if i >= 0]
    return sum(t.data.nbytes for t in tensors if t.data is not None)


def _inspect_json(graph: Graph, board: str | None, compiled: CompiledModel | None) -> dict[str, Any]:
    from dataclasses import asdict

    from tinykit.graph.calls import executed
    from tinykit.graph.macs import op_macs, total_macs

    value: dict[str, Any] = {
        "model": {
            "name": graph.name,
            "sha256": graph.sha256,
            "file_bytes": graph.file_bytes,
            "macs": total_macs(graph),
            "description": graph.description,
        },
        "inputs": [_tensor_json(graph.tensor(i)) for i in graph.inputs],
        "outputs": [_tensor_json(graph.tensor(i)) for i in graph.outputs],
        "ops": [
            {
                "subgraph": index,
                "index": op.index,
                "kind": op.kind,
                "inputs": [_tensor_json(one.tensor(i)) for i in op.inputs if i >= 0],
                "outputs": [_tensor_json(one.tensor(i)) for i in op.outputs],
                "macs": op_macs(one, op),
                "parameter_bytes": _parameter_bytes(one, op.inputs),
            }
            for index, one in executed(graph).items()
            for op in one.ops
        ],
    }
    if compiled is not None:
        plan = compiled.plan
        value["board"] = board
        value["layers"] = [
            {
                "layer": layer.number,
                "subgraph": layer.op.subgraph,
                "op": layer.op.index if layer.op.place is None else layer.op.place,
                "label": layer.label,
                "kernels": [call.kernel for call in layer.steps[0].calls],
                "variant": layer.variant,
                "macs": layer.macs,
                "instructions": layer.instructions,
                "constants": layer.constant_bytes,
                "code": {call.kernel: call.code for call in layer.calls if call.code},
            }
            for layer in compiled.layers
        ]
        value["patches"] = None if compiled.patched is None else asdict(compiled.patched)
        value["memory"] = {
            "arena": plan.arena_bytes,
            "arena_lower_bound": plan.lower_bound,
            **compiled.constant_bytes(),
            "buffers": [
                {"name": b.name, "offset": b.offset, "size": b.size, "first": first, "last": last}
                for b in plan.buffers
                for first, last in [compiled.layers_of(b)]
            ],
        }
    return value


def _place(op: Op) -> tuple[int, int]:
    """Subgraph and index in the file."""
    return op.subgraph, op.index if op.place is None else op.place


def _short(kernel: str) -> str:
    """A kernel's name without what all have, and its type, which the output's column says."""
    return kernel.removeprefix("tk_").removesuffix("_s8").removesuffix("_f32")


def _show_model(graph: Graph, compiled: CompiledModel | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    from tinykit.graph.calls import executed
    from tinykit.graph.macs import op_macs, total_macs

    out = console()
    out.print(f"[bold]{escape(graph.name)}[/]  {graph.file_bytes:,} bytes, {total_macs(graph):,} MACs")
    for label, ids in (("input ", graph.inputs), ("output", graph.outputs)):
        for i in ids:
            tensor = graph.tensor(i)
            quant = tensor.quant
            affine = f"  scale {float(quant.scale):.6g}, zero point {quant.zero_point}" if quant else ""
            out.print(f"{label} {tensor.dtype.label} {_shape(tensor)}{affine}  [dim]{escape(tensor.name)}[/]")
    layers = {_place(layer.op): layer for layer in compiled.layers} if compiled else {}
    counted = any(layer.instructions for layer in layers.values())
    # with all columns there is room for a space between them
    table = Table(box=None, padding=(0, 1 if counted else 2, 0, 0), header_style="dim")
    table.add_column("#", justify="right")
    table.add_column("operator", no_wrap=True)
    table.add_column("output", no_wrap=True)
    table.add_column("MACs", justify="right", no_wrap=True)
    table.add_column("bytes" if counted else "constants", justify="right", no_wrap=True)
    if compiled is not None:
        table.add_column("kernel", overflow="fold")
    if counted:
        table.add_column("instr.", justify="right", no_wrap=True)
    for number, one, op in ((i, called, op) for i, called in executed(graph).items() for op in called.ops):
        target = one.output(op) if op.outputs else None
        macs, constants = op_macs(one, op), _parameter_bytes(one, op.inputs)
        row = [
            f"{number}:{op.index}" if number else str(op.index),
            op.kind + (f" {op.custom_code}" if op.custom_code else ""),
            f"{target.dtype.label} {_shape(target)}" if target else "",
            f"{macs:,}" if macs else "",
            f"{constants:,}" if constants else "",
        ]
        if compiled is not None:
            layer = layers.get((number, op.index))
            row.append(_short(layer.kernel) if layer else "none needed")
            if counted:
                row.append(f"{layer.instructions:,}" if layer and layer.instructions else "")
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)
    if counted:
        out.print("[dim]bytes: constants in the model; instr.: on this core, as modelled[/]")
    if compiled is not None:
        plan, constants_by_role = compiled.plan, compiled.constant_bytes()
        out.print(
            f"arena {plan.arena_bytes:,} bytes (lower bound {plan.lower_bound:,}); flash for weights "
            f"{constants_by_role['weights']:,}, tables {constants_by_role['tables']:,}"
        )


def _shape(tensor: Tensor) -> str:
    return "x".join(str(d) for d in tensor.shape) or "scalar"


def operators(
    name: Annotated[str | None, typer.Argument(help="Tell all about this operator, such as CONV_2D.")] = None,
    json: Json = False,
) -> None:
    """List the operators that can be compiled, or show one."""
    from tinykit.compiler.kernels import REGISTRY
    from tinykit.errors import InputError

    kind = next((k for k in REGISTRY if name is not None and k.upper() == name.upper()), None)
    if name is not None and kind is None:
        raise InputError(f"operator {name!r} is not supported", hint="`tinykit operators` lists those that are")
    found = [REGISTRY[kind]] if kind else [REGISTRY[k] for k in sorted(REGISTRY)]
    if json:
        values = [_operator_json(operator) for operator in found]
        print_json(values[0] if kind else values)
    elif kind:
        _show_operator(found[0])
    else:
        _show_operators(found)


def _operator_json(operator: Operator) -> dict[str, Any]:
    return {
        "operator": operator.kind,
        "types": [
            {"input": a.label, "output": b.label, "exactness": operator.exactness(a, b)} for a, b in operator.types
        ],
        "takes": operator.takes,
        "refuses": [{"what": what, "try": hint} for what, hint in operator.refuses.items()],
    }


def _show_operators(operators: list[Operator]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("operator", no_wrap=True)
    table.add_column("identical")
    table.add_column("within 1e-5")
    for operator in operators:
        names: dict[str, list[str]] = {"identical": [], "1e-5": []}
        for source, target in operator.types:
            name = source.label if source is target else f"{source.label} to {target.label}"
            names[operator.exactness(source, target)].append(name)
        exact = ", ".join(names["identical"]) if operator.types else "any"
        table.add_row(operator.kind, exact, ", ".join(names["1e-5"]))
    out = console()
    out.print(table)
    out.print("identical to TFLite-Micro's reference kernels, or within 1e-5 of them")


def _show_operator(operator: Operator) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for number, (source, target) in enumerate(operator.types):
        exactness = operator.exactness(source, target)
        table.add_row("" if number else "types", f"{source.label} to {target.label}: {exactness}")
    table.add_row("takes", escape(operator.takes))
    for number, (what, hint) in enumerate(operator.refuses.items()):
        table.add_row("" if number else "refuses", escape(f"{what}; try: {hint}"))
    out = console()
    out.print(f"[bold]{operator.kind}[/]")
    out.print(table)
