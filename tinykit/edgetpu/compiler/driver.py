"""Runs a real ``edgetpu_compiler``, and takes its output only when it is whole.

It writes into a folder of its own beside the results. What it made is read first, and then renamed to where it belongs:
a run that fails, is stopped or is interrupted leaves nothing there but its log.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tinykit.edgetpu.compiler.failures import failure, refused_by_shell
from tinykit.edgetpu.compiler.locate import NAME, cannot_start, find_compiler, wrong_machine
from tinykit.edgetpu.compiler.log import CompilerLog, ModelLog, parse_log
from tinykit.edgetpu.compiler.options import CompilerOptions
from tinykit.edgetpu.package import CompiledModel, read_compiled
from tinykit.errors import CompilerFailed, InputError, TinykitError
from tinykit.files import write_file
from tinykit.process import run_lines

KILL_AFTER = 3600.0
"""Seconds for a whole run: the compiler's own limit is for one compilation, and it may search through hundreds."""
MAX_LOG = 16 << 20
"""Characters that it may print; real runs print some kilobytes."""


@dataclass(frozen=True)
class Output:
    """A file that was made.

    Attributes:
        source: the model it was made of; ``segment``: which part of it, where there are several.
        log: what the compiler said of it.
    """

    source: Path
    segment: int | None
    compiled: CompiledModel
    log: ModelLog | None

    @property
    def path(self) -> Path:
        return Path(self.compiled.path)


@dataclass(frozen=True)
class Compilation:
    """One run.

    Attributes:
        command: as it was run, in a folder that is gone.
        log: all that it printed, and what it wrote into operation logs; ``log_path``: what it printed, as a file.
        outputs: by model, and by segment.
    """

    command: tuple[str, ...]
    log: CompilerLog
    log_path: Path
    outputs: tuple[Output, ...]


def compile_models(
    models: Sequence[Path], out: Path, options: CompilerOptions, *, kill_after: float = KILL_AFTER
) -> Compilation:
    """Compile models, several together so that their parameters share the chip.

    Args:
        out: folder for the results (``<model>_edgetpu.tflite``), logs, and for segments the parts of the model.
        kill_after: seconds until the compiler is stopped, whatever it does.

    Raises:
        ToolMissing: there is no compiler, or it is for another machine.
        InputError: a model cannot be read, two have the same name, or options contradict each other.
        UnsupportedModel: the compiler refused a model.
        CompilerFailed: it crashed, took too long, or its output is not whole.
    """
    options.check()
    compiler = find_compiler()
    sources = {model: _source(model) for model in models}
    expected = _expected(models, options.segments)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".tinykit-edgetpu-", dir=out) as made:
            return _run(compiler, sources, expected, out, Path(made), options, kill_after)
    except OSError as error:
        where = error.filename2 or error.filename or out
        raise InputError(
            "cannot write the results", where=str(where), why=error.strerror or str(error),
            hint="give another --out-dir",
        ) from None  # fmt: skip


def _run(
    compiler: Path,
    sources: Mapping[Path, CompiledModel],
    expected: dict[str, tuple[Path, int | None]],
    out: Path,
    made: Path,
    options: CompilerOptions,
    kill_after: float,
) -> Compilation:
    models = list(sources)
    command = [str(compiler), *options.arguments(), "-o", ".", *(str(model.absolute()) for model in models)]
    printed = _Printed()
    log_path = out / f"{models[0].stem}_edgetpu_compiler.log"
    try:
        try:
            status = run_lines(command, printed.take, timeout=kill_after, cwd=made)
        except OSError as error:
            raise cannot_start(compiler, error) from None
        finally:
            if printed.lines:
                write_file(log_path, printed.text())
        log = parse_log(printed.text())
        if refused_by_shell(status, printed.text()):
            raise wrong_machine(compiler)
        failed = failure(models, status, log, kill_after)
        if failed is not None:
            raise failed
        compiled = {name: _whole(made / name) for name in expected}
        for name, (source, segment) in expected.items():
            if segment is None:
                _check_same(sources[source], compiled[name], name)
    except TinykitError as refused:
        raise _with_log(refused, log_path) if printed.lines else refused from None
    log = _with_operation_logs(log, made)
    _publish(made, out)
    outputs = []
    for name, (source, segment) in expected.items():
        model = compiled[name].at(str(out / name))
        outputs.append(Output(source, segment, model, log.of_output(name)))
    return Compilation(tuple(command), log, log_path, tuple(outputs))


