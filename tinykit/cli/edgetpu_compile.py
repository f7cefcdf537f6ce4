"""The command that drives Coral's compiler: edgetpu compile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinykit.cli.output import console, print_json


def compile_models(
    model: Annotated[list[Path], typer.Argument(help="Quantized .tflite files; several share the chip's memory.")],
    out: Annotated[Path, typer.Option("--out-dir", "-o", help="Folder for what is made.")] = Path(),
    show_operations: Annotated[
        bool, typer.Option("--show-operations", "-s", help="The compiler's log has the operators, too.")
    ] = False,
    min_runtime: Annotated[
        int | None, typer.Option("--min-runtime-version", "-m", min=1, help="Oldest runtime that has to run it.")
    ] = None,
    segments: Annotated[
        int | None, typer.Option("--num-segments", "-n", min=1, max=99, help="Make a pipeline of so many Edge TPUs.")
    ] = None,
    intermediate_tensors: Annotated[
        str | None,
        typer.Option("--intermediate-tensors", "-i", help="End the Edge TPU's part at these (names with commas)."),
    ] = None,
    search_delegate: Annotated[
        bool, typer.Option("--search-delegate", "-d", help="Leave operators out until it compiles.")
    ] = False,
    search_step: Annotated[
        int | None, typer.Option("--delegate-search-step", "-k", min=1, help="So many operators at a time.")
    ] = None,
    timeout: Annotated[
        int | None, typer.Option("--timeout-sec", "-t", min=1, help="Seconds the compiler gives itself for each try.")
    ] = None,
    multiple_subgraphs: Annotated[
        bool, typer.Option("--enable-multiple-subgraphs", "-a", help="Allow several parts for the Edge TPU.")
    ] = False,
    kill_after: Annotated[float, typer.Option(min=0.1, help="Seconds after which the compiler is stopped.")] = 3600.0,
    runtime: Annotated[
        str | None, typer.Option(help="Version of the runtime to hold the result against, instead of this computer's.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compile models with Coral's edgetpu_compiler, and check what it did."""
    from tinykit.edgetpu.check import check_model
    from tinykit.edgetpu.compiler.compare import compare
    from tinykit.edgetpu.compiler.driver import compile_models as run_compiler
    from tinykit.edgetpu.compiler.options import CompilerOptions
    from tinykit.edgetpu.compiler.report import compilation_json, render_compilation
    from tinykit.edgetpu.package.inspect import inspection_of
    from tinykit.edgetpu.package.runtime import installed_runtime, parse_runtime

    options = CompilerOptions(
        show_operations=show_operations,
        min_runtime=min_runtime,
        segments=segments,
        intermediate_tensors=tuple(intermediate_tensors.split(",")) if intermediate_tensors is not None else (),
        search_delegate=search_delegate,
        search_step=search_step,
        timeout=timeout,
        multiple_subgraphs=multiple_subgraphs,
    )
    against = parse_runtime(runtime) if runtime is not None else None
    with console(stderr=True).status("edgetpu_compiler"):
        made = run_compiler(model, out, options, kill_after=kill_after)
    inspection = inspection_of([output.compiled for output in made.outputs], against or installed_runtime())
    comparisons = {
        source: compare(source, made, check_model(source, multi=multiple_subgraphs), options)
        for source in dict.fromkeys(output.source for output in made.outputs)
    }
    if json:
        print_json(compilation_json(made, comparisons, inspection))
    else:
        console().print(render_compilation(made, comparisons, inspection))
