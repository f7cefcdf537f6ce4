"""TFLite_Detection_PostProcess, the head of SSD detectors: boxes from anchors, and of those that overlap the best."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import (
    Arg,
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    ParamValue,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.checks import input_tensor, require
from tinykit.graph.flatbuffer import FlatbufferError
from tinykit.graph.flexbuffer import Value, read_map
from tinykit.graph.types import DType, Op

_CHANGE = "export the model again"
_PER_CLASS = 100
"""Detections of a class, regular, unless the options say."""


@lowers(
    "TFLite_Detection_PostProcess",
    types=same_types(DType.FLOAT32),
    takes="regular and fast non-max suppression, a background class or none; what is not found is zeros, where "
    "TFLite-Micro leaves memory as it was; nothing is found if a box has no area, where it fails",
    refuses={
        "several classes for each box (max_classes_per_detection) in fast suppression: TFLite-Micro writes beyond its "
        "outputs": "set it to 1, or use regular suppression",
        "outputs of another number of detections than max_detections": "export the model with fixed sizes",
    },
)
def lower_detection(ctx: LowerContext, op: Op) -> Lowered:
    """As ``detection_postprocess.cc`` of TFLite-Micro."""
    graph = ctx.graph
    require(len(op.inputs) == 3 and len(op.outputs) == 4, "it has no 3 inputs and 4 outputs", _CHANGE)
    boxes, scores, anchors = (input_tensor(ctx, op, i, f"input {i}") for i in range(3))
    outputs = [graph.tensor(i) for i in op.outputs]
    found = [t.dtype.label for t in (boxes, scores, anchors, *outputs) if t.dtype is not DType.FLOAT32]
    require(not found, f"its inputs and outputs are not all float32, but {', '.join(found)}", "add a DEQUANTIZE")
    count = boxes.shape[1] if len(boxes.shape) == 3 else 0
    require(
        len(boxes.shape) == len(scores.shape) == 3
        and boxes.shape[0] == scores.shape[0] == 1
        and scores.shape[1] == count
        and boxes.shape[2] >= 4
        and anchors.shape == (count, 4),
        f"its inputs {[list(t.shape) for t in (boxes, scores, anchors)]} do not go together",
        _CHANGE,
    )
    options = _options(op)
    most, classes = _integer(options, "max_detections"), _integer(options, "num_classes")
    columns = scores.shape[2]
    require(0 <= columns - classes <= 1 and classes > 0, f"it has {columns} scores for {classes} classes", _CHANGE)
    sizes = [t.size for t in outputs]
    require(
        sizes == [4 * most, most, most, 1],
        f"its outputs of the shapes {[list(t.shape) for t in outputs]} do not hold {most} detections",
        "export the model with fixed sizes",
    )
    scales = {f"{axis}_scale": _float(options, f"{axis}_scale") for axis in "yxhw"}
    require(all(scales.values()), f"its scales are {scales}", _CHANGE)
    overlap = _float(options, "nms_iou_threshold")
    require(0 < overlap <= 1, f"its nms_iou_threshold is {overlap:g}", "use one between 0 and 1")
    detection: dict[str, ParamValue] = {
        "boxes": count,
        "encoding": boxes.shape[2],
        "columns": columns,
        "classes": classes,
        "detections": most,
        "score_threshold": _float(options, "nms_score_threshold"),
        "overlap_threshold": overlap,
        **scales,
    }
    args: tuple[Arg, ...] = (In(boxes.id), In(scores.id), In(anchors.id), *(Out(t.id) for t in outputs))
    if options.get("use_regular_nms"):
        per_class = _integer(options, "detections_per_class", _PER_CLASS)
        require(per_class > 0, f"its detections_per_class is {per_class}", "use a positive number")
        params: dict[str, ParamValue] = {"detection": detection, "per_class": per_class}
        return Lowered((KernelCall("tk_detection_regular_f32", params, args, scratch=17 * count),))
    per_box = _integer(options, "max_classes_per_detection")
    require(per_box > 0, f"its max_classes_per_detection is {per_box}", "set it to 1")
    require(
        min(per_box, classes) == 1,
        f"it gives {per_box} classes for a box (max_classes_per_detection)",
        "set it to 1, or use regular suppression",
    )
    return Lowered((KernelCall("tk_detection_fast_f32", {"detection": detection}, args, scratch=21 * count),))


def _options(op: Op) -> dict[str, Value]:
    try:
        return read_map(b"" if op.custom_options is None else bytes(op.custom_options))
    except FlatbufferError as error:
        require(False, f"its options are damaged: {error}", _CHANGE)
        raise


def _number(options: dict[str, Value], name: str, missing: int) -> int | float:
    value = options.get(name)
    value = missing if value is None else value
    require(isinstance(value, (int, float)), f"its {name} is {value!r}", _CHANGE)
    assert isinstance(value, (int, float))
    require(bool(np.isfinite(value)), f"its {name} is {value}", _CHANGE)
    return value


def _integer(options: dict[str, Value], name: str, missing: int = 0) -> int:
    value = int(_number(options, name, missing))
    require(-(2**31) <= value < 2**31, f"its {name} is {value}", _CHANGE)
    return value


def _float(options: dict[str, Value], name: str) -> float:
    value = float(np.float32(_number(options, name, 0)))
    require(bool(np.isfinite(value)), f"its {name} is {value}", _CHANGE)
    return value
