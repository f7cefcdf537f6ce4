"""A firmware project: a folder with everything that a board's firmware is made of, and a Makefile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tinykit.board import Board, load_board
from tinykit.compiler import CompiledModel
from tinykit.compiler.emit import render_model, render_model_info
from tinykit.errors import InputError
from tinykit.firmware.builders import Compiler, builder_of
from tinykit.firmware.builders.choose import choose_builder
from tinykit.firmware.engine import Interpreter
from tinykit.firmware.fit import check_before_build
from tinykit.firmware.manifest import Facts, facts_of
from tinykit.firmware.manifest_check import changed_files, read_manifest
from tinykit.firmware.marker import marker_of
from tinykit.firmware.mlperf import MlperfId
from tinykit.firmware.render import render_tree
from tinykit.firmware.tree import write_tree
from tinykit.resources import data_dir

OptLevel = Literal["O0", "O1", "O2", "O3", "Os"]
OPT_LEVELS: tuple[OptLevel, ...] = ("O0", "O1", "O2", "O3", "Os")


@dataclass(frozen=True)
class Project:
    """A rendered project.

    Attributes:
        root: its folder.
        build_id: 32 hexadecimal digits; the first 16 bytes of the sha256 over all sources, flags and the compiler's
            version. The firmware carries it and says it in its banner.
        manifest: the contents of manifest.json.
    """

    root: Path
    board: Board
    build_id: str
    manifest: Mapping[str, Any]

    @property
    def builder(self) -> str:
        """What builds it: the name of a module of ``tinykit.firmware.builders``."""
        return str(self.manifest["builder"])

    @property
    def note(self) -> str | None:
        """What a user should know of how it is built: that another builder had to take the place of the board's."""
        return self.manifest.get("note")

    @property
    def is_release(self) -> bool:
        """Whether it is for a runner on a Linux board, and not a firmware."""
        return self.builder == "runner"

    @property
    def elf(self) -> Path:
        """Where the build puts the firmware; of a release, the compiled model."""
        if self.is_release:
            return self.root / "libmodel.so"
        return builder_of(self.builder).elf(self.root)

    @property
    def model_name(self) -> str:
        """The name of the source model."""
        return str(self.manifest["model"]["name"])

    def changed_files(self) -> list[str]:
        """Files that are no longer what was rendered, so that the build id does not stand for them."""
        return changed_files(self.root, dict(self.manifest))

    @property
    def mlperf(self) -> str | None:
        """The one of MLPerf Tiny's models that the firmware answers for in that benchmark's protocol; None: in none."""
        found = self.manifest["flags"].get("mlperf")
        return found if isinstance(found, str) else None

    @property
    def engine(self) -> str:
        """What runs the model on the device."""
        return str(self.manifest["model"].get("engine", "aot"))

    @property
    def model_file(self) -> Path | None:
        """The copy of the source model in the project, if it was given."""
        name = self.manifest["model"]["file"]
        return self.root / name if name else None


def render_project(
    compiled: CompiledModel,
    board: Board,
    out_dir: Path,
    *,
    model_file: Path | None = None,
    opt_level: OptLevel = "O2",
    sanitize: bool = False,
    stack: int | None = None,
    builder: str | None = None,
    export: bool = False,
    mlperf: MlperfId | None = None,
    marker: str | None = None,
) -> Project:
    """Write the firmware project of a compiled model.

    Args:
        out_dir: created if needed. What an earlier project left there is replaced, other files are kept.
        model_file: the source model, to be copied into the project so that it can be tested on its own.
        opt_level: of the compiler, for the model and its kernels.
        sanitize: with address and undefined-behaviour sanitizers; for the host only.
        stack: bytes of stack; the board's by default.
        builder: instead of the board's, or of zig where the board's compiler is missing.
        export: for building elsewhere: the compiler need not be here, and is not part of the build id.
        mlperf: speak MLPerf Tiny's text protocol beside the link, as this one of its models.
        marker: name of a pin that is high during timed inferences.

    Raises:
        DoesNotFit: the model's constants or memory alone exceed the board's.
        ToolMissing: the board's compiler is not installed, and ``export`` is not set.
        BoardError: the builder does not build for the board.
        InputError: ``out_dir`` cannot be used, or the board's port cannot raise that pin.
    """
    facts = facts_of(compiled)
    sources = {"src/model/model_info.c": render_model_info(compiled)}
    for name, content in render_model(compiled).items():
        sources[f"src/{'model' if name.startswith('model') else 'kernels'}/{name}"] = content
    return render_sources(
        sources,
        facts,
        board,
        out_dir,
        model_file=model_file,
        opt_level=opt_level,
        sanitize=sanitize,
        stack=stack,
        builder=builder,
        export=export,
        mlperf=mlperf,
        marker=marker,
    )


def render_sources(
    sources: Mapping[str, bytes],
    facts: Facts,
    board: Board,
    out_dir: Path,
    *,
    model_file: Path | None = None,
    agent: bool = True,
    opt_level: OptLevel = "O2",
    sanitize: bool = False,
    stack: int | None = None,
    builder: str | None = None,
    interpreter: Interpreter | None = None,
    export: bool = False,
    mlperf: MlperfId | None = None,
    marker: str | None = None,
) -> Project:
    """As ``render_project``, for a model that exists as C already.

    Args:
        sources: contents by path in the project ("src/model/model.c", ...).
        facts: what the sources need and hold.
        agent: with tinykit's serial agent; without it the sources bring their own main() over tk_port.h.
        interpreter: built along with the sources.
    """
    if opt_level not in OPT_LEVELS:
        raise InputError(f"unknown optimisation {opt_level!r}", hint=f"one of {', '.join(OPT_LEVELS)}")
    if sanitize and not board.is_native:
        raise InputError(f"sanitizers do not run on {board.name}", hint="use board native for them")
    pin = marker_of(board, marker)
    stack = board.port.stack if stack is None else (stack + 15) // 16 * 16
    check_before_build(facts, board, stack)
    files = dict(sources)
    agent_folder = data_dir("firmware_templates") / "agent"
    paths = [*agent_folder.glob("*.[ch]" if agent else "tk_port.h")]
    if mlperf is not None:
        paths += (agent_folder / "mlperf").glob("*.[ch]")
    for path in sorted(paths):
        files[f"src/agent/{path.name}"] = path.read_bytes()
    model_bytes = None if model_file is None else model_file.read_bytes()
    chosen, note = choose_builder(board, builder, export=export)
    if export:
        compiler = Compiler(chosen.compiler_command(board), "not known: exported")
    else:
        compiler = chosen.find_compiler(board)
        if interpreter is not None:
            compiler = Compiler(compiler.command, f"{compiler.version}; {interpreter.version}")
    tree, manifest = render_tree(
        files,
        facts,
        board,
        chosen,
        compiler,
        model_bytes,
        opt_level,
        sanitize,
        stack,
        interpreter,
        note,
        mlperf,
        pin,
    )
    write_tree(tree, out_dir)
    return Project(out_dir, board, manifest["build_id"], manifest)


def load_project(root: Path) -> Project:
    """A project that was rendered earlier.

    Raises:
        InputError: the folder is not a project of this version of tinykit.
        BoardError: its board file is wrong.
    """
    manifest = read_manifest(root)
    project = Project(root, load_board(root / manifest["board"]["file"]), manifest["build_id"], manifest)
    if not project.is_release:
        builder_of(project.builder)
    return project
