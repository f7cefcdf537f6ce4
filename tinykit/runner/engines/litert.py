"""LiteRT, on the CPU or with delegates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinykit.errors import DelegateNeeded, InputError, ToolMissing
from tinykit.link.info import TensorInfo
from tinykit.runner.engines.base import LayerHook

EDGETPU_OP = "edgetpu-custom-op"
"""The operator that the Edge TPU's compiler leaves in a model (libedgetpu, edgetpu.h: kCustomOp)."""

_DTYPES = {"float32": 0, "int32": 2, "uint8": 3, "int64": 4, "bool": 6, "int16": 7, "int8": 9}
"""Numbers of the TFLite schema's ``TensorType`` by NumPy's names."""


class LiteRtEngine:
    """A .tflite in LiteRT's interpreter.

    Args:
        threads: of the CPU's kernels.
        delegates: of ``load_delegate``; without any, LiteRT's own kernels compute (no XNNPACK), whose results are
            those that ``tinykit`` compares with on the host.

    Raises:
        ToolMissing: ai-edge-litert or NumPy is not installed.
        DelegateNeeded: the model was compiled for the Edge TPU and there is no delegate.
        InputError: LiteRT refuses the model.
    """

    n_layers = 0  # LiteRT's Python interface calls nobody between operators
    arena_bytes = 0  # nor does it say how large its arena is
    has_arena = False

    def __init__(
        self, model: Path, *, name: str = "litert", threads: int = 1, delegates: Sequence[Any] = (),
        notes: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.name = name
        self.notes = tuple(notes)
        try:
            from ai_edge_litert.interpreter import Interpreter, OpResolverType
        except ImportError as error:
            raise ToolMissing(
                "LiteRT cannot be imported",
                why=str(error),
                hint="deploy again: a damaged Python environment is made again",
            ) from None
        kind: Any = OpResolverType
        own = {} if delegates else {"experimental_op_resolver_type": kind.BUILTIN_WITHOUT_DEFAULT_DELEGATES}
        try:
            self._interpreter: Any = Interpreter(
                model_content=model.read_bytes(), num_threads=threads, experimental_delegates=list(delegates), **own
            )
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise refused(error, model) from None
        self._inputs: list[dict[str, Any]] = self._interpreter.get_input_details()
        self._outputs: list[dict[str, Any]] = self._interpreter.get_output_details()
        self.inputs = tuple(_tensor(detail, model) for detail in self._inputs)
        self.outputs = tuple(_tensor(detail, model) for detail in self._outputs)

    def run(self, inputs: Sequence[bytes], hook: LayerHook | None = None) -> int:
        import numpy as np

        for detail, data in zip(self._inputs, inputs, strict=True):
            values = np.frombuffer(data, np.dtype(detail["dtype"]).newbyteorder("<"))
            self._interpreter.set_tensor(detail["index"], values.astype(detail["dtype"]).reshape(detail["shape"]))
        before = time.perf_counter_ns()
        try:
            self._interpreter.invoke()
        except RuntimeError as error:
            raise InputError("LiteRT failed while it ran the model", why=" ".join(str(error).split())) from None
        return time.perf_counter_ns() - before

    def forget(self) -> None:
        self._interpreter.reset_all_variables()

    def output(self, index: int) -> bytes:
        detail = self._outputs[index]
        values = self._interpreter.get_tensor(detail["index"])
        return bytes(values.astype(values.dtype.newbyteorder("<")).tobytes())

    def arena(self, offset: int, size: int) -> bytes:
        raise NotImplementedError("has_arena is False")


def refused(error: Exception, model: Path) -> Exception:
    """The error for what LiteRT said of a model: a compiled one without the delegate, or any other."""
    said = " ".join(str(error).split())
    if EDGETPU_OP in said and "unresolved custom op" in said.lower():
        return DelegateNeeded(
            "the model was compiled for the Edge TPU and cannot run on the CPU",
            where=model.name,
            why=f"its operator {EDGETPU_OP} is code for the Edge TPU, only the delegate runs it; LiteRT said: {said}",
            hint="deploy it with --accelerator coral-usb, or deploy the model that it was compiled from",
        )
    return InputError("LiteRT refuses the model", where=model.name, why=said)


def _tensor(detail: dict[str, Any], model: Path) -> TensorInfo:
    import numpy as np

    dtype = np.dtype(detail["dtype"])
    if dtype.name not in _DTYPES:
        raise InputError(f"a tensor of type {dtype.name} cannot go over the link", where=model.name)
    shape = tuple(int(n) for n in detail["shape"])
    scale, zero_point = detail["quantization"]
    nbytes = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    return TensorInfo(detail["name"], _DTYPES[dtype.name], shape, float(scale), int(zero_point), nbytes)