def _with_log(error: TinykitError, path: Path) -> TinykitError:
    """The same error, with where the log is."""
    hint = f"{error.hint}; " if error.hint else ""
    return type(error)(error.what, where=error.where, why=error.why, hint=f"{hint}the compiler's log is {path}")


class _Printed:
    """What the compiler prints, as long as it is sane."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._size = 0

    def take(self, line: str) -> None:
        self._size += len(line)
        if self._size > MAX_LOG:
            raise CompilerFailed(
                f"{NAME} printed more than {MAX_LOG >> 20} MiB and was stopped",
                why="real runs print some kilobytes",
                hint="check that the program is Coral's",
            )
        self.lines.append(line)

    def text(self) -> str:
        return "".join(self.lines)


def _source(model: Path) -> CompiledModel:
    source = read_compiled(model)
    if source.edgetpu_ops:
        raise InputError(
            "the model is compiled already",
            where=str(model),
            hint="give the quantized .tflite that it was made of; `tinykit edgetpu inspect` shows this one",
        )
    return source


def _check_same(source: CompiledModel, made: CompiledModel, name: str) -> None:
    """The compiler keeps the names of a model's inputs and outputs."""
    if (source.inputs, source.outputs) != (made.inputs, made.outputs):
        raise CompilerFailed(
            f"{NAME} left another model in {name}",
            where=source.path,
            why=f"its inputs and outputs are {_names(made)}; the model's are {_names(source)}",
            hint="check that the program is Coral's",
        )


def _names(model: CompiledModel) -> str:
    return " -> ".join(
        ", ".join(names[:4]) + (" ..." if len(names) > 4 else "") for names in (model.inputs, model.outputs)
    )


def _expected(models: Sequence[Path], segments: int | None) -> dict[str, tuple[Path, int | None]]:
    """The files that will be made: of which model, and which segment."""
    twice = [stem for stem, count in Counter(model.stem for model in models).items() if count > 1]
    if twice:
        raise InputError(
            "two models have the same name",
            where=", ".join(str(model) for model in models if model.stem == twice[0]),
            why=f"both would become {twice[0]}_edgetpu.tflite",
            hint="rename one, or compile them one by one",
        )
    if segments is None or segments == 1:
        return {f"{model.stem}_edgetpu.tflite": (model, None) for model in models}
    return {
        f"{model.stem}_segment_{i}_of_{segments}_edgetpu.tflite": (model, i)
        for model in models
        for i in range(segments)
    }


def _whole(path: Path) -> CompiledModel:
    """An output, read.

    Raises:
        CompilerFailed: it is not there, or damaged.
    """
    try:
        return read_compiled(path)
    except TinykitError as error:
        missing = not path.exists()
        raise CompilerFailed(
            f"{NAME} did not make {path.name}" if missing else f"{NAME} left a damaged {path.name}",
            why="it says that it succeeded" if missing else f"{error.what}: {error.why}",
            hint="compile again; nothing was kept",
        ) from None


def _with_operation_logs(log: CompilerLog, made: Path) -> CompilerLog:
    """The log with the operators' lines from the files that the compiler writes, where it did not print them."""
    models, unknown = [], list(log.unknown)
    for model in log.models:
        # the output's name with another end, where the log does not say
        path = made / Path(model.operation_log or f"{Path(model.output or '').stem}.log").name
        if not model.operators and path.is_file():
            written = parse_log(path.read_text(encoding="utf-8", errors="replace")[:MAX_LOG])
            rows = tuple(row for m in written.models for row in m.operators)
            model = replace(model, operators=rows)
            unknown += written.unknown
        models.append(model)
    return replace(log, models=tuple(models), unknown=tuple(unknown))


def _publish(made: Path, out: Path) -> None:
    """Move what was made to where it belongs.

    Raises:
        OSError: one cannot be; then what was there before is there again.
    """
    before = made / "before"
    before.mkdir()
    done: list[str] = []
    try:
        for file in sorted(made.iterdir()):
            if file.is_file() and not file.is_symlink():
                target = out / file.name
                if target.is_file():
                    shutil.copy2(target, before / file.name)
                file.replace(target)
                done.append(file.name)
    except BaseException:
        for name in done:
            if (before / name).is_file():
                (before / name).replace(out / name)
            else:
                (out / name).unlink(missing_ok=True)
        raise
