"""TFLite_Detection_PostProcess: what is refused, and what TFLite-Micro gives no answer to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flatbuffers import flexbuffers

from support.native import compile_bytes, run_compiled
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel

OPTIONS: dict[str, Any] = {
    "max_detections": 3,
    "max_classes_per_detection": 1,
    "num_classes": 2,
    "nms_score_threshold": 0.5,
    "nms_iou_threshold": 0.5,
    "y_scale": 10.0,
    "x_scale": 10.0,
    "h_scale": 5.0,
    "w_scale": 5.0,
}
ANCHORS = np.array([[0.5, 0.5, 0.2, 0.2], [0.1, 0.1, 0.2, 0.2]], np.float32)


def model(anchors: np.ndarray = ANCHORS, size: int = 3, raw: bytes | None = None, **options: Any) -> bytes:
    m = ModelBuilder()
    inputs = [m.input((1, 2, 4), "float32"), m.input((1, 2, 3), "float32"), m.const(anchors)]
    outputs = [m.output(shape, "float32") for shape in ((1, size, 4), (1, size), (1, size), (1,))]
    custom = bytes(flexbuffers.Dumps({**OPTIONS, **options})) if raw is None else raw
    m.op("CUSTOM", inputs, outputs, custom_code="TFLite_Detection_PostProcess", custom_options=custom)
    return m.build()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"max_classes_per_detection": 2}, "it gives 2 classes for a box"),
        ({"max_detections": 4}, "do not hold 4 detections"),
        ({"num_classes": 1}, "3 scores for 1 classes"),
        ({"num_classes": "two"}, "its num_classes is 'two'"),
        ({"nms_iou_threshold": 0.0}, "nms_iou_threshold is 0"),
        ({"y_scale": 0.0}, "its scales are"),
        ({"y_scale": float("nan")}, "its y_scale is nan"),
        ({"use_regular_nms": True, "detections_per_class": 0}, "its detections_per_class is 0"),
        ({"anchors": ANCHORS[:1]}, "do not go together"),
        ({"raw": b"\x24\x01"}, "its options are damaged"),
        ({"raw": b""}, "its options are damaged"),
    ],
)
def test_refusals(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(model(**changes))


@pytest.mark.parametrize("regular", [False, True])
def test_what_is_not_found_is_zeros(regular: bool) -> None:
    encodings, scores = np.zeros((1, 1, 2, 4), np.float32), np.zeros((1, 1, 2, 3), np.float32)
    scores[0, 0, 1, 2] = 0.75
    boxes, classes, values, found = run_compiled(model(use_regular_nms=regular), [encodings, scores])
    assert np.allclose(boxes[0, 0], [[0, 0, 0.2, 0.2], [0, 0, 0, 0], [0, 0, 0, 0]])
    assert classes.tolist() == [[[1, 0, 0]]]
    assert values.tolist() == [[[0.75, 0, 0]]]
    assert found.tolist() == [[1]]


@pytest.mark.parametrize("regular", [False, True])
def test_nothing_is_found_where_a_box_has_no_area(regular: bool) -> None:
    scores = np.full((1, 1, 2, 3), 0.75, np.float32)
    flat = model(ANCHORS * np.float32([1, 1, 0, 1]), use_regular_nms=regular)
    outputs = run_compiled(flat, [np.zeros((1, 1, 2, 4), np.float32), scores])
    assert not any(output.any() for output in outputs)
