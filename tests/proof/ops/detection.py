"""TFLite_Detection_PostProcess."""

from __future__ import annotations

from typing import Any

import numpy as np
from flatbuffers import flexbuffers

from proof.case import Case, proves
from support.tflite_builder import ModelBuilder

_RUNS = 3


@proves("TFLite_Detection_PostProcess", "float32")
def detection(rng: np.random.Generator, label: str) -> Case:
    count, classes = int(rng.integers(1, 40)), int(rng.integers(1, 6))
    columns = classes + int(rng.random() < 0.5)
    encoding = int(rng.choice([4, 4, 4, 5]))
    regular = bool(rng.random() < 0.5)
    anchors = np.concatenate([rng.uniform(0, 1, (count, 2)), rng.uniform(0.1, 0.6, (count, 2))], axis=1)
    anchors = anchors.astype(np.float32)
    encodings = (rng.standard_normal((_RUNS, 1, count, encoding)) * rng.choice([0.1, 1.0, 3.0])).astype(np.float32)
    scores = rng.random((_RUNS, 1, count, columns)).astype(np.float32)
    if rng.random() < 0.3:  # many equal ones
        scores = np.round(scores * 8) / np.float32(8)
    options: dict[str, Any] = {
        "max_detections": int(rng.integers(1, 20)),
        "max_classes_per_detection": int(rng.integers(1, 4)) if regular or rng.random() < 0.05 else 1,
        "num_classes": classes,
        "nms_score_threshold": float(rng.choice([0.0, 0.3, 0.6])),
        "nms_iou_threshold": float(rng.choice([0.1, 0.5, 0.6, 1.0])) if rng.random() < 0.96 else 0.0,
        "y_scale": float(rng.choice([10.0, 5.0, 1.0])),
        "x_scale": 10.0,
        "h_scale": 5.0,
        "w_scale": float(rng.choice([5.0, -4.0, 1.5])),
    }
    if rng.random() < 0.7 or regular:
        options["use_regular_nms"] = regular
    if rng.random() < 0.7:
        options["detections_per_class"] = int(rng.integers(1 if rng.random() < 0.95 else 0, 30))
    if not regular and options["nms_iou_threshold"] > 0:
        # TFLite-Micro leaves what it does not find as it was in memory: no more than there is in every run
        corners = _corners(encodings, anchors, options)
        best = scores[:, 0, :, columns - classes :].max(axis=-1)
        least = min(_survivors(c, b, options) for c, b in zip(corners, best, strict=True))
        if least == 0:
            options |= {"nms_score_threshold": 0.0, "nms_iou_threshold": 1.0}
            least = count
        options["max_detections"] = int(rng.integers(1, least + 1))
    model = ModelBuilder()
    most = options["max_detections"]
    inputs = [model.input((1, count, encoding), label), model.input((1, count, columns), label)]
    values = [encodings, scores]
    if rng.random() < 0.8:
        inputs.append(model.const(anchors))
    else:
        inputs.append(model.input(anchors.shape, label))
        values.append(np.repeat(anchors[None], _RUNS, axis=0))
    outputs = [model.output(shape, label) for shape in ((1, most, 4), (1, most), (1, most), (1,))]
    model.op(
        "CUSTOM",
        inputs,
        outputs,
        custom_code="TFLite_Detection_PostProcess",
        custom_options=bytes(flexbuffers.Dumps(options)),
    )
    return Case(model, values)


def _corners(encodings: np.ndarray, anchors: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """(runs, boxes, 4): y and x of both corners."""
    scales = np.array([options[f"{axis}_scale"] for axis in "yxhw"])
    scaled = encodings[:, 0, :, :4] / scales
    centre = scaled[..., :2] * anchors[:, 2:] + anchors[:, :2]
    half = 0.5 * np.exp(scaled[..., 2:]) * anchors[:, 2:]
    return np.concatenate([centre - half, centre + half], axis=-1)


def _survivors(corners: np.ndarray, best: np.ndarray, options: dict[str, Any]) -> int:
    """How many boxes are chosen if there is no limit, counted carefully: overlaps near the threshold drop a box."""
    left = best >= np.float32(options["nms_score_threshold"])
    count = 0
    while left.any():
        at = int(np.argmax(np.where(left, best, -1)))
        low, high = np.maximum(corners[at, :2], corners[:, :2]), np.minimum(corners[at, 2:], corners[:, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=-1)
        areas = np.prod(corners[:, 2:] - corners[:, :2], axis=-1)
        left &= shared / (areas + areas[at] - shared) <= options["nms_iou_threshold"] - 1e-5
        left[at] = False
        count += 1
    return count
