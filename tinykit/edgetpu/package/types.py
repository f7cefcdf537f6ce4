"""What a model compiled for the Edge TPU holds, as typed values.

Names and meanings follow the schema that ``schema`` names. Sizes are bytes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace


class ExecutableType(enum.Enum):
    """What an executable does, numbered as in the schema."""

    STAND_ALONE = 0
    """Runs the model; streams its parameters each time."""
    PARAMETER_CACHING = 1
    """Loads parameters onto the chip, where they stay."""
    EXECUTION_ONLY = 2
    """Runs the model with cached parameters; streams those that it has itself."""


class LayerType(enum.Enum):
    """Element types of inputs and outputs, numbered as in the schema's ``DataType``."""

    FIXED_POINT8 = 0
    FIXED_POINT16 = 1
    SIGNED_FIXED_POINT32 = 2
    BFLOAT = 3
    HALF = 4
    SINGLE = 5
    SIGNED_FIXED_POINT8 = 8
    SIGNED_FIXED_POINT16 = 9

    @property
    def label(self) -> str:
        """As TensorFlow calls it ("uint8", "int8", "bfloat16")."""
        return _LABELS[self]

    @property
    def bias(self) -> int:
        """What the chip's zero point is larger by than TensorFlow's: it holds signed values as unsigned ones."""
        return {LayerType.SIGNED_FIXED_POINT8: 128, LayerType.SIGNED_FIXED_POINT16: 32768}.get(self, 0)


_LABELS = {
    LayerType.FIXED_POINT8: "uint8",
    LayerType.FIXED_POINT16: "uint16",
    LayerType.SIGNED_FIXED_POINT32: "int32",
    LayerType.BFLOAT: "bfloat16",
    LayerType.HALF: "float16",
    LayerType.SINGLE: "float32",
    LayerType.SIGNED_FIXED_POINT8: "int8",
    LayerType.SIGNED_FIXED_POINT16: "int16",
}


@dataclass(frozen=True)
class Layer:
    """An input or output of an executable: ``real = scale * (q - zero_point + dtype.bias)``.

    Attributes:
        y, x, z: rows, columns, channels; 1 where the tensor does not have that dimension.
        dimensions: of the whole tensor, where the compiler wrote them; empty otherwise.
        size_bytes: with padding, for one execution.
        zero_point: as the file has it, of the value as an unsigned one; TensorFlow's is lower by ``dtype.bias``.
        scale: the schema's dequantization factor.
        executions: how often it is run for one inference.
    """

    name: str
    y: int
    x: int
    z: int
    dimensions: tuple[int, ...]
    size_bytes: int
    zero_point: int
    scale: float
    dtype: LayerType
    executions: int

    @property
    def shape(self) -> tuple[int, ...]:
        """``dimensions``, else (y, x, z)."""
        return self.dimensions or (self.y, self.x, self.z)


@dataclass(frozen=True)
class Hints:
    """The transfers that the compiler announces to the driver, by kind.

    Attributes:
        parameter_bytes: what the transfers of parameters add up to.
    """

    instruction: int = 0
    dma: int = 0
    interrupt: int = 0
    fence: int = 0
    parameter_bytes: int = 0


@dataclass(frozen=True)
class Executable:
    """One program for the chip.

    Attributes:
        size_bytes: of the whole executable in the file.
        batch: inputs that are processed at once.
        parameter_bytes: that it loads or streams.
        instruction_bytes, instruction_chunks: of all its instruction streams; how many there are.
        scratch_bytes: memory of the host that it needs while it runs.
        narrow_bytes_per_tile: of each tile's narrow memory, the most that it uses.
        token: executables with the same token can have their parameters on the chip at once.
        estimated_cycles: 0 where the compiler did not say.
        parameters_in_dram: they go to memory beside the chip, which Coral's products do not have.
    """

    type: ExecutableType
    name: str
    chip: str
    size_bytes: int
    batch: int
    parameter_bytes: int
    instruction_bytes: int
    instruction_chunks: int
    scratch_bytes: int
    narrow_bytes_per_tile: int
    token: int
    estimated_cycles: int
    parameters_in_dram: bool
    hints: Hints
    inputs: tuple[Layer, ...]
    outputs: tuple[Layer, ...]


