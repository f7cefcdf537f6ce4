"""An SSD: a small backbone of Keras, and DETECTION_POSTPROCESS appended to its file."""

from __future__ import annotations

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers
from keras_networks import ssd_backbone

CLASSES, DETECTIONS, GRID = 3, 10, 8
SIZES = (0.2, 0.4, 0.7)
"""Of the anchors at each position, as shares of the image."""


def ssd() -> bytes:
    """int8 pixels to float32 boxes, classes, scores and their number."""
    data = ssd_backbone(len(SIZES), CLASSES + 1)  # the first class is the background
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    graph = model.subgraphs[0]
    # which output is which shows in their order of creation only: of equal sizes, boxes are no outputs of LOGISTIC
    encoded, scores = sorted(graph.outputs, key=lambda i: _kind_before(model, i) == "LOGISTIC")
    anchors = _tensor(graph, "anchors", (GRID * GRID * len(SIZES), 4))
    anchors.buffer = len(model.buffers)
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(_anchors().tobytes(), np.uint8)
    model.buffers.append(buffer)
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = "TFLite_Detection_PostProcess"
    model.operatorCodes.append(code)
    op = schema.OperatorT()
    op.opcodeIndex = len(model.operatorCodes) - 1
    op.inputs = [encoded, scores, len(graph.tensors) - 1]
    shapes = {"boxes": (1, DETECTIONS, 4), "classes": (1, DETECTIONS), "scores": (1, DETECTIONS), "number": (1,)}
    graph.outputs = []
    for name, shape in shapes.items():
        graph.outputs.append(len(graph.tensors))
        _tensor(graph, name, shape)
    op.outputs = list(graph.outputs)
    options = {
        "max_detections": DETECTIONS,
        "max_classes_per_detection": 1,
        "detections_per_class": 100,
        "use_regular_nms": False,
        "nms_score_threshold": 0.3,
        "nms_iou_threshold": 0.5,
        "num_classes": CLASSES,
        "y_scale": 10.0,
        "x_scale": 10.0,
        "h_scale": 5.0,
        "w_scale": 5.0,
    }
    op.customOptions = np.frombuffer(flexbuffers.Dumps(options), np.uint8)
    graph.operators.append(op)
    model.signatureDefs = None  # they name outputs that are none any more
    builder = flatbuffers.Builder(16384)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(graph: schema.SubGraphT, name: str, shape: tuple[int, ...]) -> schema.TensorT:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), schema.TensorType.FLOAT32, 0
    graph.tensors.append(tensor)
    return tensor


def _kind_before(model: schema.ModelT, tensor: int) -> str:
    """The kind of the operator whose values ``tensor`` has, whatever moves and converts them on their way."""
    names = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
    for op in reversed(model.subgraphs[0].operators):
        if tensor in op.outputs:
            kind = names[model.operatorCodes[op.opcodeIndex].builtinCode]
            if kind not in ("DEQUANTIZE", "RESHAPE"):
                return kind
            tensor = op.inputs[0]
    return ""


def _anchors() -> np.ndarray:
    """Centre and size of each box, (y, x, height, width), in the order of the backbone's boxes."""
    centres = (np.arange(GRID) + 0.5) / GRID
    y, x, size = np.meshgrid(centres, centres, SIZES, indexing="ij")
    return np.stack([y, x, size, size], axis=-1).reshape(-1, 4).astype(np.float32)
