"""What a lowering hands to the planner and the emitter: calls of C kernels, as data.

A lowering is a function ``lower(ctx, op) -> Lowered`` registered with ``@lowers("CONV_2D", ...)`` in one module of
this package. The decorator says which types it takes, which is checked before it runs, and in a few words what else
it takes and refuses, which is the operator's row in docs/operators.md. The lowering checks everything else that its
kernel depends on and raises ``Refusal`` for what it cannot do; nothing is written before every op of the graph was
lowered.

Each kernel is one pair of files ``<kernel>.h`` and ``<kernel>.c`` in ``firmware_templates/runtime/kernels`` (those for
a kind of core in a folder of that), with a ``<kernel>_asm.S`` beside them where an inner loop is written in assembly.
It defines ``<kernel>_params`` (a struct) and a function of the kernel's own name:

    void <kernel>(const <kernel>_params *p, <args in the order of KernelCall.args>[, void *scratch]);
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Union

import numpy as np

from tinykit.graph.types import DType, Graph, Op


class Refusal(Exception):
    """An op that cannot be compiled.

    Args:
        why: the limit that was met, with the offending value.
        hint: what the user can change.
    """

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


_SIZES = {
    **dict.fromkeys(("int8_t", "uint8_t", "bool"), 1),
    **dict.fromkeys(("int16_t", "uint16_t"), 2),
    **dict.fromkeys(("int32_t", "uint32_t", "float"), 4),
    **dict.fromkeys(("int64_t", "uint64_t"), 8),
}


@dataclass(frozen=True, eq=False)
class ConstArray:
    """A constant array in the generated C. ``values`` is emitted flat in C order.

    ``role`` decides under which heading its bytes are reported: "weights" (packed weights and biases, look-up
    tables), or "tables" (requantization multipliers and shifts, index tables).
    """

    ctype: str
    values: np.ndarray
    role: str = "weights"

    @property
    def nbytes(self) -> int:
        return int(self.values.size) * _SIZES[self.ctype]

    @functools.cached_property
    def content(self) -> tuple[str, str, bytes]:
        """Equal for arrays of the same bytes, of which the generated C has only one."""
        digest = hashlib.sha256(np.ascontiguousarray(self.values).tobytes()).digest()
        return self.ctype, self.values.dtype.str, digest


@dataclass(frozen=True)
class In:
    """A tensor read by the kernel, passed as ``const T *``. A constant tensor is emitted as an array."""

    tensor: int


@dataclass(frozen=True)
class Out:
    """A tensor written by the kernel, passed as ``T *``."""

    tensor: int


@dataclass(frozen=True)
class Variable:
    """A tensor that keeps its value from run to run (``is_variable``), passed as ``T *``.

    ``<name>_reset()`` fills it as TFLite-Micro's interpreter does: with zeros, int8 with the zero point.
    """

    tensor: int


@dataclass(frozen=True)
class State:
    """Memory that keeps its contents from run to run, passed as ``void *``, aligned to 16 bytes.

    Attributes:
        name: says whose it is. Calls that name the same state share it; sizes and initial contents are equal then.
        initial: what ``<name>_reset()`` puts there.
        fill: or else the byte that it fills all with.
    """

    name: str
    nbytes: int
    initial: ConstArray | None = None
    fill: int = 0


Arg = Union[In, Out, Variable, State]
ParamValue = Union[int, float, None, ConstArray, tuple[int, ...], tuple[float, ...], Mapping[str, "ParamValue"]]


@dataclass(frozen=True)
class Overlap:
    """A kernel goes through its input forwards and has read what it overwrites of it.

    Results are right whenever the target begins at least ``lead`` bytes before the source does: ``address of target +
    lead <= address of source``. Negative where the target may even begin behind it.
    """

    source: int
    target: int
    lead: int


@dataclass(frozen=True)
class KernelCall:
    """One call in the generated ``run`` function.

    Attributes:
        kernel: name of the C function and stem of its two files.
        params: fields of the kernel's ``_params`` struct by name. A ConstArray becomes a pointer to a static array,
            a tuple an array initialiser, a float a float literal, a mapping a nested struct, None a null pointer.
        args: tensors in the order of the C prototype.
        scratch: bytes of arena used only during the call, 16-byte aligned; None when the kernel takes no scratch
            argument (0 passes a null pointer).
        in_place: (input tensor, output tensor) pairs that may begin at the same address, because the kernel reads each
            element before, or at the same index as, it writes it. The output is not larger than the input.
        variant: which implementation ("portable", "dsp", "mve", ...), for reports.
        instructions: of one call on the target, modelled; None where there is no model of them.
        code: bytes of machine code that the kernel adds to a firmware, whatever the number of its calls; measured.
        shares: the same of what it uses together with other kernels, by name of the source file.
        overlaps: where the output may lie over the input.
    """

    kernel: str
    params: Mapping[str, ParamValue]
    args: tuple[Arg, ...]
    scratch: int | None = None
    in_place: tuple[tuple[int, int], ...] = ()
    variant: str = "portable"
    instructions: int | None = None
    code: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)
    overlaps: tuple[Overlap, ...] = ()

    @property
    def values(self) -> tuple[In | Out, ...]:
        """The arguments that are values of a run: those that are kept beyond it are left out."""
        return tuple(arg for arg in self.args if isinstance(arg, (In, Out)))

    def renamed(self, names: Mapping[int, int]) -> KernelCall:
        """The same for other tensors; those that ``names`` does not have stay."""

        def arg(one: Arg) -> Arg:
            return one if isinstance(one, State) else type(one)(names.get(one.tensor, one.tensor))

        return replace(
            self,
            args=tuple(arg(one) for one in self.args),
            in_place=tuple((names.get(s, s), names.get(t, t)) for s, t in self.in_place),
            overlaps=tuple(
                replace(o, source=names.get(o.source, o.source), target=names.get(o.target, o.target))
                for o in self.overlaps
            ),
        )

    def arrays(self) -> Iterator[tuple[str, ConstArray]]:
        """All constant arrays among the parameters with their (underscore-joined) field names."""
        return _arrays(self.params, "")


def _arrays(params: Mapping[str, ParamValue], prefix: str) -> Iterator[tuple[str, ConstArray]]:
    for name, value in params.items():
        if isinstance(value, ConstArray):
            yield prefix + name, value
        elif isinstance(value, Mapping):
            yield from _arrays(value, f"{prefix}{name}_")


@dataclass(frozen=True)
class Alias:
    """The op's output is its input's memory under another shape: no code."""

    source: int
    target: int


@dataclass(frozen=True)
class Control:
    """Where the flow of control of the generated code changes.

    Attributes:
        kind: "if" ``condition`` holds; "once", which is an "if" that holds in the first run only; "else"; "loop";
            "leave unless" ``condition`` holds, which leaves the loop around it; "end" of any of these; "stop unless"
            it holds, which ends the run, as it needs more input.
        condition: a bool tensor, or, for "once", the byte that says whether it was done.
        alive: tensors whose values are needed until here, as the next turn of a loop reads them.
    """

    kind: Literal["if", "once", "else", "loop", "leave unless", "end", "stop unless"]
    condition: In | State | None = None
    alive: tuple[int, ...] = ()

    def renamed(self, names: Mapping[int, int]) -> Control:
        """The same for other tensors; those that ``names`` does not have stay."""
        condition = self.condition
        if isinstance(condition, In):
            condition = In(names.get(condition.tensor, condition.tensor))
        return replace(self, condition=condition, alive=tuple(names.get(i, i) for i in self.alive))


@dataclass(frozen=True)
class Body:
    """All operators of another subgraph, put in place.

    Attributes:
        subgraph: its index.
        inputs: tensors of the caller, one for each of its inputs.
        outputs: tensors of the caller that its results are put into; None leaves them to the ``Control`` that follows,
            whose condition is the only one.
        writes_late: the results are put there only when all are computed (they may be inputs as well).
    """

    subgraph: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...] | None
    writes_late: bool = False


@dataclass(frozen=True)
class Lowered:
    """What an op becomes.

    Attributes:
        calls: of portable kernels.
        alternatives: other ways to get the same results, each instead of ``calls``; ``choice.py`` takes one.
        control: instead of calls, where control flow begins or ends.
        flow: instead of all that, the parts of an operator that calls subgraphs. ``subgraphs.py`` puts them in place.
    """

    calls: tuple[KernelCall, ...] = ()
    alias: Alias | None = None
    alternatives: tuple[tuple[KernelCall, ...], ...] = ()
    control: Control | None = None
    flow: tuple[Control | Body | KernelCall, ...] = ()

    def renamed(self, names: Mapping[int, int]) -> Lowered:
        """The same for other tensors; see ``KernelCall.renamed``."""
        return replace(
            self,
            calls=tuple(call.renamed(names) for call in self.calls),
            alias=self.alias and Alias(*(names.get(i, i) for i in (self.alias.source, self.alias.target))),
            alternatives=tuple(tuple(call.renamed(names) for call in way) for way in self.alternatives),
            control=self.control and self.control.renamed(names),
        )

    @property
    def is_step(self) -> bool:
        """Whether it becomes code of its own."""
        return bool(self.calls) or self.control is not None


@dataclass(frozen=True)
class Target:
    """What the choice of kernels may depend on.

    ``core`` is the board's core ("cortex-m4", "rv32imc", "native", ...), ``features`` what it can do beyond
    portable C ("dsp", "mve", "fpu").
    """

    core: str = "generic"
    features: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class LowerContext:
    """What a lowering may look at.

    Attributes:
        patches: values that are made in patches, while larger ones wait beside them.
        largest: bytes that some operator needs at least; None where this follows from the graph.
        subgraphs: those of the model that operators may call, by index.
        resources: the variable that a tensor of the type RESOURCE stands for.
    """

    graph: Graph
    target: Target
    patches: frozenset[int] = frozenset()
    largest: int | None = None
    subgraphs: Mapping[int, Graph] = field(default_factory=dict)
    resources: Mapping[int, State] = field(default_factory=dict)


Lowering = Callable[[LowerContext, Op], Lowered]
Types = tuple[tuple[DType, DType], ...]


def same_types(*dtypes: DType) -> Types:
    """The first input and the first output of one type, any of these."""
    return tuple((dtype, dtype) for dtype in dtypes)


INT8_OR_FLOAT = same_types(DType.INT8, DType.FLOAT32)


@dataclass(frozen=True)
class Operator:
    """An operator kind that can be compiled, and what of it.

    Attributes:
        kind: schema name, such as "CONV_2D".
        lower: its lowering, which may count on ``types``.
        types: the pairs of types of the input that is worked on and the first output that it takes; none where it moves
            values of any type.
        takes: what it takes of parameters and shapes.
        refuses: what it refuses, and for each what to do then.
        float_exact: float results are those of TFLite-Micro bit for bit, too, and not just within 1e-5.
        works_on: the position of that input; those before it are axes, shapes or conditions.
    """

    kind: str
    lower: Lowering
    types: Types
    takes: str
    refuses: Mapping[str, str]
    float_exact: bool
    works_on: int = 0

    def lower_checked(self, ctx: LowerContext, op: Op) -> Lowered:
        """Check the types, then lower.

        Raises:
            Refusal: for other types, and whatever the lowering refuses.
        """
        if self.types:
            source = ctx.graph.input(op, self.works_on)
            if source is None:
                raise Refusal("its input is missing", "convert the model again")
            if not op.outputs:
                raise Refusal("its output is missing", "convert the model again")
            found = (source.dtype, ctx.graph.output(op).dtype)
            if found not in self.types:
                raise Refusal(
                    f"input is {found[0].label} and output {found[1].label}; supported: {self.types_text()}",
                    "convert the model again with these types",
                )
        for i in [*(i for i in op.inputs if i >= 0), *op.outputs]:
            tensor = ctx.graph.tensor(i)
            # A constant may be an empty list, of axes for example.
            if tensor.size == 0 and not tensor.is_constant:
                raise Refusal(
                    f"its tensor {tensor.name!r} of shape {list(tensor.shape)} has no elements",
                    "leave out what computes nothing, and convert the model again",
                )
        lowered = self.lower(ctx, op)
        calls = [*lowered.calls, *(part for part in lowered.flow if isinstance(part, KernelCall))]
        known = {arg.tensor for call in calls for arg in call.args if isinstance(arg, Variable)}
        for i in [*op.inputs, *op.outputs]:
            if i >= 0 and ctx.graph.tensor(i).is_variable and i not in known:
                raise Refusal(
                    f"its tensor {ctx.graph.tensor(i).name!r} is a variable, and the operator has no state",
                    "convert the model again with a current converter",
                )
        return lowered

    def exactness(self, source: DType, target: DType) -> str:
        """How near results are to TFLite-Micro's for a pair of ``types``: "identical" or "1e-5" (relative)."""
        floats = DType.FLOAT32 in (source, target)
        return "1e-5" if floats and not self.float_exact else "identical"

    def types_text(self) -> str:
        """The types in words: "int8 or float32 for both", "float32 to int8"."""
        same = " or ".join(a.label for a, b in self.types if a is b)
        return ", ".join(
            [f"{same} for both"] * bool(same) + [f"{a.label} to {b.label}" for a, b in self.types if a is not b]
        )


REGISTRY: dict[str, Operator] = {}


def lowers(
    *kinds: str,
    takes: str,
    refuses: Mapping[str, str],
    types: Types = INT8_OR_FLOAT,
    float_exact: bool = False,
    works_on: int = 0,
) -> Callable[[Lowering], Lowering]:
    """Register a lowering for operator kinds; the arguments are those of ``Operator``."""

    def register(function: Lowering) -> Lowering:
        for kind in kinds:
            if kind in REGISTRY:
                raise ValueError(f"two lowerings for {kind}")
            REGISTRY[kind] = Operator(kind, function, types, takes, refuses, float_exact, works_on)
        return function

    return register
