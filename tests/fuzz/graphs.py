"""Random graphs of a few operators: branches, reused values, several outputs, values that can be made in place.

Only what is registered is drawn, so that the graphs grow with the compiler.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from proof.case import Case
from support.tflite_builder import ModelBuilder
from tinykit.compiler.kernels import REGISTRY

_MOST_ELEMENTS = 2000
_ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")


@dataclass(frozen=True)
class Value:
    """A tensor of the graph.

    Attributes:
        exact: TFLite-Micro's result is reproduced bit for bit, so that an operator that jumps may follow.
    """

    index: int
    shape: tuple[int, ...]
    dtype: str
    scale: float | None = None
    zero_point: int = 0
    exact: bool = True

    @property
    def quantization(self) -> dict[str, Any]:
        return {} if self.scale is None else {"scale": self.scale, "zero_point": self.zero_point}


@dataclass
class Graph:
    """A model under construction with what is computed so far."""

    rng: np.random.Generator
    model: ModelBuilder = field(default_factory=ModelBuilder)
    values: list[Value] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def one_of(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.rng.integers(0, len(choices)))]

    def a_value(self, fits: Callable[[Value], bool]) -> Value | None:
        """Late values more often: graphs become deep."""
        found = [value for value in self.values if fits(value)]
        if not found:
            return None
        return found[-1 - min(int(self.rng.geometric(0.4)) - 1, len(found) - 1)]

    def quantization(self, dtype: str) -> dict[str, Any]:
        """What an output of the type has."""
        if dtype not in ("int8", "int16"):
            return {}
        scale = float(np.float32(2.0 ** self.rng.uniform(-7, -3) / (1 if dtype == "int8" else 128)))
        return {"scale": scale, "zero_point": int(self.rng.integers(-128, 128)) if dtype == "int8" else 0}

    def tensor(self, shape: Sequence[int], dtype: str, exact: bool, quantization: dict[str, Any]) -> Value:
        index = self.model.tensor(shape, dtype, **quantization)
        return Value(index, tuple(int(n) for n in shape), dtype, exact=exact, **quantization)

    def apply(
        self,
        kind: str,
        sources: Sequence[Value],
        shape: Sequence[int],
        *,
        constants: Sequence[int | None] = (),
        quantization: dict[str, Any] | None = None,
        dtype: str | None = None,
        **options: Any,
    ) -> None:
        """An operator on ``sources``, then ``constants``; its output is a value of the first one's type."""
        dtype = dtype or sources[0].dtype
        operator = REGISTRY[kind]
        own = any(a.label == sources[0].dtype and b.label == dtype and operator.exactness(a, b) == "identical"
                  for a, b in operator.types)  # fmt: skip
        exact = own and all(source.exact for source in sources)
        target = self.tensor(shape, dtype, exact, self.quantization(dtype) if quantization is None else quantization)
        self.model.op(kind, [*(s.index for s in sources), *constants], [target.index], **options)
        self.used |= {source.index for source in sources}
        self.values.append(target)

    def ints(self, values: Any) -> int:
        return self.model.const(np.asarray(values, np.int32))


Step = Callable[[Graph, Value, str], None]
_STEPS: list[tuple[str, Step]] = []


def _step(*kinds: str) -> Callable[[Step], Step]:
    def register(step: Step) -> Step:
        _STEPS.extend((kind, step) for kind in kinds)
        return step

    return register


def random_graph(rng: np.random.Generator, _label: str) -> Case:
    """A generator as those of the operators: 3 to 12 operators over 1 to 3 inputs."""
    graph = Graph(rng)
    main = graph.one_of(["int8", "int8", "float32", "int16", "int32"])
    for _ in range(int(rng.integers(1, 4))):
        shape = (1, *(int(n) for n in rng.integers(1, 9, 3))) if graph.chance(0.7) else _random_shape(graph)
        dtype = main if graph.chance(0.8) else graph.one_of(["int8", "float32", "int16", "int32", "bool"])
        quantization = graph.quantization(dtype)
        graph.values.append(Value(graph.model.input(shape, dtype, **quantization), shape, dtype, **quantization))
    wanted = int(rng.integers(3, 13))
    for _ in range(20 * wanted):
        if len(graph.values) - len(graph.model.inputs) >= wanted:
            break
        kind, step = graph.one_of(_STEPS)
        value = graph.a_value(lambda value: math.prod(value.shape) <= _MOST_ELEMENTS)
        if kind in REGISTRY and value is not None and _takes(kind, value.dtype):
            step(graph, value, kind)
    ends = [value for value in graph.values if value.index not in graph.used]
    ends += [
        value for value in graph.values[len(graph.model.inputs) :] if value.index in graph.used and graph.chance(0.1)
    ]
    graph.model.outputs = [value.index for value in ends]
    return Case(graph.model, runs=3, rtol=1e-3, atol=1e-3)


