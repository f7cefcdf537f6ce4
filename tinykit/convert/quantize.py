"""Post-training quantization, by AI Edge Quantizer; which ranges and which types where is decided here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinykit.convert.extras import require
from tinykit.convert.front_end import for_old_front_end
from tinykit.convert.options import STATIC, Quantize, Target
from tinykit.convert.quiet import quiet
from tinykit.convert.statistics import Clipping, Range
from tinykit.errors import InputError, UnsupportedModel
from tinykit.graph.reader import parse_model
from tinykit.graph.types import DType, Graph
from tinykit.text import first_line


@dataclass(frozen=True)
class Scheme:
    """How a model is quantized.

    Attributes:
        mode: types of weights, activations, inputs and outputs.
        clipping: how much of an activation's range is kept.
        in_int16: operators with 16-bit activations, by the name of their output.
        in_float: operators that stay in float32.
        equalized: the float model's channels were brought to like ranges before (see ``equalize``).
    """

    mode: Quantize
    clipping: Clipping = "none"
    in_int16: tuple[str, ...] = ()
    in_float: tuple[str, ...] = ()
    equalized: bool = False

    @property
    def label(self) -> str:
        """Short, for tables: "int8, equalized, 2 layers in float32"."""
        parts: list[str] = [self.mode]
        if self.equalized:
            parts.append("equalized")
        if self.clipping != "none":
            parts.append(f"clipped ({self.clipping})")
        for names, kind in ((self.in_int16, "int16"), (self.in_float, "float32")):
            if names:
                parts.append(f"{len(names)} layer{'s' if len(names) > 1 else ''} in {kind}")
        return ", ".join(parts)


def quantize(
    tflite: bytes, scheme: Scheme, ranges: Mapping[str, Range] | None, where: str, target: Target = "mcu"
) -> bytes:
    """A quantized .tflite.

    Args:
        tflite: a normalized float model.
        ranges: of its tensors (``statistics.collect``); needed for the static modes.
        target: "edgetpu" gives dense layers one scale each, and operators versions that its compiler reads.

    Raises:
        InputError: a static mode without ranges.
        UnsupportedModel: the quantizer cannot do it; says what it said.
        ToolMissing: ai-edge-quantizer is not installed.
    """
    if scheme.mode == "none":
        return tflite
    quantizer_module: Any = require("ai_edge_quantizer.quantizer", "convert", "quantized models")
    graph = parse_model(tflite, name="model", where=where)
    try:
        with quiet():
            quantizer = quantizer_module.Quantizer(tflite, _recipe(scheme, target))
            statistics = None
            if scheme.mode in STATIC:
                if ranges is None:
                    raise no_calibration(scheme.mode, where)
                statistics = _statistics(graph, ranges, scheme.clipping)
            result = quantizer.quantize(statistics, enable_progress_bar=False, enable_progress_report=False)
    except (RuntimeError, ValueError, KeyError, NotImplementedError, AttributeError) as error:
        raise UnsupportedModel(
            f"the model cannot be quantized as {scheme.label}",
            where=where,
            why=f"AI Edge Quantizer says: {first_line(error)}",
            hint="try another -q; `-q none` writes the float model, which `tinykit inspect` shows",
        ) from None
    quantized = bytes(result.quantized_model)
    parse_model(quantized, name="model", where=where)
    return for_old_front_end(quantized, where) if target == "edgetpu" else quantized


def no_calibration(mode: Quantize, where: str | None = None) -> InputError:
    """The error for a static mode without samples."""
    return InputError(
        f"-q {mode} needs calibration samples",
        where=where,
        why="the ranges of activations are fixed when the model is converted; guessed ones would ruin it silently",
        hint="give --calibration samples.npz with 100 to 1000 typical inputs (not labels), or -q none",
    )


def _statistics(graph: Graph, ranges: Mapping[str, Range], clipping: Clipping) -> dict[str, dict[str, np.ndarray]]:
    """Ranges in the quantizer's form: arrays of the tensor's rank."""
    found = {}
    for tensor in graph.tensors.values():
        known = ranges.get(tensor.name)
        if known is None or tensor.dtype is not DType.FLOAT32:
            continue
        low, high = known.clipped(clipping)
        shape = (1,) * len(tensor.shape)
        found[tensor.name] = {
            "min": np.full(shape, min(low, 0.0), np.float32),
            "max": np.full(shape, max(high, 0.0), np.float32),
        }
    return found


def _recipe(scheme: Scheme, target: Target) -> Any:
    """The quantizer's recipe; a later rule goes before an earlier one."""
    from ai_edge_quantizer import qtyping, recipe_manager

    op = qtyping.TFLOperationName
    recipe = recipe_manager.RecipeManager()
    everything = ".*"
    if scheme.mode == "float16":
        weights = qtyping.TensorQuantizationConfig(num_bits=16, dtype=qtyping.TensorDataType.FLOAT)
        config = qtyping.OpQuantizationConfig(
            weight_tensor_config=weights, compute_precision=qtyping.ComputePrecision.FLOAT
        )
        recipe.add_quantization_config(everything, op.ALL_SUPPORTED, config, algorithm_key="float_casting")
    elif scheme.mode == "dynamic":
        recipe.add_dynamic_config(everything, op.ALL_SUPPORTED, 8)
    else:
        recipe.add_static_config(everything, op.ALL_SUPPORTED, 16 if scheme.mode == "int16x8" else 8, 8)
    if scheme.mode == "int4-weights":
        # TFLite-Micro's int4 FULLY_CONNECTED has one scale only, and there is no int4 DEPTHWISE_CONV_2D
        recipe.add_static_config(everything, op.CONV_2D, 8, 4)
        recipe.add_static_config(everything, op.FULLY_CONNECTED, 8, 4, qtyping.QuantGranularity.TENSORWISE)
    if target == "edgetpu":  # one scale for each channel is FULLY_CONNECTED version 12; the compiler reads up to 9
        recipe.add_static_config(everything, op.FULLY_CONNECTED, 8, 8, qtyping.QuantGranularity.TENSORWISE)
    if scheme.mode == "int8-float-io":
        for edge in (op.INPUT, op.OUTPUT):
            recipe.add_quantization_config(everything, edge, algorithm_key="no_quantize")
    for name in scheme.in_int16:
        recipe.add_static_config(_only(name), op.ALL_SUPPORTED, 16, 8)
    for name in scheme.in_float:
        recipe.add_quantization_config(_only(name), op.ALL_SUPPORTED, algorithm_key="no_quantize")
    return recipe.get_quantization_recipe()


def _only(name: str) -> str:
    """The quantizer searches its scopes, which are "<output>;", for a regular expression."""
    return f"^{re.escape(name)};$"
