"""Types that operators which only move elements take beyond TFLite-Micro's: held to its float32 results."""

from __future__ import annotations

import functools

import numpy as np

from proof.case import Case, proofs, proves
from proof.reference import Question, ask
from support.check import random_inputs

_TYPES = ("bool", "int16", "int32", "int64", "uint8")
_EXTENDED = {
    "BATCH_TO_SPACE_ND": _TYPES,
    "CONCATENATION": ("uint8",),
    "DEPTH_TO_SPACE": _TYPES,
    "EMBEDDING_LOOKUP": _TYPES,
    "GATHER": _TYPES,
    "GATHER_ND": _TYPES,
    "EXPAND_DIMS": ("bool", "int32", "int64", "uint8"),
    "MIRROR_PAD": _TYPES,
    "PACK": ("bool", "uint8"),
    "PAD": ("bool", "int64", "uint8"),
    "PADV2": ("bool", "int64", "uint8"),
    "SLICE": ("int64", "uint8"),
    "SPACE_TO_BATCH_ND": _TYPES,
    "SPACE_TO_DEPTH": _TYPES,
    "SPLIT": ("bool", "int64", "uint8"),
    "SPLIT_V": ("bool", "int64", "uint8"),
    "STRIDED_SLICE": ("int64", "uint8"),
    "TRANSPOSE": ("bool", "int32", "int64", "uint8"),
    "UNPACK": ("bool", "int64", "uint8"),
}


def _case(rng: np.random.Generator, label: str, kind: str) -> Case:
    """A float32 model that TFLite-Micro runs, on whole numbers, then the same of another type."""

    def whole(values: np.ndarray) -> np.ndarray:
        if label == "bool":
            return (values > 0).astype(np.float32)
        numbers = np.clip(np.rint(20 * values), -100, 100)
        return (np.abs(numbers) if label == "uint8" else numbers).astype(np.float32)

    while True:
        case = proofs()[kind, "float32"](rng, "float32")
        case.model.retype("float32", "float32", whole)
        tflite = case.model.build()
        drawn = random_inputs(tflite, case.runs, rng) if case.inputs is None else case.inputs
        inputs = [whole(x) if x.dtype == np.float32 else x for x in drawn]
        (answer,) = ask([Question(tflite, inputs, case.runs)])
        if answer.outputs is not None:
            break
    case.model.retype("float32", label, lambda values: values)
    return Case(
        case.model, [_as(x, label) for x in inputs], case.runs, expected=[_as(y, label) for y in answer.outputs]
    )


def _as(values: np.ndarray, label: str) -> np.ndarray:
    return values.astype(label) if values.dtype == np.float32 else values


for _kind, _labels in _EXTENDED.items():
    proves(_kind, *_labels)(functools.partial(_case, kind=_kind))
