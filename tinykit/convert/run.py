"""The whole way, from a source to a small .tflite and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tinykit.convert.analysis import LayerError, analyze, worst
from tinykit.convert.auto import Trial, search
from tinykit.convert.calibration import outside, require_varied, weaknesses
from tinykit.convert.evaluation import Score, class_indices, outputs_of, score
from tinykit.convert.identity import compare_engines
from tinykit.convert.interpreter import Progress
from tinykit.convert.model import FloatModel
from tinykit.convert.options import STATIC, ConvertOptions
from tinykit.convert.quantize import Scheme, no_calibration, quantize
from tinykit.convert.result import Conversion
from tinykit.convert.samples import Samples, check_samples, load_samples, noise
from tinykit.convert.sources import check_source, load_source
from tinykit.convert.statistics import Range, collect
from tinykit.convert.targets import check_graph, check_mode, float_islands
from tinykit.convert.trees import convert_trees
from tinykit.edgetpu.check import CheckResult, check_bytes
from tinykit.errors import CheckFailed, InputError, UnsupportedModel
from tinykit.files import write_file
from tinykit.graph.reader import parse_model
from tinykit.text import utf8

_ANALYZED = 64
"""Samples for the layer-by-layer comparison: errors average out quickly."""


def convert(
    source: str, out: Path | None = None, options: ConvertOptions | None = None, progress: Progress | None = None
) -> Conversion:
    """Convert, quantize and check a model.

    Args:
        source: as ``load_source`` takes it.
        out: the .tflite to write, at the end and only if nothing failed; None writes nothing.

    Raises:
        TinykitError: whatever is wrong with source, samples or options.
        CheckFailed: the accuracy falls below the floor, or the compiled code differs from TFLite-Micro.
    """
    options = options or ConvertOptions()
    check_source(source)
    _check(options, out)
    if out is not None and Path(source).exists() and out.resolve() == Path(source).resolve():
        raise InputError("the result would replace the source", where=str(out), hint="give another --out")
    result = convert_model(_load(source, options, progress), source, options, progress)
    if out is not None:
        _write(out, result.tflite)
    return result


def convert_model(
    model: FloatModel, source: str, options: ConvertOptions, progress: Progress | None = None
) -> Conversion:
    """As ``convert``, for a model that is loaded already.

    Args:
        source: what to call it in messages.
    """
    _check(options, None)
    calibration, data = _samples(model, options)
    if options.max_accuracy_drop is not None and data is not None and data.labels is None:
        raise InputError(
            f"{'--auto' if options.auto else '--max-accuracy-drop'} needs labels",
            where=str(options.data),
            hint="add y, one label for each sample",
        )
    if model.trees is not None:
        result = convert_trees(model, model.trees, source, options, calibration, data, progress)
    else:
        result = _convert_network(model, source, options, calibration, data, progress)
    _require(result, options)
    return result


def _convert_network(
    model: FloatModel,
    source: str,
    options: ConvertOptions,
    calibration: Samples | None,
    data: Samples | None,
    progress: Progress | None,
) -> Conversion:
    """Quantize a float .tflite, and compare the two."""
    ranges: Mapping[str, Range] | None = None
    if calibration is not None:
        if options.auto or options.quantize in STATIC:
            require_varied(calibration, options.calibration or source)
        ranges = collect(model.tflite, calibration.inputs, source, progress)
    labels = None
    if data is not None and data.labels is not None:
        labels = class_indices(data.labels, model.classes, str(options.data))

    def measure(tflite: bytes, what: str) -> Score | None:
        if data is None or labels is None:
            return None
        return score(outputs_of(tflite, data, source, progress, what), labels, str(options.data))

    before, after = measure(model.tflite, "accuracy before"), None
    trials: tuple[Trial, ...] = ()
    culprits: tuple[LayerError, ...] = ()
    if options.auto:
        assert calibration is not None
        assert ranges is not None
        if before is None:
            raise InputError("--auto needs labels", where=str(options.data), hint="add y, one label for each sample")
        found = search(
            model.tflite, calibration, ranges, options, before, lambda t, label: measure(t, f"accuracy, {label}"),
            source, progress,
        )  # fmt: skip
        scheme, tflite, after, trials = found.scheme, found.tflite, found.score, found.trials
        base, ranges, culprits = found.base, found.ranges, found.culprits
    else:
        scheme, base = Scheme(options.quantize), model.tflite
        tflite = quantize(base, scheme, ranges, source, options.target)
        after = before if options.quantize == "none" else measure(tflite, "accuracy after")
    graph = parse_model(tflite, name="model", where=source)
    check_graph(graph, options.target, source)
    samples = data or calibration
    layers: tuple[LayerError, ...] = ()
    if options.layers:
        layers = _layers(base, tflite, scheme, samples, ranges or {}, source, progress)
    identity = None
    if options.identity:
        identity = compare_engines(tflite, samples or noise(model.tflite), source, progress)
    return Conversion(
        source=utf8(source), framework=model.source, target=options.target, scheme=scheme, tflite=tflite,
        float_bytes=len(model.tflite), before=before, after=after,
        data=data.name if data else None, data_size=data.size if data else 0,
        calibration=calibration.name if calibration else None, calibration_size=calibration.size if calibration else 0,
        layers=layers, identity=identity, trials=trials, culprits=culprits,
        edgetpu=_placement(tflite, source) if options.target == "edgetpu" else None,
        notes=tuple(_notes(model, calibration, data, tflite, scheme, source)),
    )  # fmt: skip


def _placement(tflite: bytes, source: str) -> CheckResult:
    return check_bytes(tflite, name=utf8(Path(source).stem), where=source)


def _check(options: ConvertOptions, out: Path | None) -> None:
    """What can be refused before any framework is loaded."""
    check_mode(options.quantize, options.target)
    if out is not None and not out.resolve().parent.is_dir():
        raise InputError("the folder does not exist", where=str(out.parent), hint="make it, or give another --out")
    if options.limit is not None and options.limit < 1:
        raise InputError(f"--limit {options.limit} leaves no samples", hint="give a number from 1 up")
    if options.auto and (options.data is None or options.calibration is None):
        raise InputError(
            "--auto compares accuracies, and needs --data and --calibration",
            hint="give --data test.npz with x and labels y, and --calibration with samples of the training set",
        )
    if options.max_accuracy_drop is not None and options.data is None:
        raise InputError("--max-accuracy-drop needs labels", hint="give --data test.npz with x and y")
    if not options.auto and options.quantize in STATIC and options.calibration is None:
        raise no_calibration(options.quantize)
    if options.calibration is not None:
        check_samples(options.calibration, options.preprocessing)
    elif options.preprocessing is not None:
        raise InputError("--preprocess is for a folder of --calibration", hint="give --calibration, or leave it out")
    if options.data is not None:
        check_samples(str(options.data))


def _load(source: str, options: ConvertOptions, progress: Progress | None) -> FloatModel:
    if progress is not None:
        progress("converting to float .tflite", 0, 1)
    return load_source(source, input_shapes=options.input_shapes, trust=options.trust)


def _samples(model: FloatModel, options: ConvertOptions) -> tuple[Samples | None, Samples | None]:
    """Samples to calibrate with, and to measure with."""
    graph = parse_model(model.tflite, name="model", where="model")
    tensors, moved = [graph.tensor(i) for i in graph.inputs], model.channels_moved
    calibration = data = None
    if options.calibration is not None:
        calibration = load_samples(
            options.calibration, tensors, preprocessing=options.preprocessing, channels_moved=moved
        )
    if options.data is not None:
        data = load_samples(str(options.data), tensors, channels_moved=moved, limit=options.limit)
    return calibration, data


def _layers(
    base: bytes,
    tflite: bytes,
    scheme: Scheme,
    samples: Samples | None,
    ranges: Mapping[str, Range],
    where: str,
    progress: Progress | None,
) -> tuple[LayerError, ...]:
    if scheme.mode == "none" or samples is None:
        return ()
    return analyze(base, tflite, [v[:_ANALYZED] for v in samples.inputs], ranges, where, progress)


def _notes(
    model: FloatModel, calibration: Samples | None, data: Samples | None, tflite: bytes, scheme: Scheme, where: str
) -> list[str]:
    notes = list(model.notes)
    for samples in (calibration, data):
        notes += [] if samples is None else [f"{samples.name}: {note}" for note in samples.notes]
    if calibration is not None:
        notes += weaknesses(calibration)
        if data is not None and (beyond := outside(calibration, data)) is not None:
            notes.append(beyond)
    if scheme.mode != "none" and len(tflite) > len(model.tflite):
        notes.append(
            f"the result is larger than the float model: {len(tflite):,} against {len(model.tflite):,} bytes; scales "
            "take more than so few weights save"
        )
    if scheme.mode in STATIC:
        islands = [op for op in float_islands(parse_model(tflite, name="m", where=where))]
        kinds = sorted({op.kind for op in islands})
        if len(islands) > len(scheme.in_float):
            notes.append(
                f"still in float32, since the quantizer has no integer form of them or was told so: {', '.join(kinds)}"
            )
    if data is not None and data.labels is None:
        notes.append("no accuracy: the data has no labels (y)")
    return notes


def _require(result: Conversion, options: ConvertOptions) -> None:
    """Hold the floor and the identity.

    Raises:
        CheckFailed: one of them does not hold.
        UnsupportedModel: nothing that runs on a microcontroller can run the model.
    """
    floor = options.max_accuracy_drop
    if floor is not None:
        assert result.drop is not None  # labels were asked for before
        if result.drop > floor + 1e-9:
            losing = _losing(result.culprits or result.layers)
            raise CheckFailed(
                f"accuracy falls by {result.drop:.2f} points, more than {floor:g}",
                where=result.source,
                why=f"{result.scheme.label} has {result.after and result.after.value:.4f}, float "
                f"{result.before and result.before.value:.4f}{losing}",
                hint="raise --max-accuracy-drop, or train with quantization (QAT); nothing was written"
                if options.auto
                else "add --auto, which looks for a quantization that holds it; nothing was written",
            )
    identity = result.identity
    if identity is None:
        return
    if options.target == "mcu" and all(engine.unsupported for engine in identity.engines[1:]):
        raise UnsupportedModel(
            "no engine for microcontrollers can run this model",
            where=result.source,
            why="\n       ".join(f"{e.name}: {e.absent}" for e in identity.engines[1:]),
            hint="change the layers named, or give --target linux",
        )
    if identity.broken:
        compiled = identity.engines[-1]
        raise CheckFailed(
            f"the compiled model differs from {identity.measure}",
            where=result.source,
            why=f"{compiled.identical} of {identity.samples} samples are identical",
            hint="please report it with the model: this is a bug in tinykit; nothing was written",
        )


def _losing(layers: Sequence[LayerError]) -> str:
    found = worst(layers, 1)
    return f"; {found[0].label} loses most ({found[0].lost_db:.0f} dB): {found[0].why}" if found else ""


def _write(out: Path, data: bytes) -> None:
    try:
        write_file(out, data)
    except OSError as error:
        raise InputError(
            "cannot write the model", where=str(out), why=error.strerror or str(error), hint="give another --out"
        ) from None
