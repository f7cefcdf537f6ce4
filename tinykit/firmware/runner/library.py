"""A model compiled to C as a shared library for a Linux board."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tinykit.board import Board
from tinykit.compiler import CompiledModel
from tinykit.compiler.emit import render_model, render_model_info
from tinykit.errors import BuildFailed
from tinykit.firmware.builders import builder_of
from tinykit.firmware.manifest import facts_of
from tinykit.firmware.templates import render_project_file
from tinykit.process import run_lines
from tinykit.resources import data_dir

LIBRARY_FILE = "libmodel.so"
_TIMEOUT = 900.0
_LOG_TAIL = 20


def build_library(compiled: CompiledModel, board: Board, opt_level: str) -> tuple[bytes, str, list[str]]:
    """The library's file, the compiler's version, and its flags.

    It exports ``tk_model``, as a firmware's agent has it, and ``tk_layer_hook``.

    Raises:
        ToolMissing: the board's compiler is not installed.
        BuildFailed: it refuses the code.
    """
    compiler = builder_of(board.builder.kind).find_compiler(board)
    facts = facts_of(compiled)
    tree = {name: content for name, content in render_model(compiled).items()}
    tree["model_info.c"] = render_model_info(compiled)
    tree["tk_model_info.h"] = (data_dir("firmware_templates") / "agent" / "tk_model_info.h").read_bytes()
    values: dict[str, Any] = {
        "board": board, "input_bytes": max(facts.input_copy_bytes, 16), "layers": len(facts.layers),
        "state": bool(facts.state_bytes), "mlperf": None, "marker": None, "stack": 0,
        "build_id": ", ".join(["0x00"] * 16),
    }  # fmt: skip
    tree["tk_config.h"] = render_project_file("common/tk_config.h.j2", values)
    sources = sorted(name for name in tree if name.endswith((".c", ".S")))
    flags = [*board.toolchain.cflags, *board.toolchain.model_cflags, f"-{opt_level}"]
    with tempfile.TemporaryDirectory(prefix="tinykit-library-") as folder:
        for name, content in tree.items():
            (Path(folder) / name).write_bytes(content)
        command = [
            *compiler.command.split(), *flags, "-std=c99", "-fPIC", "-shared", "-ffp-contract=off",
            "-ffunction-sections", "-fdata-sections", f"-ffile-prefix-map={folder}=.", "-DTK_LAYER_HOOK", "-I.",
            *sources, "-Wl,--gc-sections", "-Wl,--build-id=none", "-o", LIBRARY_FILE, *board.toolchain.libs,
        ]  # fmt: skip
        log: list[str] = []
        if run_lines(command, log.append, timeout=_TIMEOUT, cwd=Path(folder)) != 0:
            tail = "".join(log).strip().splitlines()[-_LOG_TAIL:]
            raise BuildFailed("the library did not build", where=compiled.source.name, why="\n".join(tail))
        return (Path(folder) / LIBRARY_FILE).read_bytes(), compiler.version, flags