@dataclass(frozen=True)
class Package:
    """What the runtime loads for one operator and one kind of chip.

    Attributes:
        size_bytes: of the package in the file.
        chip_number: the compiler's own number of the chip; None where an older one did not write it.
        min_runtime: the lowest ``RuntimeVersion`` of libedgetpu that runs it.
        virtual_chip: 0 for one chip, -1 for a package of several chips.
        signed: it has a signature; ``keypair_version`` says of which kind.
        parts: what a package of several chips holds for each of them.
    """

    size_bytes: int
    chip_number: int | None
    min_runtime: int
    compiler: str
    model_identifier: str
    virtual_chip: int
    signed: bool
    keypair_version: int
    executables: tuple[Executable, ...]
    parts: tuple[Package, ...] = ()

    @property
    def all_executables(self) -> tuple[Executable, ...]:
        """Those of its parts, too."""
        return (*self.executables, *(e for part in self.parts for e in part.executables))

    @property
    def caching(self) -> tuple[Executable, ...]:
        """The executables that load parameters, not those that run the model."""
        return tuple(e for e in self.all_executables if e.type is ExecutableType.PARAMETER_CACHING)

    @property
    def running(self) -> tuple[Executable, ...]:
        """The executables that run the model."""
        return tuple(e for e in self.all_executables if e.type is not ExecutableType.PARAMETER_CACHING)

    @property
    def cached_bytes(self) -> int:
        """Parameters that are loaded once and stay on the chip."""
        return sum(e.parameter_bytes for e in self.caching)

    @property
    def streamed_bytes(self) -> int:
        """Parameters that are sent at each inference."""
        return sum(e.parameter_bytes for e in self.running)

    @property
    def instruction_bytes(self) -> int:
        return sum(e.instruction_bytes for e in self.all_executables)

    @property
    def scratch_bytes(self) -> int:
        """The most that one of its executables needs."""
        return max((e.scratch_bytes for e in self.all_executables), default=0)

    @property
    def tokens(self) -> tuple[int, ...]:
        """Of executables that cache parameters, in the file's order and each once."""
        return tuple(dict.fromkeys(e.token for e in self.caching))


@dataclass(frozen=True)
class EdgeTpuOp:
    """An operator that the Edge TPU runs: a part of the original model.

    Attributes:
        index: its place in the file.
        inputs, outputs: names of its tensors.
        version: of its options' form.
        packages: one; further ones are alternatives, for other chips.
    """

    index: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    version: int
    packages: tuple[Package, ...]

    @property
    def cached_bytes(self) -> int:
        """Of the first package: others are alternatives."""
        return self.packages[0].cached_bytes

    @property
    def streamed_bytes(self) -> int:
        return self.packages[0].streamed_bytes


@dataclass(frozen=True)
class CpuOp:
    """An operator that stays on the processor. ``outputs`` are names of tensors, as in the original model."""

    index: int
    kind: str
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class CompiledModel:
    """A .tflite file and what of it is for the Edge TPU; ``edgetpu_ops`` is empty for a file that was not compiled.

    Attributes:
        path: as given.
        inputs, outputs: names of the model's tensors.
    """

    path: str
    sha256: str
    file_bytes: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    edgetpu_ops: tuple[EdgeTpuOp, ...]
    cpu_ops: tuple[CpuOp, ...]

    def at(self, path: str) -> CompiledModel:
        """The same file under another path."""
        return replace(self, path=path)

    @property
    def min_runtime(self) -> int:
        """The lowest runtime version that runs all its operators; 0 without any."""
        return max((p.min_runtime for op in self.edgetpu_ops for p in op.packages[:1]), default=0)

    @property
    def cached_bytes(self) -> int:
        return sum(op.cached_bytes for op in self.edgetpu_ops)

    @property
    def streamed_bytes(self) -> int:
        return sum(op.streamed_bytes for op in self.edgetpu_ops)

    @property
    def tokens(self) -> tuple[int, ...]:
        """Parameter-caching tokens, in the file's order and each once."""
        return tuple(dict.fromkeys(t for op in self.edgetpu_ops for t in op.packages[0].tokens))
