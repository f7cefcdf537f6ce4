"""ONNX files, through onnx2tf in a process of its own: it prints a lot, and may crash or hang on odd models."""

from __future__ import annotations

import re
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinykit.convert.extras import installed, require
from tinykit.convert.finite import check_weights
from tinykit.convert.model import FloatModel, Shape
from tinykit.convert.onnx_check import compare
from tinykit.errors import InputError, ModelError, ToolMissing, UnsupportedModel
from tinykit.process import run_lines
from tinykit.text import first_line

ONNX2TF = "2.6.9"
_HELPERS = "sng4onnx==2.0.1 sne4onnx==2.0.1 psutil"
_LIMIT_SECONDS = 300.0
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_MISSING = re.compile(r"No module named '([\w.]+)'")
_NAMED = re.compile(r"(?:ONNX op|op_type|op type|OP)\s*[:=]?\s*'?\"?([A-Z]\w+)|op=([A-Z]\w+)")


def convert_onnx(path: Path, input_shapes: Sequence[Shape] = ()) -> FloatModel:
    """An .onnx file as float .tflite. Inputs of four and five dimensions get their channels last; others stay.

    What onnx2tf wrote is compared with onnxruntime on random numbers: it can be wrong, and says nothing then.

    Args:
        input_shapes: as the ONNX file has them, for inputs whose shape is open; none makes an open batch 1.

    Raises:
        ModelError: the file is damaged, or has weights that are not finite.
        InputError: an input's shape is open and none is given.
        UnsupportedModel: operators that cannot be converted, with their names, or onnx2tf gets the model wrong.
        ToolMissing: onnx, onnxruntime or onnx2tf is not installed.
    """
    where = str(path)
    onnx = require("onnx", "onnx", "ONNX models")
    if not installed("onnx2tf"):
        raise _no_onnx2tf(None)
    model = _read(onnx, path)
    foreign = {f"{n.domain}.{n.op_type}" for n in model.graph.node if n.domain not in ("", "ai.onnx", "ai.onnx.ml")}
    if foreign:
        raise UnsupportedModel(
            f"operators that are not of ONNX itself: {', '.join(sorted(foreign))}",
            where=where,
            hint="export the model without custom operators",
        )
    weights = ((t.name, onnx.numpy_helper.to_array(t)) for t in model.graph.initializer)
    check_weights(weights, where)
    shapes = _fix_shapes(model, input_shapes, where)
    # sequences (N, time, features) and (N, channels, time) look alike: onnx2tf would turn both
    kept = [value.name for value, shape in zip(_inputs(model), shapes, strict=True) if len(shape) == 3]
    with tempfile.TemporaryDirectory(prefix="tinykit-onnx-") as temporary:
        folder = Path(temporary)
        onnx.save(onnx.shape_inference.infer_shapes(model), str(folder / "model.onnx"))
        data = _run(folder, kept, where)
        moved = compare(folder / "model.onnx", data, where)
    notes = ("inputs have their channels last (NHWC) now; the ONNX model has them first",) if moved else ()
    return FloatModel(data, f"onnx {onnx.__version__}", notes, moved)


def _read(onnx: Any, path: Path) -> Any:
    """The ModelProto, with weights that lie beside the file."""
    try:
        model = onnx.load(str(path))
        onnx.checker.check_model(model)
        return model
    except Exception as error:  # protobuf's errors, onnx's own, missing external data
        raise ModelError(
            "not a usable ONNX file",
            where=str(path),
            why=first_line(error),
            hint="export the model again, or check that the download is complete",
        ) from None


def _inputs(model: Any) -> list[Any]:
    """What is given at run time: files of old versions list weights too."""
    constants = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in constants]


