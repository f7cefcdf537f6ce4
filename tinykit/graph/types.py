"""A .tflite model as typed values: plain data, no behaviour that changes it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tinykit.graph.operators import CUSTOM_OPERATORS
from tinykit.graph.options import Options


class DType(enum.Enum):
    """Element types, numbered as in the TFLite schema's ``TensorType``."""

    FLOAT32 = 0
    FLOAT16 = 1
    INT32 = 2
    UINT8 = 3
    INT64 = 4
    STRING = 5
    BOOL = 6
    INT16 = 7
    COMPLEX64 = 8
    INT8 = 9
    FLOAT64 = 10
    COMPLEX128 = 11
    UINT64 = 12
    RESOURCE = 13
    VARIANT = 14
    UINT32 = 15
    UINT16 = 16
    INT4 = 17
    BFLOAT16 = 18
    INT2 = 19
    UINT4 = 20

    @property
    def label(self) -> str:
        """Lower-case name, as reports print it ("int8", "float32")."""
        return self.name.lower()

    @property
    def numpy(self) -> np.dtype[np.generic] | None:
        """The numpy dtype, or None for types numpy has no exact counterpart of."""
        return _NUMPY.get(self)

    @property
    def c(self) -> str | None:
        """The C99 type, or None where generated code has no use for it."""
        return _C.get(self)


_NUMPY: dict[DType, np.dtype[np.generic]] = {
    DType.FLOAT32: np.dtype(np.float32),
    DType.FLOAT16: np.dtype(np.float16),
    DType.INT32: np.dtype(np.int32),
    DType.UINT8: np.dtype(np.uint8),
    DType.INT64: np.dtype(np.int64),
    DType.BOOL: np.dtype(np.bool_),
    DType.INT16: np.dtype(np.int16),
    DType.INT8: np.dtype(np.int8),
    DType.FLOAT64: np.dtype(np.float64),
    DType.UINT64: np.dtype(np.uint64),
    DType.UINT32: np.dtype(np.uint32),
    DType.UINT16: np.dtype(np.uint16),
}
_C: dict[DType, str] = {
    DType.FLOAT32: "float",
    DType.INT32: "int32_t",
    DType.UINT8: "uint8_t",
    DType.INT64: "int64_t",
    DType.BOOL: "bool",
    DType.INT16: "int16_t",
    DType.INT8: "int8_t",
    DType.UINT64: "uint64_t",
    DType.UINT32: "uint32_t",
    DType.UINT16: "uint16_t",
}


@dataclass(frozen=True)
class Quantization:
    """Affine quantization: ``real = scale * (q - zero_point)``.

    ``scales`` is float32 and ``zero_points`` int64, both of length 1 (per tensor) or of the length of
    dimension ``axis`` (per channel).
    """

    scales: np.ndarray
    zero_points: np.ndarray
    axis: int = 0

    @property
    def per_channel(self) -> bool:
        return len(self.scales) > 1

    @property
    def scale(self) -> np.float32:
        """The first scale, as float32: TFLite computes multipliers from single-precision scales."""
        scale: np.float32 = np.float32(self.scales[0])
        return scale

    @property
    def zero_point(self) -> int:
        return int(self.zero_points[0])


@dataclass(frozen=True)
class Tensor:
    """One value of the graph. ``data`` is set for constants only, in ``shape`` and the dtype's numpy type.

    ``open_shape`` says that the file leaves a dimension to be set at run time (its ``shape_signature`` has -1);
    ``shape`` then has what an interpreter begins with.
    """

    id: int
    name: str
    shape: tuple[int, ...]
    dtype: DType
    quant: Quantization | None = None
    data: np.ndarray | None = None
    is_variable: bool = False
    open_shape: bool = False

    @property
    def size(self) -> int:
        """Number of elements."""
        n = 1
        for d in self.shape:
            n *= d
        return n

    @property
    def nbytes(self) -> int:
        """Bytes of the value in memory; int4 values are packed, two to a byte."""
        if self.dtype is DType.INT4:
            return (self.size + 1) // 2
        numpy = self.dtype.numpy
        if numpy is None:
            raise ValueError(f"tensor {self.name!r}: no memory layout for {self.dtype.label}")
        return self.size * numpy.itemsize

    @property
    def is_constant(self) -> bool:
        return self.data is not None


@dataclass(frozen=True)
class Op:
    """One operator. ``index`` is its place in the file; messages and reports use it after passes, too.

    ``subgraph`` is the one that it was in before the compiler put all of them together; its place among that one's
    operators is ``place`` then, and ``index`` a number that no other operator has.

    ``inputs`` holds tensor ids, -1 for an optional input that is absent. ``kind`` is the name in the schema, of a
    custom operator that is known (``CUSTOM_OPERATORS``) its custom code, of others "CUSTOM" with their ``custom_code``.
    ``custom_options`` are the bytes (uint8) that an operator outside the schema brings; only it knows their form.
    """

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Options
    version: int = 1
    custom_code: str = ""
    custom_options: np.ndarray | None = field(default=None, compare=False, repr=False)
    subgraph: int = 0
    place: int | None = None

    @property
    def label(self) -> str:
        """Kind and place in the file, as messages and reports have it: "CONV_2D 3", in another subgraph "ADD 1:0"."""
        place = self.index if self.place is None else self.place
        return f"{self.kind} {self.subgraph}:{place}" if self.subgraph else f"{self.kind} {place}"

    @property
    def is_custom(self) -> bool:
        """Whether the schema does not have it; then ``custom_code or kind`` is its name."""
        return self.kind == "CUSTOM" or self.kind in CUSTOM_OPERATORS


@dataclass(frozen=True)
class Graph:
    """One model's main subgraph. Passes return a new Graph; tensors are looked up by id.

    ``subgraphs`` are the others, by their index in the file; they have none of their own.
    """

    name: str
    sha256: str
    tensors: dict[int, Tensor]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    file_bytes: int = 0
    description: str = ""
    subgraph_count: int = 1
    metadata: tuple[str, ...] = field(default=())
    subgraphs: Mapping[int, Graph] = field(default_factory=dict)

    def tensor(self, tensor_id: int) -> Tensor:
        return self.tensors[tensor_id]

    def input(self, op: Op, position: int) -> Tensor | None:
        """The op's input at ``position``, or None when it is optional and absent."""
        if position >= len(op.inputs) or op.inputs[position] < 0:
            return None
        return self.tensors[op.inputs[position]]

    def output(self, op: Op, position: int = 0) -> Tensor:
        return self.tensors[op.outputs[position]]

    def with_ops(self, ops: tuple[Op, ...]) -> Graph:
        return replace(self, ops=ops)

    def with_tensors(self, changed: dict[int, Tensor]) -> Graph:
        return replace(self, tensors={**self.tensors, **changed})
