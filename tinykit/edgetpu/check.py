"""What the compiler would map of a model, told without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tinykit.edgetpu.cautions import cautions
from tinykit.edgetpu.package.reader import CUSTOM_OP
from tinykit.edgetpu.parameters import NOT_COUNTED, parameter_bytes
from tinykit.edgetpu.partition import partition
from tinykit.edgetpu.rules.front_end import Refusal, refusals
from tinykit.edgetpu.rules.judge import judge
from tinykit.edgetpu.rules.rule import COMPILER, Confidence, Finding, Rule, Status
from tinykit.errors import InputError
from tinykit.graph.reader import parse_model, read_model
from tinykit.graph.types import Graph

ONE_SUBGRAPH = Rule("one-subgraph", COMPILER, Confidence.DOCUMENTED, Status.SUBGRAPH)
REFUSED = Rule("file-refused", "TensorFlow Lite's interpreter", Confidence.SEEN, Status.VERSION)


@dataclass(frozen=True)
class OpPlacement:
    """Where one operator runs, and why.

    Attributes:
        index: its place in the file.
        op: its kind; for a custom operator "CUSTOM:<name>".
        edgetpu: it is mapped to the Edge TPU.
        subgraph: number of the Edge TPU subgraph it is in; None on the host.
        rule: the id of the rule that says so; ``source`` and ``confidence`` are the rule's.
        reason: the rule, applied to this operator.
        change: what to change in the model; empty if nothing has to be, or nothing can be.
        status: what the compiler's log is expected to say of it.
        supported: the Edge TPU could compute it if it stood elsewhere.
        parameter_bytes: estimated bytes of its parameters on the Edge TPU; 0 on the host.
        outputs: names of the tensors it writes.
    """

    index: int
    op: str
    edgetpu: bool
    subgraph: int | None
    rule: str
    reason: str
    source: str
    confidence: Confidence
    status: Status
    change: str
    supported: bool
    parameter_bytes: int
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Subgraph:
    """Operators that the Edge TPU runs in one go: one custom operator of the compiled file.

    Attributes:
        ops: their indices in the file.
        inputs, outputs: names of the tensors that go in and out.
        parameter_bytes: estimated.
    """

    ops: tuple[int, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameter_bytes: int


@dataclass(frozen=True)
class CheckResult:
    """What the compiler would make of a model.

    Attributes:
        name: of the model.
        graph: the model.
        multi: more than one subgraph was allowed.
        ops: every operator, in the file's order.
        subgraphs: for the Edge TPU; empty if nothing is mapped.
        parameter_bytes: estimated bytes of parameters of the mapped layers, cached on chip or streamed.
        not_counted: kinds of mapped operators whose parameters the estimate leaves out.
        refusals: why the compiler refuses the file; nothing is mapped, then.
        cautions: what may turn out otherwise, and what else is to be known.
    """

    name: str
    graph: Graph
    multi: bool
    ops: tuple[OpPlacement, ...]
    subgraphs: tuple[Subgraph, ...]
    parameter_bytes: int
    not_counted: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    cautions: tuple[str, ...]

    @property
    def mapped(self) -> int:
        """How many operators the Edge TPU runs."""
        return sum(op.edgetpu for op in self.ops)

    @property
    def on_host(self) -> tuple[OpPlacement, ...]:
        return tuple(op for op in self.ops if not op.edgetpu)


def check_model(path: str | Path, *, multi: bool = False) -> CheckResult:
    """Tell what the compiler would map of a .tflite model.

    Args:
        path: the model, quantized and not compiled.
        multi: allow several subgraphs, as the compiler does with -a (--enable_multiple_subgraphs).

    Raises:
        InputError: the file cannot be read, or is compiled for the Edge TPU already.
        ModelError: it is no .tflite file, or it is damaged.
    """
    return check_graph(read_model(path, lenient=True), multi=multi, where=str(path))


def check_bytes(tflite: bytes, *, name: str, where: str, multi: bool = False) -> CheckResult:
    """As ``check_model``, for a model in memory."""
    return check_graph(parse_model(tflite, name=name, where=where, lenient=True), multi=multi, where=where)


def check_graph(graph: Graph, *, where: str, multi: bool = False) -> CheckResult:
    """As ``check_model``, for a model that was read already."""
    if any(op.custom_code == CUSTOM_OP for op in graph.ops):
        raise InputError(
            "the model is compiled for the Edge TPU already",
            where=where,
            why=f"it has the operator {CUSTOM_OP}",
            hint="give the .tflite it was compiled from",
        )
    findings = [judge(graph, op) for op in graph.ops]
    supported = [finding.rule.status is Status.MAPPED for finding in findings]
    reads = reads_of(graph)
    refused = refusals(graph)
    groups = [] if refused else partition(reads, supported, multi=multi)
    number = {i: n for n, group in enumerate(groups) for i in group}
    blocking = _blocking(reads, supported, number)
    ops = tuple(
        _placement(graph, i, finding, supported[i], number.get(i), blocking[i], refused)
        for i, finding in enumerate(findings)
    )
    subgraphs = tuple(_subgraph(graph, ops, group) for group in groups)
    mapped_kinds = {graph.ops[i].kind for i in number}
    return CheckResult(
        name=graph.name,
        graph=graph,
        multi=multi,
        ops=ops,
        subgraphs=subgraphs,
        parameter_bytes=sum(subgraph.parameter_bytes for subgraph in subgraphs),
        not_counted=tuple(sorted(mapped_kinds & NOT_COUNTED)),
        refusals=refused,
        cautions=cautions(graph, set(number), _behind(graph, reads, supported, number)),
    )


def reads_of(graph: Graph) -> list[list[int]]:
    """For each operator, those earlier ones whose outputs it reads."""
    writer: dict[int, int] = {}
    reads = []
    for position, op in enumerate(graph.ops):
        reads.append(sorted({writer[i] for i in op.inputs if i in writer}))
        writer.update(dict.fromkeys(op.outputs, position))
    return reads


def _blocking(reads: list[list[int]], supported: list[bool], mapped: Mapping[int, int]) -> list[int | None]:
    """For each operator, an unsupported one that it depends on, the first on the way; None if there is none."""
    found: list[int | None] = []
    for sources in reads:
        here = next((i for i in sources if not supported[i] and i not in mapped), None)
        before = next((found[i] for i in sources if found[i] is not None), None)
        found.append(before if before is not None else here)
    return found


def _behind(graph: Graph, reads: list[list[int]], supported: list[bool], mapped: Mapping[int, int]) -> set[int]:
    """The mapped operators that depend on one on the host, other than on the conversion of a float input."""
    late: set[int] = set()
    for i, sources in enumerate(reads):
        if (not supported[i] and graph.ops[i].kind != "QUANTIZE") or late.intersection(sources):
            late.add(i)
    return late & mapped.keys()


def _placement(
    graph: Graph,
    position: int,
    finding: Finding,
    supported: bool,
    subgraph: int | None,
    blocking: int | None,
    refused: tuple[Refusal, ...],
) -> OpPlacement:
    op = graph.ops[position]
    if refused and supported:
        own = next((r for r in refused if op.index in r.ops), None)
        reason = own.reason if own else "the compiler refuses the file, see there"
        finding = Finding(own.rule if own else REFUSED, reason, own.change if own else "")
    elif supported and subgraph is None:
        finding = _stranded(graph, blocking)
    return OpPlacement(
        index=op.index,
        op=f"CUSTOM:{op.custom_code or op.kind}" if op.is_custom else op.kind,
        edgetpu=subgraph is not None,
        subgraph=subgraph,
        rule=finding.rule.id,
        reason=finding.reason,
        source=finding.rule.source,
        confidence=finding.rule.confidence,
        status=finding.rule.status,
        change=finding.change,
        supported=supported,
        parameter_bytes=0 if subgraph is None else parameter_bytes(graph, op),
        outputs=tuple(graph.tensors[i].name for i in op.outputs),
    )


def _stranded(graph: Graph, blocking: int | None) -> Finding:
    if blocking is None:
        reason = "it begins a second subgraph, and one is mapped"
        return Finding(ONE_SUBGRAPH, reason, "let all branches begin with supported operators, or compile with -a")
    cause = graph.ops[blocking]
    reason = f"supported, but it follows operator {cause.index} ({cause.kind}), which runs on the host"
    return Finding(ONE_SUBGRAPH, reason, f"change operator {cause.index}, move it to the end, or compile with -a")


def _subgraph(graph: Graph, ops: tuple[OpPlacement, ...], group: tuple[int, ...]) -> Subgraph:
    inside = [graph.ops[i] for i in group]
    written = {t for op in inside for t in op.outputs}
    read = dict.fromkeys(
        t
        for op in inside
        for t in op.inputs
        if t >= 0 and t not in written and not graph.tensors[t].is_constant and not graph.tensors[t].is_variable
    )
    chosen = set(group)
    needed = set(graph.outputs)
    needed.update(t for i, op in enumerate(graph.ops) if i not in chosen for t in op.inputs)
    return Subgraph(
        ops=tuple(op.index for op in inside),
        inputs=tuple(graph.tensors[t].name for t in read),
        outputs=tuple(graph.tensors[t].name for op in inside for t in op.outputs if t in needed),
        parameter_bytes=sum(ops[i].parameter_bytes for i in group),
    )