def _random_shape(graph: Graph) -> tuple[int, ...]:
    return tuple(int(n) for n in graph.rng.integers(1, 9, int(graph.rng.integers(1, 5))))


def _takes(kind: str, dtype: str) -> bool:
    return any(source.label == dtype for source, _ in REGISTRY[kind].types)


@_step(
    "RELU", "RELU6", "LEAKY_RELU", "HARD_SWISH", "LOGISTIC", "TANH", "ABS", "NEG", "SQUARE", "ELU", "EXP", "SIN", "COS"
)
def _unary(graph: Graph, x: Value, kind: str) -> None:
    fixed = {"int8": {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)},
             "int16": {"LOGISTIC": (1 / 32768, 0), "TANH": (1 / 32768, 0)}}.get(x.dtype, {}).get(kind)  # fmt: skip
    quantization = None if fixed is None else {"scale": fixed[0], "zero_point": fixed[1]}
    if kind in ("EXP", "SQUARE") and x.dtype == "float32":
        return _bounded(graph, x, kind)
    options = {"alpha": float(graph.rng.uniform(0, 0.5))} if kind == "LEAKY_RELU" else {}
    graph.apply(kind, [x], x.shape, quantization=quantization, **options)
    return None


def _bounded(graph: Graph, x: Value, kind: str) -> None:
    """Of values in -1 to 1, lest a few of them in a row overflow."""
    graph.apply("TANH", [x], x.shape)
    graph.apply(kind, [graph.values[-1]], x.shape)


@_step("FLOOR", "CEIL", "ROUND")
def _jumping(graph: Graph, x: Value, kind: str) -> None:
    if x.exact:
        graph.apply(kind, [x], x.shape)


