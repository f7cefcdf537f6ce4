"""The same samples through three engines: LiteRT, TFLite-Micro, and the code that tinykit compiles."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinykit.board import load_board
from tinykit.convert.analysis import in_type
from tinykit.convert.interpreter import Progress, run_all
from tinykit.convert.model import Trees
from tinykit.convert.samples import Samples
from tinykit.errors import BuildFailed, InputError, TinykitError, ToolMissing, UnsupportedModel
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.graph.reader import parse_model
from tinykit.hil.dataset import Dataset
from tinykit.hil.reference import run_reference
from tinykit.hil.session import Session

MOST = 100
"""Samples that are compared."""
_TOLERANCE = 1e-5
"""Of float outputs, relative: what docs/operators.md promises."""


@dataclass(frozen=True)
class Engine:
    """What one engine made of the samples.

    Attributes:
        name: "LiteRT", "TFLite-Micro", "compiled".
        identical: samples whose outputs are those of the measure: to the bit, floats to 1e-5. None if one is absent.
        largest: largest difference from the measure, in steps of the output's type (floats: absolute).
        absent: why the engine did not run; None if it did.
        unsupported: it did not run because it cannot run the model.
    """

    name: str
    identical: int | None = None
    largest: float | None = None
    absent: str | None = None
    unsupported: bool = False


@dataclass(frozen=True)
class Identity:
    """``samples``: how many were compared. ``engines``: another one, the measure (TFLite-Micro), compiled."""

    samples: int
    engines: tuple[Engine, ...]

    @property
    def measure(self) -> str:
        """Name of the engine that the others are compared with."""
        return self.engines[1].name

    @property
    def broken(self) -> bool:
        """The compiled code ran and differs from the measure: a bug in tinykit."""
        compiled = self.engines[-1]
        return compiled.identical is not None and compiled.identical < self.samples


def compare_engines(tflite: bytes, samples: Samples, where: str, progress: Progress | None = None) -> Identity:
    """Run up to ``MOST`` samples through each engine that there is."""
    graph = parse_model(tflite, name="model", where=where)
    inputs = tuple(
        in_type(values[:MOST], graph.tensor(i)) for values, i in zip(samples.inputs, graph.inputs, strict=True)
    )
    data = Dataset(inputs, None, samples.name, None)
    with tempfile.TemporaryDirectory(prefix="tinykit-convert-") as temporary:
        model = Path(temporary) / "model.tflite"
        model.write_bytes(tflite)
        found: list[tuple[str, Sequence[np.ndarray] | Engine]] = [
            ("LiteRT", _attempt("LiteRT", lambda: run_all(tflite, inputs, where, progress=progress))),
            ("TFLite-Micro", _attempt("TFLite-Micro", lambda: _reference(model, data, progress))),
            ("compiled", _attempt("compiled", lambda: _compiled(model, data, Path(temporary), progress))),
        ]
    return _side_by_side(data.size, found)


def compare_trees(
    tflite: bytes, trees: Trees, samples: Samples, where: str, progress: Progress | None = None
) -> Identity:
    """The same for decision trees: scikit-learn, their definition in NumPy, and the compiled code.

    scikit-learn's answers are compared in the output's type, as its own cannot be anything but real numbers.
    """
    graph = parse_model(tflite, name="model", where=where)
    output = graph.tensor(graph.outputs[0])
    real_inputs = samples.inputs[0][:MOST]
    inputs = (in_type(real_inputs, graph.tensor(graph.inputs[0])),)
    data = Dataset(inputs, None, samples.name, None)
    with tempfile.TemporaryDirectory(prefix="tinykit-convert-") as temporary:
        model = Path(temporary) / "model.tflite"
        model.write_bytes(tflite)
        own = trees.predict(real_inputs.reshape(data.size, -1)).astype(np.float32)
        return _side_by_side(
            data.size,
            [
                ("scikit-learn", [in_type(own, output).reshape(data.size, *output.shape)]),
                ("NumPy", _reference(model, data, None)),
                ("compiled", _attempt("compiled", lambda: _compiled(model, data, Path(temporary), progress))),
            ],
        )


def _side_by_side(size: int, found: Sequence[tuple[str, Sequence[np.ndarray] | Engine]]) -> Identity:
    """All compared with the second."""
    oracle = found[1][1]
    return Identity(size, tuple(_compared(name, value, oracle) for name, value in found))


def _attempt(name: str, run: object) -> Sequence[np.ndarray] | Engine:
    assert callable(run)
    try:
        result: Sequence[np.ndarray] = run()
        return result
    except UnsupportedModel as error:
        return Engine(name, absent=_said(error), unsupported=True)
    except (ToolMissing, BuildFailed) as error:
        return Engine(name, absent=_said(error))
    except InputError as error:  # TFLite-Micro refuses the model
        return Engine(name, absent=_said(error), unsupported=True)


def _said(error: TinykitError) -> str:
    return f"{error.what}: {error.why}" if error.why else error.what


def _reference(model: Path, data: Dataset, progress: Progress | None) -> Sequence[np.ndarray]:
    def said(done: int, total: int) -> None:
        if progress is not None:
            progress("running TFLite-Micro", done, total)

    reference = run_reference(model, data, said)
    if reference is None:
        raise ToolMissing("tflite-micro is not installed")
    return reference.outputs


def _compiled(model: Path, data: Dataset, folder: Path, progress: Progress | None) -> Sequence[np.ndarray]:
    board = load_board("native")
    if progress is not None:
        progress("compiling for this computer", 0, 1)
    image = build_model(model, board, folder / "firmware", BuildOptions(opt_level="O1"))
    with Session(board, image) as session:
        columns = [session.infer(*data.sample(i)).outputs for i in range(data.size)]
    return [np.stack(column) for column in zip(*columns, strict=True)]


def _compared(name: str, value: Sequence[np.ndarray] | Engine, oracle: Sequence[np.ndarray] | Engine) -> Engine:
    if isinstance(value, Engine):
        return value
    if isinstance(oracle, Engine):
        return Engine(name)
    good = np.ones(len(value[0]), bool)
    largest = 0.0
    for have, want in zip(value, oracle, strict=True):
        have, want = (v.reshape(len(good), -1).astype(np.float64) for v in (have, want))
        difference = np.abs(have - want)
        limit = _TOLERANCE * np.maximum(1.0, np.abs(want)) if value[0].dtype.kind == "f" else 0.0
        good &= (difference <= limit).all(axis=1)
        largest = max(largest, float(difference.max()))
    return Engine(name, int(good.sum()), largest)
