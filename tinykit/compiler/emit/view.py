"""Prepares a compiled model for the templates: names, literals and expressions as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tinykit.compiler.emit.flow import depths, lines_of
from tinykit.compiler.emit.literals import array_body, floating, integer
from tinykit.compiler.emit.memory import constant_name, place_of, place_of_tensor, reset_statements
from tinykit.compiler.kernels.base import ConstArray, KernelCall, Out, ParamValue
from tinykit.compiler.model import CompiledModel, Step
from tinykit.graph.types import DType, Tensor


@dataclass(frozen=True)
class PortView:
    """A model input or output. ``suffix`` is "" when there is only one, else its number."""

    suffix: str
    variable: str
    ctype: str
    place: str
    nbytes: int
    tensor: Tensor
    is_constant: bool

    @property
    def shape_text(self) -> str:
        return "x".join(str(d) for d in self.tensor.shape) or "scalar"

    @property
    def scale(self) -> float:
        return float(self.tensor.quant.scale) if self.tensor.quant else 0.0

    @property
    def zero_point(self) -> int:
        return self.tensor.quant.zero_point if self.tensor.quant else 0


@dataclass(frozen=True)
class ArrayView:
    name: str
    ctype: str
    length: int
    body: str


@dataclass(frozen=True)
class CallView:
    kernel: str
    params: str
    fields: tuple[tuple[str, str], ...]
    arguments: str


@dataclass(frozen=True)
class StepView:
    """A layer, or the beginning or end of a loop or branch, which has ``lines`` instead of calls. ``indent`` is as many
    blanks as both have."""

    layer: int | None
    summary: str
    calls: tuple[CallView, ...]
    lines: tuple[str, ...]
    indent: str


@dataclass(frozen=True)
class ModelView:
    """Everything model.c.j2, model.h.j2 and model_info.c.j2 need."""

    name: str
    upper: str
    model: CompiledModel
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    arrays: tuple[ArrayView, ...]
    steps: tuple[StepView, ...]
    resets: tuple[str, ...]
    uses_float: bool

    @property
    def needs_math_h(self) -> bool:
        """Whether a constant is one of the macros of <math.h>."""
        texts = [a.body for a in self.arrays if a.ctype == "float"]
        texts += [value for step in self.steps for call in step.calls for _, value in call.fields]
        return any("INFINITY" in text or "NAN" in text for text in texts)

    @property
    def needs_bool_h(self) -> bool:
        """Whether the model's interface or code has the type bool."""
        types = {*(port.ctype for port in (*self.inputs, *self.outputs)), *(array.ctype for array in self.arrays)}
        return "bool" in types or any(step.control is not None for step in self.model.steps)

    @property
    def stops(self) -> bool:
        """Whether a run may end early, as it needs more input."""
        return any(step.control is not None and step.control.kind == "stop unless" for step in self.model.steps)

    @property
    def push(self) -> PortView | None:
        """The input of a model that is fed a stream: of one that keeps something from run to run, the only one."""
        return self.inputs[0] if self.resets and len(self.inputs) == 1 else None

    @property
    def decided(self) -> PortView | None:
        """The output that says whether the others are new: the last of several, if it is a single bool."""
        last = self.outputs[-1]
        single = last.tensor.dtype is DType.BOOL and last.tensor.size == 1 and len(self.outputs) > 1
        return last if single else None

    @property
    def run_parameters(self) -> str:
        inputs = [f"const {p.ctype} *in{p.suffix}" for p in self.inputs]
        return ", ".join(inputs + [f"{p.ctype} *out{p.suffix}" for p in self.outputs])


def view_of(model: CompiledModel) -> ModelView:
    """Build the templates' view of a model."""
    arrays: list[ArrayView] = []
    for tensor_id in model.constant_tensors():
        tensor = model.graph.tensor(tensor_id)
        assert tensor.data is not None
        ctype = tensor.dtype.c
        assert ctype is not None
        arrays.append(ArrayView(constant_name(tensor_id), ctype, tensor.size, array_body(tensor.data, ctype)))
    names: dict[object, str] = {}
    bases = _bases(model)
    for step, base in zip(model.steps, bases, strict=True):
        _collect_arrays(step, base, arrays, names)
    for number, one in enumerate(model.plan.kept):
        if one.initial is not None:
            _collect_array(one.initial, f"state_{number}", arrays, names)
    depth = depths([step.control for step in model.steps])
    steps = tuple(_step_view(model, i, base, names, "    " * (1 + depth[i])) for i, base in enumerate(bases))
    return ModelView(
        name=model.name,
        upper=model.name.upper(),
        model=model,
        inputs=_ports(model, model.graph.inputs, "in"),
        outputs=_ports(model, model.graph.outputs, "out"),
        arrays=tuple(arrays),
        steps=steps,
        resets=tuple(reset_statements(model, names)),
        uses_float=any(t.dtype is DType.FLOAT32 for t in model.graph.tensors.values() if not t.is_constant),
    )