@_step("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "ADD", "MUL")
def _binary(graph: Graph, x: Value, kind: str) -> None:
    """With a value of the same type and a shape that goes with it, or with a constant."""
    options = {}
    if kind in ("ADD", "SUB", "MUL"):
        options = {"fused_activation_function": graph.one_of(_ACTIVATIONS)}
    quantization = x.quantization if kind in ("MAXIMUM", "MINIMUM") else None
    other = graph.a_value(lambda v: v.dtype == x.dtype and _broadcast(x.shape, v.shape) is not None)
    if x.dtype == "int32" and kind != "MAXIMUM" and kind != "MINIMUM":
        return  # products of any values overflow, which is undefined
    if other is None or other is x or graph.chance(0.3):
        shape = tuple(1 if graph.chance(0.3) else n for n in x.shape)[int(graph.rng.integers(0, len(x.shape))) :]
        own = x.quantization if quantization is not None else graph.quantization(x.dtype)
        constant = graph.model.const(_random_values(graph, shape, x.dtype), x.dtype, **own)
        other = Value(constant, shape, x.dtype, exact=True, **own)
    if quantization is not None and other.quantization != x.quantization:
        return
    shape = _broadcast(x.shape, other.shape)
    if shape is not None and math.prod(shape) <= _MOST_ELEMENTS:
        pair = [x, other] if graph.chance(0.5) else [other, x]
        graph.apply(kind, pair, shape, quantization=quantization, **options)


def _broadcast(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        return None


def _random_values(graph: Graph, shape: Sequence[int], dtype: str) -> np.ndarray:
    if dtype == "float32":
        return graph.rng.standard_normal(shape).astype(np.float32)
    if dtype == "bool":
        return graph.rng.integers(0, 2, shape).astype(np.bool_)
    info = np.iinfo(dtype)
    return graph.rng.integers(info.min, info.max, shape, np.dtype(dtype), endpoint=True)


@_step("CONCATENATION", "CONCATENATION")
def _concatenation(graph: Graph, x: Value, kind: str) -> None:
    axis = int(graph.rng.integers(0, len(x.shape)))

    def fits(v: Value) -> bool:
        return (
            (v.dtype, v.quantization, len(v.shape)) == (x.dtype, x.quantization, len(x.shape))
            and v.shape[:axis] == x.shape[:axis]
            and v.shape[axis + 1 :] == x.shape[axis + 1 :]
        )

    parts = [x, *(v for v in graph.values if fits(v) and graph.chance(0.5))][:4]
    if len(parts) == 1 and graph.chance(0.7):
        return
    graph.rng.shuffle(parts)  # type: ignore[arg-type]
    shape = (*x.shape[:axis], sum(v.shape[axis] for v in parts), *x.shape[axis + 1 :])
    graph.apply(kind, parts, shape, quantization=x.quantization, axis=axis)


@_step("RESHAPE", "TRANSPOSE", "PAD", "STRIDED_SLICE", "SLICE", "MIRROR_PAD", "REVERSE_V2", "SPACE_TO_DEPTH")
def _moving(graph: Graph, x: Value, kind: str) -> None:
    """Shape and place change, values do not."""
    rank = len(x.shape)
    if kind == "RESHAPE":
        shape: tuple[int, ...] = graph.one_of([(-1,), (1, -1), (*x.shape, 1), (1, *x.shape), x.shape[::-1]])
        shape = np.zeros(x.shape, np.int8).reshape(shape).shape
        if len(shape) > 5:
            return
        constants = [graph.ints(shape)]
    elif kind == "TRANSPOSE":
        order = [int(i) for i in graph.rng.permutation(rank)]
        shape, constants = tuple(x.shape[i] for i in order), [graph.ints(order)]
    elif kind == "PAD":
        amounts = graph.rng.integers(0, 3, (rank, 2)) * (graph.rng.random((rank, 1)) < 0.5)
        shape, constants = (
            tuple(n + int(a) for n, a in zip(x.shape, amounts.sum(1), strict=True)),
            [graph.ints(amounts)],
        )
    elif kind == "MIRROR_PAD":
        amounts = np.array([[graph.rng.integers(0, min(n, 3)) for _ in range(2)] for n in x.shape])
        shape, constants = (
            tuple(n + int(a) for n, a in zip(x.shape, amounts.sum(1), strict=True)),
            [graph.ints(amounts)],
        )
    elif kind == "REVERSE_V2":
        shape, constants = x.shape, [graph.ints([graph.rng.integers(0, rank)])]
    elif kind == "SPACE_TO_DEPTH":
        if rank != 4 or x.shape[1] % 2 or x.shape[2] % 2:
            return
        shape = (x.shape[0], x.shape[1] // 2, x.shape[2] // 2, 4 * x.shape[3])
        return graph.apply(kind, [x], shape, quantization=x.quantization, block_size=2)
    elif kind == "SLICE":
        begin = [int(graph.rng.integers(0, n)) for n in x.shape]
        shape = tuple(int(graph.rng.integers(1, n - b + 1)) for n, b in zip(x.shape, begin, strict=True))
        constants = [graph.ints(begin), graph.ints(shape)]
    else:
        step = graph.rng.integers(1, 3, rank)
        begin = [int(graph.rng.integers(0, n)) for n in x.shape]
        constants = [graph.ints(begin), graph.ints(x.shape), graph.ints(step)]
        shape = tuple(len(range(b, n, int(s))) for b, n, s in zip(begin, x.shape, step, strict=True))
    options = {"mode": graph.one_of(["REFLECT"])} if kind == "MIRROR_PAD" else {}
    graph.apply(kind, [x], shape, constants=constants, quantization=x.quantization, **options)
    return None


@_step("MEAN", "SUM", "REDUCE_MAX")
def _reducing(graph: Graph, x: Value, kind: str) -> None:
    if len(x.shape) != 4:
        return
    axes = graph.one_of([[1, 2], [1], [2], [3]])
    keep = graph.chance(0.5)
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape) if keep or i not in axes)
    quantization = x.quantization if kind == "REDUCE_MAX" else None
    graph.apply(kind, [x], shape, constants=[graph.ints(axes)], quantization=quantization, keep_dims=keep)


@_step("SOFTMAX")
def _softmax(graph: Graph, x: Value, kind: str) -> None:
    quantization = {"int8": {"scale": 1 / 256, "zero_point": -128}, "int16": {"scale": 1 / 32768, "zero_point": 0}}
    graph.apply(kind, [x], x.shape, quantization=quantization.get(x.dtype), beta=1.0)


@_step("AVERAGE_POOL_2D", "MAX_POOL_2D")
def _pool(graph: Graph, x: Value, kind: str) -> None:
    if len(x.shape) != 4:
        return
    window = [int(graph.rng.integers(1, min(n, 3) + 1)) for n in x.shape[1:3]]
    sizes, options = _window(graph, x, window)
    graph.apply(kind, [x], (x.shape[0], *sizes, x.shape[3]), quantization=x.quantization,
                filter_height=window[0], filter_width=window[1], **options)  # fmt: skip


def _window(graph: Graph, x: Value, window: Sequence[int]) -> tuple[list[int], dict[str, Any]]:
    """Height and width of the output, and the options."""
    strides = [int(n) for n in graph.rng.integers(1, 3, 2)]
    padding = graph.one_of(["SAME", "VALID"])
    sizes = [
        -(-n // s) if padding == "SAME" else (n - w) // s + 1
        for n, w, s in zip(x.shape[1:3], window, strides, strict=True)
    ]
    return sizes, {
        "padding": padding,
        "stride_h": strides[0],
        "stride_w": strides[1],
        "fused_activation_function": graph.one_of(_ACTIVATIONS[:3]),
    }


@_step("CONV_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "DEPTHWISE_CONV_2D")
def _convolution(graph: Graph, x: Value, kind: str) -> None:
    if len(x.shape) != 4:
        return
    window = [int(graph.rng.integers(1, min(n, 3) + 1)) for n in x.shape[1:3]]
    depth = x.shape[3]
    channels = int(graph.rng.integers(1, 9)) if kind == "CONV_2D" else depth * graph.one_of([1, 1, 2])
    filters = (channels, *window, depth) if kind == "CONV_2D" else (1, *window, channels)
    sizes, options = _window(graph, x, window)
    if kind == "DEPTHWISE_CONV_2D":
        options["depth_multiplier"] = channels // depth
    constants = _weights(graph, x, filters, channels, 0 if kind == "CONV_2D" else 3)
    if kind == "DEPTHWISE_CONV_2D" and constants[1] is None:
        constants.pop()  # TFLite-Micro crashes where it is said to be absent
    graph.apply(kind, [x], (x.shape[0], *sizes, channels), constants=constants, **options)


@_step("FULLY_CONNECTED", "FULLY_CONNECTED")
def _fully_connected(graph: Graph, x: Value, kind: str) -> None:
    if len(x.shape) != 2 or x.dtype == "int32":
        return
    units = int(graph.rng.integers(1, 9))
    constants = _weights(graph, x, (units, x.shape[1]), units, 0, per_channel=False)
    graph.apply(kind, [x], (x.shape[0], units), constants=constants,
                fused_activation_function=graph.one_of(_ACTIVATIONS[:3]))  # fmt: skip


def _weights(
    graph: Graph, x: Value, shape: Sequence[int], channels: int, axis: int, per_channel: bool = True
) -> list[int | None]:
    """Filters and perhaps a bias."""
    bias = graph.chance(0.7)
    if x.dtype == "float32":
        filters = graph.model.const((graph.rng.standard_normal(shape) * 0.3).astype(np.float32))
        values = graph.rng.standard_normal(channels).astype(np.float32)
        return [filters, graph.model.const(values) if bias else None]
    count = channels if per_channel and graph.chance(0.5) else 1
    scales = [float(np.float32(s)) for s in 2.0 ** graph.rng.uniform(-10, -6, count)]
    weights = graph.rng.integers(-127, 128, shape).astype(np.int8)
    filters = graph.model.const(weights, scale=scales if count > 1 else scales[0], zero_point=0, axis=axis)
    assert x.scale is not None
    own = [float(np.float32(x.scale) * np.float32(s)) for s in scales]
    values = graph.rng.integers(-1000, 1000, channels).astype(np.int32 if x.dtype == "int8" else np.int64)
    return [filters, graph.model.const(values, scale=own if count > 1 else own[0], zero_point=0) if bias else None]


@_step("QUANTIZE")
def _quantize(graph: Graph, x: Value, kind: str) -> None:
    """Rounds, so that what is off by a little would be off by one."""
    targets = [b.label for a, b in REGISTRY[kind].types if a.label == x.dtype and b.label in ("int8", "int16")]
    if x.exact and targets and (x.dtype == "float32" or x.scale is not None):
        graph.apply(kind, [x], x.shape, dtype=graph.one_of(targets))


@_step("DEQUANTIZE")
def _dequantize(graph: Graph, x: Value, kind: str) -> None:
    if x.scale is not None:
        graph.apply(kind, [x], x.shape, dtype="float32")
