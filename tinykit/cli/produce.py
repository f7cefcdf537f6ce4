"""Commands that make something: compile, build."""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tinykit.cli.options import NOT_PATCHED, Optimize, Optimized, Patched
from tinykit.cli.output import console, print_json, progress_bar

if TYPE_CHECKING:
    from tinykit.firmware import Project


class OptLevel(str, Enum):
    O0 = "O0"
    O1 = "O1"
    O2 = "O2"
    O3 = "O3"
    Os = "Os"


Model = Annotated[Path, typer.Argument(help="A .tflite file.")]
TflmPath = Annotated[
    Path | None, typer.Option(help="TFLite-Micro's sources, for engine tflm.", envvar="TINYKIT_TFLM_PATH")
]
Builder = Annotated[
    str | None, typer.Option("--builder", help="gcc, zig, platformio, ...: instead of the board's own.")
]
Mlperf = Annotated[
    str | None,
    typer.Option("--mlperf", help="Speak MLPerf Tiny's protocol, too: auto, ad01, ic01, kws01, vww01 or sww01."),
]
Marker = Annotated[
    str | None, typer.Option("--marker", help="A pin that is high during timed inferences: PA5, P0.13, GPIO15.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def compile_model(
    model: Model,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the C files.")],
    board: Annotated[str | None, typer.Option("--board", "-b", help="Choose kernels for this board.")] = None,
    optimize: Optimized = Optimize.balanced,
    patches: Patched = "off",
    as_library: Annotated[
        bool,
        typer.Option("--as-library", help="As a library for CMake, ESP-IDF, PlatformIO and Arduino."),
    ] = False,
    json: Json = False,
) -> None:
    """Compile a model to C: model.c, model.h and kernels."""
    from tinykit.compiler import Target, compile_graph
    from tinykit.compiler.patches import parse_patches
    from tinykit.firmware.library import write_library, write_sources
    from tinykit.graph.reader import read_model

    wanted = parse_patches(patches)
    target = Target()
    if board is not None:
        from tinykit.board import load_board
        from tinykit.firmware.from_model import target_of

        target = target_of(load_board(board))
    compiled = compile_graph(read_model(model), target, optimize=optimize.value, patches=wanted, where=str(model))
    files = write_library(compiled, out) if as_library else write_sources(compiled, out)
    plan, constants = compiled.plan, compiled.constant_bytes()
    if json:
        print_json(
            {
                "model": compiled.source.name,
                "identifier": compiled.name,
                "files": [str(path) for path in files],
                "arena": plan.arena_bytes,
                "arena_lower_bound": plan.lower_bound,
                **constants,
                "patches": None if compiled.patched is None else asdict(compiled.patched),
            }
        )
        return
    out_console = console()
    use = f"README.md says how to use {compiled.name}"
    if not as_library:
        use = f"include model.h, compile *.c with -I{out} -ffp-contract=off"
    out_console.print(f"wrote {len(files)} files to {out}: {use}", soft_wrap=True)
    out_console.print(
        f"arena {plan.arena_bytes:,} bytes, weights {constants['weights']:,}, tables {constants['tables']:,}"
    )
    if compiled.patched is not None:
        out_console.print(compiled.patched.text(), soft_wrap=True)
    elif wanted == "auto":
        out_console.print(NOT_PATCHED)


def build(
    model: Model,
    board: Annotated[str, typer.Option("--board", "-b", help="A board's name, or its .toml file.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the firmware project.")] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="DIR", help="Only write the project, to be built without tinykit."),
    ] = None,
    optimize: Optimized = Optimize.balanced,
    patches: Patched = "off",
    opt_level: Annotated[OptLevel, typer.Option(help="Of the compiler, for the model and its kernels.")] = OptLevel.O2,
    sanitize: Annotated[
        bool, typer.Option("--sanitize", help="With address and undefined-behaviour sanitizers (board native).")
    ] = False,
    engine: Annotated[str, typer.Option(help="What runs the model: aot (C made by tinykit) or tflm.")] = "aot",
    tflm_path: TflmPath = None,
    builder: Builder = None,
    mlperf: Mlperf = None,
    marker: Marker = None,
    json: Json = False,
) -> None:
    """Build a firmware project with a model in it for a board."""
    from tinykit.board import load_board
    from tinykit.compiler.patches import parse_patches
    from tinykit.errors import InputError
    from tinykit.firmware.engine import parse_engines
    from tinykit.firmware.from_model import BuildOptions, build_model, export_model

    engines = parse_engines(engine)
    if len(engines) > 1:
        raise InputError(
            "a firmware has one engine", why=f"--engine {engine} names several", hint="build each by itself"
        )
    options = BuildOptions(
        optimize.value,
        opt_level.value,
        sanitize,
        builder,
        engines[0],
        tflm_path,
        mlperf,
        parse_patches(patches),
        marker,
    )
    found = load_board(board)
    if export is not None and out is None:
        project = export_model(model, found, export, options)
        if json:
            print_json({**_project_facts(project), "files": sorted(project.manifest["files"])})
            return
        console().print(f"wrote {export} for builder {project.builder}: README.md says how to build it", soft_wrap=True)
        return
    if out is None or export is not None:
        raise InputError("give --out DIR, to build, or --export DIR, to build elsewhere", hint="one of the two")
    with progress_bar() as progress:
        progress(f"building for {found.name}", 0, 1)
        image = build_model(model, found, out, options)
    if json:
        print_json({**_project_facts(image.project), "elf": str(image.elf), "memory": asdict(image.sizes)})
        return
    sizes = image.sizes
    print_console = console()
    if image.project.note:
        print_console.print(f"note: {image.project.note}", soft_wrap=True)
    print_console.print(f"built {image.elf}  (build {image.build_id[:12]})", soft_wrap=True)
    print_console.print(
        f"flash {sizes.flash:,} bytes: code {sizes.code:,}, weights {sizes.weights:,}, tables {sizes.tables:,}"
    )
    print_console.print(f"RAM   {sizes.static_ram:,} bytes: arena {sizes.arena:,}; and stack {sizes.stack:,}")
    patched = image.project.manifest["model"]["patches"]
    if patched is not None:
        from tinykit.compiler.patches import PatchedStage

        print_console.print(PatchedStage(**patched).text(), soft_wrap=True)


def _project_facts(project: Project) -> dict[str, Any]:
    return {
        "board": project.board.name,
        "build": {"id": project.build_id, "builder": project.builder, "note": project.note},
        "project": str(project.root),
        "patches": project.manifest["model"]["patches"],
    }