def _ports(model: CompiledModel, ids: tuple[int, ...], prefix: str) -> tuple[PortView, ...]:
    ports = []
    for number, tensor_id in enumerate(ids):
        tensor = model.graph.tensor(tensor_id)
        suffix = str(number) if len(ids) > 1 else ""
        ctype = tensor.dtype.c
        assert ctype is not None
        place = place_of_tensor(model, tensor_id)
        ports.append(PortView(suffix, prefix + suffix, ctype, place, tensor.nbytes, tensor, tensor.is_constant))
    return tuple(ports)


def _bases(model: CompiledModel) -> list[str]:
    """What the names of each step's parameters begin with."""
    names = []
    for step in model.steps:
        patch = "" if step.patch is None else f"_patch{step.patch}"
        names.append(f"{step.op.kind.lower()}_{step.op.index}{patch}" if step.calls else "")
    # An operator that calls a subgraph copies values at several places.
    count, seen = Counter(names), Counter[str]()
    for number, name in enumerate(names):
        if count[name] > 1:
            names[number] = f"{name}_part{seen[name]}"
            seen[name] += 1
    return names


def _call_names(step: Step, base: str) -> list[str]:
    return [base] if len(step.calls) == 1 else [f"{base}_{number}" for number in range(len(step.calls))]


def _collect_arrays(step: Step, base: str, arrays: list[ArrayView], names: dict[object, str]) -> None:
    """Add the constant arrays of a step. Of equal ones there is only the first."""
    for call, name in zip(step.calls, _call_names(step, base), strict=True):
        for field, array in call.arrays():
            _collect_array(array, f"{name}_{field}", arrays, names)


def _collect_array(array: ConstArray, name: str, arrays: list[ArrayView], names: dict[object, str]) -> None:
    if array.content not in names:
        names[array.content] = name
        arrays.append(ArrayView(name, array.ctype, array.values.size, array_body(array.values, array.ctype)))


def _step_view(model: CompiledModel, number: int, base: str, names: Mapping[object, str], indent: str) -> StepView:
    step = model.steps[number]
    if step.control is not None:
        return StepView(None, step.label, (), lines_of(model, step.control), indent)
    calls = tuple(
        _call_view(model, number, call, name, names)
        for call, name in zip(step.calls, _call_names(step, base), strict=True)
    )
    shapes = " and ".join(
        "x".join(map(str, model.graph.tensor(i).shape)) or "scalar"
        for i in step.op.inputs
        if i >= 0 and not model.graph.tensor(i).is_constant
    )
    output = " and ".join("x".join(map(str, model.graph.tensor(i).shape)) or "scalar" for i in step.op.outputs)
    macs = f", {step.macs} MACs" if step.macs else ""
    patch = ""
    if step.patch is not None and model.patched is not None:
        patch = f", patch {step.patch + 1} of {model.patched.count}"
    summary = f"{step.label}{patch}: {shapes} -> {output}{macs}" if output else f"{step.label}: {shapes}"
    return StepView(step.layer, summary, calls, (), indent)


def _call_view(model: CompiledModel, number: int, call: KernelCall, name: str, names: Mapping[object, str]) -> CallView:
    fields = tuple((field, _initialiser(value, names)) for field, value in call.params.items())
    arguments = [place_of(model, arg) for arg in call.args]
    if call.scratch is not None:
        scratch = model.plan.scratch.get(number)
        arguments.append(f"AT({scratch.offset})" if call.scratch and scratch else "NULL")
    # a constant read in place is const, which the prototype's const pointer accepts as it is
    assert not any(isinstance(arg, Out) and model.graph.tensor(arg.tensor).is_constant for arg in call.args)
    return CallView(call.kernel, name, fields, ", ".join(arguments))


def _initialiser(value: ParamValue, names: Mapping[object, str]) -> str:
    """The C initialiser of a struct field; ``names`` are those of the arrays, by their content."""
    if value is None:
        return "NULL"
    if isinstance(value, ConstArray):
        return names[value.content]
    if isinstance(value, Mapping):
        return "{" + ", ".join(f".{field} = {_initialiser(v, names)}" for field, v in value.items()) + "}"
    if isinstance(value, tuple):
        return "{" + ", ".join(_initialiser(v, names) for v in value) + "}"
    if isinstance(value, float):
        return floating(value)
    return integer(value)
