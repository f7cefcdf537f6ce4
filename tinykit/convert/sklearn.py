"""scikit-learn estimators: multi-layer perceptrons, linear models, trees; alone or behind scalers in a Pipeline."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.convert.extras import installed, missing
from tinykit.convert.model import FloatModel
from tinykit.convert.quiet import quiet
from tinykit.convert.sklearn_trees import TREES, flatten_trees, write_forest
from tinykit.convert.writer import ModelWriter
from tinykit.errors import InputError, UnsupportedModel
from tinykit.text import first_line

_MLPS = {"MLPClassifier", "MLPRegressor"}
_LINEAR = {"LogisticRegression", "LinearRegression", "Ridge"}
_OUTPUTS = {"softmax", "logistic", "identity"}
_SPREAD = 16.0
"""A feature's weights this much larger than the median feature's leave those less than 4 of 8 bits."""
_REACH = 4.0
"""A standardized feature seldom goes beyond 4 standard deviations."""
_STEPS = 127
"""Of positive numbers in int8."""
_HIDDEN = {"relu": None, "identity": None, "tanh": "TANH", "logistic": "LOGISTIC"}


@dataclass(frozen=True)
class _Affine:
    """x * scale + offset, per feature: what scalers do."""

    scale: np.ndarray
    offset: np.ndarray


def load_estimator(path: Path, *, trust: bool) -> Any:
    """The object in a .joblib or .pkl file.

    Args:
        trust: the user vouches for the file. Unpickling runs whatever code the file names, so without this nothing
            of it is read.

    Raises:
        InputError: not trusted, or the file cannot be unpickled.
        ToolMissing: scikit-learn or joblib is not installed.
    """
    if not trust:
        raise InputError(
            "a pickle runs code when it is read, so it is not read unless you say that you trust it",
            where=str(path),
            hint="add --trust if you made the file yourself or trust who did",
        )
    if not installed("sklearn"):
        raise missing("sklearn", "sklearn", "scikit-learn models")
    import joblib

    try:
        with quiet():
            return joblib.load(path)
    except Exception as error:  # a damaged pickle can raise anything
        name = type(error).__name__
        raise InputError(
            "cannot be read as a pickle",
            where=str(path),
            why=f"{name}: {first_line(error)}" if not isinstance(error, pickle.UnpicklingError) else first_line(error),
            hint="save it with joblib.dump(estimator, file), with the versions that are installed here",
        ) from None


def convert_sklearn(estimator: Any, where: str) -> FloatModel:
    """A fitted MLP, linear model, tree or forest, or a Pipeline of scalers that ends in one, as float .tflite.

    The model takes (1, features) float32. Classifiers give probabilities in the order of ``classes_`` (a binary one
    gives two), regressors their predictions. Scalers are folded into the first layer (where that makes the weights of
    some features much larger than the others', a MUL before it takes the half of it), or into the trees' thresholds.

    Raises:
        InputError: it is no estimator, it is not fitted, or its weights are not finite.
        UnsupportedModel: an estimator of a kind that cannot be converted; names it.
    """
    import sklearn

    steps = [step for _, step in estimator.steps] if type(estimator).__name__ == "Pipeline" else [estimator]
    final = steps[-1]
    kind = type(final).__name__
    if not (hasattr(final, "get_params") and (hasattr(final, "predict") or hasattr(final, "fit"))):
        raise InputError(
            "the file holds no scikit-learn estimator",
            where=where,
            why=f"it holds a {type(final).__module__}.{kind}",
            hint="save a fitted estimator with joblib.dump(estimator, file)",
        )
    if kind not in _MLPS | _LINEAR | TREES:
        raise UnsupportedModel(
            f"cannot convert a {kind}",
            where=where,
            hint=f"use one of {', '.join(sorted(_MLPS | _LINEAR | TREES))}, "
            "alone or at the end of a Pipeline of scalers",
        )
    _require_fitted(steps, where)
    scalers = [_scaler(step, where) for step in steps[:-1]]
    targets = getattr(final, "n_outputs_", 1)
    if kind in TREES and hasattr(final, "classes_") and targets > 1:
        raise UnsupportedModel(
            f"the {kind} predicts {targets} targets at once",
            where=where,
            why="each has classes of its own, and the result says one class",
            hint="train one for each target",
        )
    classes = tuple(np.asarray(final.classes_).tolist()) if hasattr(final, "classes_") else None
    framework = f"scikit-learn {sklearn.__version__}"
    if kind in TREES:
        trees = flatten_trees(final, steps[:-1], estimator, where)
        tflite = write_forest(trees.forest, trees.features)
        return FloatModel(tflite, framework, _class_notes(classes), (), classes, trees)
    weights, biases, hidden, output = _mlp(final) if kind in _MLPS else _linear(final)
    weights, biases = list(weights), list(biases)
    if hidden not in _HIDDEN or output not in _OUTPUTS:
        raise UnsupportedModel(
            f"cannot convert the activation {output if hidden in _HIDDEN else hidden!r} of the {kind}",
            where=where,
            hint="train it with loss='squared_error' and one of the activations relu, tanh, logistic, identity",
        )
    affine = _composed(scalers) if scalers else None
    if affine is not None:
        with np.errstate(invalid="ignore"):  # of infinities, which are refused below
            biases[0] = biases[0] + affine.offset @ weights[0]
        weights[0] = weights[0] * affine.scale[:, np.newaxis]
    _require_finite([*weights, *biases], kind, where)
    balance = None if affine is None else _balance(weights[0], affine)
    if output == "logistic" and weights[-1].shape[1] == 1:
        # two classes: softmax([0, z]) is [1 - logistic(z), logistic(z)], and says both probabilities
        weights[-1] = np.hstack([np.zeros_like(weights[-1]), weights[-1]])
        biases[-1] = np.concatenate([np.zeros(1), biases[-1]])
        output = "softmax"
    tflite = _write(kind, weights, biases, hidden, output, balance)
    return FloatModel(tflite, framework, _class_notes(classes), (), classes)


def _class_notes(classes: tuple[int | str, ...] | None) -> tuple[str, ...]:
    """What the outputs are called, if not by their own numbers."""
    if classes is None or classes == tuple(range(len(classes))):
        return ()
    shown = ", ".join(f"{i}: {c}" for i, c in enumerate(classes[:8])) + (", ..." if len(classes) > 8 else "")
    return (f"output i is the probability of the i-th class: {shown}",)


def _require_fitted(steps: Sequence[Any], where: str) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    for step in steps:
        try:
            check_is_fitted(step)
        except NotFittedError:
            raise InputError(
                f"the {type(step).__name__} is not fitted",
                where=where,
                why="it has no weights yet",
                hint="call fit(X, y) before saving it",
            ) from None
        except TypeError:  # no estimator at all
            raise InputError(
                f"the pipeline's step {type(step).__name__} is no estimator",
                where=where,
                hint="save a fitted estimator with joblib.dump(estimator, file)",
            ) from None


def _mlp(model: Any) -> tuple[list[np.ndarray], list[np.ndarray], str, str]:
    """Weights (inputs, outputs) and biases of the layers, hidden and output activation."""
    return list(model.coefs_), list(model.intercepts_), model.activation, model.out_activation_


def _linear(model: Any) -> tuple[list[np.ndarray], list[np.ndarray], str, str]:
    weights = np.atleast_2d(model.coef_).T
    bias = np.broadcast_to(np.atleast_1d(model.intercept_), weights.shape[1:]).astype(np.float64)
    if not hasattr(model, "classes_"):
        return [weights], [bias], "identity", "identity"
    return [weights], [bias], "identity", "logistic" if weights.shape[1] == 1 else "softmax"


def _scaler(step: Any, where: str) -> _Affine:
    """What a scaler does, as scale and offset.

    Raises:
        UnsupportedModel: the step is another transformer, or does more than scale.
    """
    kind, features = type(step).__name__, getattr(step, "n_features_in_", 0)
    ones, zeros = np.ones(features), np.zeros(features)

    def given(name: str, default: np.ndarray) -> np.ndarray:
        value = getattr(step, name, None)
        return default if value is None else np.asarray(value, np.float64)

    if kind == "StandardScaler":
        scale = 1 / given("scale_", ones)
        return _Affine(scale, -given("mean_", zeros) * scale)
    if kind == "MinMaxScaler" and not step.clip:
        return _Affine(given("scale_", ones), given("min_", zeros))
    if kind == "MaxAbsScaler":
        return _Affine(1 / given("scale_", ones), zeros)
    if kind == "RobustScaler":
        scale = 1 / given("scale_", ones)
        return _Affine(scale, -given("center_", zeros) * scale)
    raise UnsupportedModel(
        f"cannot convert the pipeline's step {kind}",
        where=where,
        why="only scalers can be folded into the first layer",
        hint="use StandardScaler, MinMaxScaler (clip=False), MaxAbsScaler or RobustScaler, or transform before",
    )


def _composed(scalers: Sequence[_Affine]) -> _Affine:
    """Several scalers as one."""
    scale, offset = scalers[0].scale, scalers[0].offset
    for affine in scalers[1:]:
        scale, offset = scale * affine.scale, offset * affine.scale + affine.offset
    return _Affine(scale, offset)


def _balance(weights: np.ndarray, scaler: _Affine) -> np.ndarray | None:
    """What the features are multiplied by before the first layer, so that int8 weights keep their precision.

    A scaler divides a feature that hardly varies by a small number. Folded, that makes its weights so large that they
    take the whole range of int8. A factor f on the feature and 1/f on its weights compute the same; f is the root of
    largest weight by largest feature (the rule of ``equalize``), what is large in a feature being what the
    scaler takes to ``_REACH``. The factors are whole multiples of one number, so that int8 holds them exactly.

    Args:
        weights: (features, outputs), the scaler folded in.

    Returns:
        Factors (features,) > 0; None where the weights are alike enough to do without.
    """
    largest = np.abs(weights).max(axis=1)
    used = largest > 0
    if not used.any() or largest.max() <= _SPREAD * np.median(largest[used]):
        return None
    reach = (_REACH + np.abs(scaler.offset)) / np.abs(scaler.scale)
    factors = np.sqrt(np.where(used, largest, np.median(largest[used])) / reach)
    step = factors.max() / _STEPS
    return np.asarray(np.maximum(np.round(factors / step), 1.0) * step)


def _require_finite(constants: Sequence[np.ndarray], kind: str, where: str) -> None:
    """Refuse weights that float32 cannot hold as numbers."""
    with np.errstate(over="ignore"):
        if all(np.all(np.isfinite(np.asarray(values).astype(np.float32))) for values in constants):
            return
    raise InputError(
        f"the {kind} holds weights that are not finite",
        where=where,
        why="NaN, infinite or larger than float32 holds: its training has failed, or a scaler divides by nearly 0",
        hint="train it anew, with a smaller learning rate or scaled features",
    )


def _write(
    kind: str,
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    hidden: str,
    output: str,
    balance: np.ndarray | None,
) -> bytes:
    writer = ModelWriter(f"tinykit: {kind}")
    current = first = writer.tensor("input", (1, weights[0].shape[0]))
    if balance is not None:
        current = writer.multiply("balanced", current, balance)
        weights = [weights[0] / balance[:, np.newaxis], *weights[1:]]
    last = len(weights) - 1
    for number, (w, b) in enumerate(zip(weights, biases, strict=True)):
        relu = number < last and hidden == "relu"
        name = f"layer{number}"
        current = writer.dense(f"{name}/dense" if relu or number == last else name, current, w.T, b, relu=relu)
        kernel = _HIDDEN[hidden]
        if number < last and kernel is not None:
            current = writer.activation(kernel, f"{name}/{hidden}", current, len(b))
    width = len(biases[-1])
    if output == "softmax":
        current = writer.softmax("probabilities", current, width)
    elif output == "logistic":  # several labels at once
        current = writer.activation("LOGISTIC", "probabilities", current, width)
    return writer.finish([first], [current])