def _fix_shapes(model: Any, given: Sequence[Shape], where: str) -> list[Shape]:
    """Write the inputs' shapes into the model: with an open batch onnx2tf adds operators for a batch of zero."""
    inputs = _inputs(model)
    if given and len(given) != len(inputs):
        raise InputError(
            f"{len(given)} input shape{'s' if len(given) > 1 else ''} given, the model has {len(inputs)} inputs",
            where=where,
            hint="repeat --input-shape once for each input, in their order",
        )
    found: list[Shape] = []
    for position, value in enumerate(inputs):
        dims = value.type.tensor_type.shape.dim
        shape = [d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None for d in dims]
        wanted = _wanted(shape, given[position] if given else None, value.name, where)
        for dim, size in zip(dims, wanted, strict=True):
            dim.ClearField("dim_param")
            dim.dim_value = size
        found.append(wanted)
    if any(d.HasField("dim_param") for value in model.graph.output for d in value.type.tensor_type.shape.dim):
        for value in model.graph.output:  # inferred again from the inputs
            value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    return found


def _wanted(shape: Sequence[int | None], given: Shape | None, name: str, where: str) -> Shape:
    """An input's shape without holes."""
    if given is not None:
        wanted = given if len(given) == len(shape) else (1, *given)
        fits = len(wanted) == len(shape) and all(
            have in (None, want) or (axis == 0 and want == 1)
            for axis, (have, want) in enumerate(zip(shape, wanted, strict=True))
        )
        if not fits:
            raise InputError(
                f"--input-shape {','.join(map(str, given))} does not fit input {name!r}",
                where=where,
                why=f"its shape is {_shown(shape)}",
                hint="give it as in the ONNX file (channels first), and replace each ? by a number",
            )
        return wanted
    closed = [1, *shape[1:]] if shape and shape[0] is None else list(shape)
    if None in closed:
        example = ",".join("N" if d is None else str(d) for d in closed)
        raise InputError(
            f"input {name!r} has an open shape {_shown(shape)}",
            where=where,
            why="a microcontroller needs every size when the model is compiled",
            hint=f"add --input-shape {example} with numbers for N",
        )
    return tuple(d for d in closed if d is not None)


def _run(folder: Path, kept: Sequence[str], where: str) -> bytes:
    """What onnx2tf makes of ``model.onnx`` in the folder, with the shapes of some inputs kept."""
    program = Path(sysconfig.get_path("scripts")) / "onnx2tf"
    start = [str(program)] if program.is_file() else [sys.executable, "-m", "onnx2tf"]
    command = [*start, "-i", "model.onnx", "-o", "out", "-nuo", *(["-kat", *kept] if kept else [])]
    lines: list[str] = []
    status = run_lines(command, lines.append, timeout=_LIMIT_SECONDS, cwd=folder)
    if status is None:
        raise UnsupportedModel(
            f"onnx2tf did not end within {_LIMIT_SECONDS:.0f} s", where=where, hint="simplify the model with onnxsim"
        )
    result = folder / "out" / "model_float32.tflite"
    if status == 0 and result.is_file():
        return result.read_bytes()
    text = _COLOURS.sub("", "".join(lines))
    absent = _MISSING.search(text)
    if absent:
        raise _no_onnx2tf(absent[1])
    names = sorted({name for pair in _NAMED.findall(text) for name in pair if name})
    raise UnsupportedModel(
        f"operators that cannot be converted: {', '.join(names)}" if names else "onnx2tf cannot convert this model",
        where=where,
        why=_reason(text, status),
        hint="export the model without them, or simplify it with onnxsim",
    )


def _reason(text: str, code: int) -> str:
    if code < 0:
        return f"onnx2tf was ended by signal {-code}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "rror" in line] or lines
    return telling[-1][:300] if telling else "it said nothing"


def _no_onnx2tf(module: str | None) -> ToolMissing:
    return ToolMissing(
        "ONNX models need onnx2tf, which is not installed completely" if module else "ONNX models need onnx2tf",
        why=f"there is no module {module or 'onnx2tf'!r}",
        # its own requirements name versions that do not go with the others; it works without them
        hint=f"pip install --no-deps --ignore-requires-python onnx2tf=={ONNX2TF} {_HELPERS}"
        "\n       after pip install onnx==1.23.2 onnxruntime==1.31.1",
    )


def _shown(shape: Sequence[int | None]) -> str:
    return "[" + ", ".join("?" if d is None else str(d) for d in shape) + "]"
