"""The whole way through a recipe."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tinykit import __version__
from tinykit.compress.checkpoint import RunFolder, StepFolder, alone, digest_of
from tinykit.compress.figures import Bench, emulated_board, packed
from tinykit.compress.network import Data, Framework
from tinykit.compress.recipe import Distil, Int8, Recipe, Step, Training, load_recipe
from tinykit.compress.result import Compression, OnBoard, Stage
from tinykit.compress.sources import load_trainable, same_framework
from tinykit.convert.calibration import outside
from tinykit.convert.evaluation import Score
from tinykit.convert.interpreter import Progress
from tinykit.errors import CheckFailed, InputError
from tinykit.files import write_file
from tinykit.text import utf8


@dataclass(frozen=True)
class CompressOptions:
    """How a recipe is carried out.

    Attributes:
        work: folder of the checkpoints.
        board: instead of the recipe's.
        trust: sources may run code of theirs: Lambda layers.
        fresh: begin anew, whatever checkpoints there are.
        stages: called with each stage as soon as it is known.
    """

    work: Path
    board: str | None = None
    trust: bool = False
    fresh: bool = False
    stages: Callable[[Stage], None] | None = None


def compress(
    recipe_file: Path, out: Path | None, options: CompressOptions, progress: Progress | None = None
) -> Compression:
    """Take a model through a recipe.

    Args:
        out: the .tflite to write, at the end and only if nothing failed; None writes nothing.

    Raises:
        TinykitError: whatever is wrong with recipe, model or data.
        CheckFailed: accuracy falls by more than the recipe allows, or training does not converge to numbers.
    """
    recipe = load_recipe(recipe_file)
    folder = recipe_file.resolve().parent
    files = _Files(folder)
    board = options.board or recipe.board
    if board is not None:
        board = emulated_board(board if options.board else files.board(board))
    if out is not None and recipe.step[-1].kind != "int8":
        raise InputError(
            "the recipe does not end in int8, which makes the .tflite",
            where=str(recipe_file),
            hint='add [[step]] with kind = "int8" at its end',
        )
    for name in ("train", "test"):
        path = Path(files.path(getattr(recipe, name)))
        if not path.is_file():
            raise InputError(f"the file of {name} is not there", where=str(path), hint=f"check {name} in the recipe")
    with alone(options.work):
        result = _Run(recipe, recipe_file, files, board, options, progress).carry_out()
    floor = recipe.max_accuracy_drop
    if floor is not None and result.drop > floor + 1e-9:
        first, last = result.stages[0], result.stages[-1]
        raise CheckFailed(
            f"accuracy falls by {result.drop:.2f} points, more than {floor:g}",
            where=str(recipe_file),
            why=f"the result has {last.int8_score.value:.4f}, the source in float {first.float_score.value:.4f}; "
            + ", ".join(f"{s.kind} {s.int8_score.value:.4f}" for s in result.stages),
            hint="remove less in the step that loses most, or give it more epochs; nothing was written",
        )
    if out is not None:
        assert result.tflite is not None
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            write_file(out, result.tflite)
        except OSError as error:
            raise InputError(
                "cannot write the model", where=str(out), why=error.strerror or str(error), hint="give another --out"
            ) from None
    return result


@dataclass(frozen=True)
class _Files:
    """Paths of a recipe are relative to its folder."""

    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def model(self, name: str) -> str:
        """A model file, or module:callable as it is."""
        return name if ":" in name and not Path(self.path(name)).exists() else self.path(name)

    def board(self, name: str) -> str:
        return self.path(name) if name.endswith(".toml") else name

    def digest(self, name: str) -> str:
        """What a model's file holds; for module:callable, the module's file where it is one of the current folder."""
        path = Path(self.model(name))
        if path.is_file():
            return digest_of(path)
        module = name.rpartition(":")[0].removesuffix(".py").replace(".", "/")
        return name + digest_of(Path.cwd() / f"{module}.py")


class _Run:
    def __init__(
        self,
        recipe: Recipe,
        recipe_file: Path,
        files: _Files,
        board: str | None,
        options: CompressOptions,
        progress: Progress | None,
    ) -> None:
        self._recipe, self._file, self._files, self._board = recipe, recipe_file, files, board
        self._options, self._progress = options, progress
        self._stages: list[Stage] = []
        self._resumed = 0
        self._tflite: bytes | None = None
        board_file = Path(board) if board is not None and board.endswith(".toml") else None
        self._measured_with = [board or "", digest_of(board_file) if board_file else ""]
        self._measured_with.append(digest_of(Path(files.path(recipe.test))))

    def carry_out(self) -> Compression:
        recipe, files = self._recipe, self._files
        train, test = Path(files.path(recipe.train)), Path(files.path(recipe.test))
        if self._progress is not None:
            self._progress("loading the model", 0, 1)
        source = files.model(recipe.source)
        framework, model = load_trainable(source, trust=self._options.trust)
        self._refuse(framework)
        base = [__version__, framework.name, str(recipe.seed), files.digest(recipe.source), digest_of(train)]
        work = RunFolder(self._options.work, base)
        bench = Bench(framework, model, source, train, test)
        data = framework.data(model, bench.train, str(train))
        framework.data(model, bench.test, str(test))
        # kept once the data is known to fit: what is refused leaves nothing behind
        model = self._source(framework, model, work.step(0, None))
        self._measure(bench, framework, work.step(0, None), 0, None, model, "as it came", 0.0, None)
        original = model
        for number, step in enumerate(recipe.step, 1):
            model = self._step(bench, framework, work, number, step, model, original, data)
        beyond = outside(bench.train, bench.test)
        return Compression(
            recipe=utf8(str(self._file)), source=utf8(recipe.source), framework=framework.name,
            train=bench.train.name, train_size=bench.train.size, test=bench.test.name, test_size=bench.test.size,
            stages=tuple(self._stages), tflite=self._tflite, resumed=self._resumed,
            notes=(
                *bench.train.notes,
                *((beyond.replace("calibration", "test", 1),) if beyond else ()),
                *self._poor_teachers(),
            ),
        )  # fmt: skip

    def _poor_teachers(self) -> list[str]:
        """Steps in which the source teaches a model that has become better than it."""
        notes = []
        taught = self._stages[0].float_score.value
        for number, step in enumerate(self._recipe.step, 1):
            if isinstance(step, Distil) and step.teacher == "source" and step.student is None:
                have = self._stages[number - 1].float_score.value
                if have > taught:
                    notes.append(
                        f"step {number} (distil): its teacher, the source, has {taught:.4f} and is worse than the "
                        f"model that it teaches, {have:.4f}; give a trained teacher"
                    )
        return notes

    def _refuse(self, framework: Framework) -> None:
        wrong = [(i, s.kind) for i, s in enumerate(self._recipe.step, 1) if s.kind not in framework.kinds]
        if wrong:
            raise InputError(
                f"step {wrong[0][0]} ({wrong[0][1]}) is not for models of {framework.name.split()[0]}",
                where=str(self._file),
                why=f"for them there are {', '.join(sorted(framework.kinds))}",
                hint="leave it out, or build the model with Keras",
            )

    def _source(self, framework: Framework, model: Any, folder: StepFolder) -> Any:
        """The model that the run began with: a function that trains one gives another each time it is called."""
        found = None if self._options.fresh else self._restored(framework, folder)
        if found is not None:
            return found[0]
        folder.finish(framework.dump(model), {})
        return model

    def _restored(self, framework: Framework, folder: StepFolder) -> tuple[Any, dict[str, Any]] | None:
        finished = folder.finished()
        if finished is None:
            return None
        try:
            return framework.restore(finished[0]), finished[1]
        except ValueError:
            return None

    def _step(
        self, bench: Bench, framework: Framework, work: RunFolder, number: int, step: Step, model: Any, original: Any,
        data: Data,
    ) -> Any:  # fmt: skip
        teachers: Sequence[str] = ()
        if isinstance(step, Distil):
            teachers = [self._files.digest(name) for name in (step.teacher, step.student or "") if name]
        folder = work.step(number, step, teachers)
        if isinstance(step, Int8):
            what = "quantized" if step.clipping == "none" else f"quantized, ranges clipped ({step.clipping})"
            self._measure(bench, framework, folder, number, step, model, what, 0.0, None)
            return model
        found = None if self._options.fresh else self._restored(framework, folder)
        if found is None:
            found = self._train(framework, folder, number, step, model, original, data)
        else:
            self._resumed += 1
        model, facts = found
        self._measure(bench, framework, folder, number, step, model, facts["what"], facts["seconds"], facts["loss"])
        return model

    def _train(
        self, framework: Framework, folder: StepFolder, number: int, step: Training, model: Any, original: Any,
        data: Data,
    ) -> tuple[Any, dict[str, Any]]:  # fmt: skip
        started = time.monotonic()
        teacher = None
        if isinstance(step, Distil):
            trust = self._options.trust
            teacher = original
            if step.teacher != "source":
                teacher = same_framework(framework, self._files.model(step.teacher), trust=trust)
            if step.student is not None:
                model = same_framework(framework, self._files.model(step.student), trust=trust)
        name = f"{number} {step.kind}"  # type: ignore[attr-defined]  # every step but its base has one
        if self._progress is not None:
            self._progress(name, 0, 1)
        work = framework.begin(step, model, teacher, data, self._recipe.seed + number)  # type: ignore[arg-type]
        done, loss = 0, None
        kept = None if self._options.fresh else folder.epoch()
        if kept is not None:
            try:
                work.restore(kept[2])
                done, loss = kept[0], kept[1]
            except ValueError:
                done, loss = 0, None
        for epoch in range(done, step.epochs):
            loss = work.epoch(epoch, self._batches(name, step.epochs, epoch))
            folder.keep_epoch(epoch + 1, loss, work.state())
        model = work.finish()
        facts = {"what": work.what, "seconds": time.monotonic() - started, "loss": loss}
        folder.finish(framework.dump(model), facts)
        return model, facts

    def _batches(self, name: str, epochs: int, epoch: int) -> Callable[[int, int], None]:
        """Progress in batches, over all epochs."""

        def show(done: int, total: int) -> None:
            if self._progress is not None:
                self._progress(name, epoch * total + done, epochs * total)

        return show

    def _measure(
        self, bench: Bench, framework: Framework, folder: StepFolder, number: int, step: Step | None, model: Any,
        what: str, seconds: float, loss: float | None,
    ) -> None:  # fmt: skip
        """Add a stage: what the model would be on the chip now."""
        known = None if self._options.fresh or isinstance(step, Int8) else folder.figures(self._measured_with)
        if known is not None:
            self._add(_stage(known))
            return
        clipping = step.clipping if isinstance(step, Int8) else "none"
        deployed = bench.deploy(model, clipping, self._progress)
        parameters, zeros = framework.parameters(model)
        stage = Stage(
            number, "source" if step is None else step.kind, what, parameters, zeros, deployed.macs,
            deployed.float_bytes, len(deployed.tflite), packed(deployed.tflite), deployed.float_score,
            deployed.int8_score, self._on_board(bench, deployed.tflite), seconds, loss,
        )  # fmt: skip
        if isinstance(step, Int8):
            self._tflite = deployed.tflite
        else:
            folder.keep_figures(self._measured_with, asdict(stage))
        self._add(stage)

    def _add(self, stage: Stage) -> None:
        self._stages.append(stage)
        if self._options.stages is not None:
            self._options.stages(stage)

    def _on_board(self, bench: Bench, tflite: bytes) -> OnBoard | None:
        if self._board is None:
            return None
        return bench.on_board(tflite, self._board, self._progress)


def _stage(figures: dict[str, Any]) -> Stage:
    """A stage as ``asdict`` made it."""
    board = figures["on_board"]
    scores = {name: Score(**figures[name]) for name in ("float_score", "int8_score")}
    return Stage(**{**figures, **scores, "on_board": None if board is None else OnBoard(**board)})
