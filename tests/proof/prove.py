"""Random cases of an operator, compiled, against TFLite-Micro: the verdict of each, and how many of each there were."""

from __future__ import annotations

import re
import traceback
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from proof.batch import Job, run_batch
from proof.case import Case, Generator
from proof.reference import Answer, Question, ask
from support.check import assert_same, random_inputs
from support.machines import Machine
from support.native import NativeError
from tinykit.compiler import CompiledModel, Target, compile_graph
from tinykit.compiler.choice import Optimize
from tinykit.compiler.kernels import REGISTRY
from tinykit.errors import TinykitError, UnsupportedModel
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Op

DRAWN_AT_MOST = 5
"""Times as many cases as are wanted; of the others too many were refused."""

_BATCH = 100
_OPTIMIZE = get_args(Optimize)

# What contradicts itself is refused for every operator; docs/operators.md says so once.
_CONTRADICTION = re.compile(r"which follows from its |has no elements|is missing|inputs and \d+ outputs instead of")


@dataclass
class Tally:
    """How many cases there were of each verdict.

    Attributes:
        drawn: all.
        compared: TFLite-Micro and the compiled model gave the same.
        refused_by_both: or TFLite-Micro crashed.
        refused: by tinykit alone, as documented; how often for each entry of ``Operator.refuses``.
        extensions: done by tinykit alone, as documented.
        failures: everything else, by seed.
    """

    drawn: int = 0
    compared: int = 0
    refused_by_both: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    extensions: int = 0
    failures: dict[int, str] = field(default_factory=dict)

    @property
    def reached(self) -> int:
        """Cases that count as some of those that are wanted."""
        return self.compared + self.extensions + len(self.failures)

    def summary(self) -> str:
        """In one line."""
        parts = [f"{self.compared} of {self.drawn} cases identical or within the tolerance"]
        parts += [f"{self.refused_by_both} refused by both"] * bool(self.refused_by_both)
        parts += [f"{count} refused by tinykit ({what})" for what, count in sorted(self.refused.items())]
        parts += [f"{self.extensions} extensions"] * bool(self.extensions)
        parts += [f"{len(self.failures)} WRONG"] * bool(self.failures)
        return ", ".join(parts)


@dataclass(frozen=True)
class Drawn:
    """A case with all that is random."""

    seed: int
    case: Case
    tflite: bytes
    inputs: list[np.ndarray]


def draw(make: Generator, kind: str, label: str, seed: int) -> Drawn:
    """The case of a seed."""
    rng = np.random.default_rng([zlib.crc32(f"{kind} {label}".encode()), seed])
    try:
        case = make(rng, label)
        tflite = case.model.build()
    except Exception as error:
        raise AssertionError(f"the generator of {kind} {label} fails at seed {seed}: {error!r}") from error
    inputs = random_inputs(tflite, case.runs, rng) if case.inputs is None else case.inputs
    return Drawn(seed, case, tflite, inputs)


def prove(make: Generator, kind: str, label: str, wanted: int, machine: Machine | None = None) -> Tally:
    """Draw cases until ``wanted`` are compared.

    Args:
        machine: where the compiled models run; this computer by default.
    """
    return prove_together({(kind, label): make}, wanted, machine)[kind, label]


def prove_together(
    generators: Mapping[tuple[str, str], Generator], wanted: int, machine: Machine | None = None
) -> dict[tuple[str, str], Tally]:
    """The same of several, in the same programs: where compilers are slow this is faster."""
    tallies = {pair: Tally() for pair in generators}
    while True:
        cases: list[tuple[Drawn, Tally]] = []
        for pair, tally in tallies.items():
            missing = max(0, wanted - tally.reached)
            more = min(_BATCH, missing + missing // 4, DRAWN_AT_MOST * wanted - tally.drawn)
            cases += [(draw(generators[pair], *pair, tally.drawn + number), tally) for number in range(more)]
            tally.drawn += more
        if not cases:
            return tallies
        judge(cases, machine)


def judge(cases: Sequence[tuple[Drawn, Tally]], machine: Machine | None = None, *, strict: bool = True) -> None:
    """Count the verdicts of cases, each in its own tally.

    Args:
        strict: only one of tinykit and TFLite-Micro may refuse a model where documents say so.
    """
    target = machine.target if machine else Target()
    compiled = [
        compile_drawn(drawn, target, _OPTIMIZE[drawn.seed % len(_OPTIMIZE)], name=f"case{number}")
        for number, (drawn, _) in enumerate(cases)
    ]
    jobs = {
        number: Job(model, drawn.inputs, drawn_runs(drawn))
        for number, (model, (drawn, _)) in enumerate(zip(compiled, cases, strict=True))
        if isinstance(model, CompiledModel)
    }
    results = dict(zip(jobs, run_batch(list(jobs.values()), machine), strict=True))
    asked = [number for number, (drawn, _) in enumerate(cases) if drawn.case.expected is None]
    questions = [Question(d.tflite, d.inputs, drawn_runs(d)) for d in (cases[number][0] for number in asked)]
    answers = dict(zip(asked, ask(questions), strict=True))
    for number, (drawn, tally) in enumerate(cases):
        answer = answers.get(number) or Answer(drawn.case.expected)
        failure = _verdict(drawn, compiled[number], results.get(number), answer, tally, strict)
        if failure:
            tally.failures[drawn.seed] = failure


def drawn_runs(drawn: Drawn) -> int:
    """How many runs there are."""
    return len(drawn.inputs[0]) if drawn.inputs else drawn.case.runs


def compile_drawn(
    drawn: Drawn, target: Target, optimize: Optimize, name: str = "model"
) -> CompiledModel | TinykitError | str:
    """The model, or why it is refused; a string is the traceback of what may never happen."""
    try:
        graph = parse_model(drawn.tflite, name=name, where="model")
        return compile_graph(graph, target, optimize=optimize)
    except TinykitError as refused:
        return refused
    except Exception:
        return traceback.format_exc(limit=-4)


def _verdict(
    drawn: Drawn,
    ours: CompiledModel | TinykitError | str,
    result: list[np.ndarray] | NativeError | None,
    theirs: Answer,
    tally: Tally,
    strict: bool,
) -> str | None:
    """Counts the case, or says what is wrong."""
    if isinstance(ours, str):
        return f"the compiler crashes:\n{ours}"
    if isinstance(ours, TinykitError):
        if theirs.outputs is None:
            tally.refused_by_both += 1
            return None
        reasons = list(_reasons(ours))
        if strict and None in reasons:
            return f"refused without an entry in `refuses` that says so, though TFLite-Micro runs it:\n{ours}"
        tally.refused.update(r or "no entry" for r in reasons)
        return None
    if isinstance(result, NativeError):
        return f"the compiled model does not build or run:\n{result}"
    assert result is not None
    if theirs.outputs is None:
        kinds = {op.kind for op in ours.source.ops}
        words = drawn.case.extension
        if not strict or (words is not None and any(words in REGISTRY[k].takes for k in kinds & set(REGISTRY))):
            tally.extensions += 1
            return None
        done = "crashes" if theirs.crashed else "refuses it"
        return f"compiled, though TFLite-Micro {done} and no `takes` says so: {theirs.why}"
    rtol, atol = (0.0, 0.0) if _exact(ours) else (drawn.case.rtol, drawn.case.atol)
    try:
        if len(theirs.outputs) != len(result):
            return f"{len(result)} outputs, TFLite-Micro has {len(theirs.outputs)}"
        for number, (want, have) in enumerate(zip(theirs.outputs, result, strict=True)):
            assert_same(want, have, f"output {number} (run, ...)", rtol=rtol, atol=atol)
    except AssertionError as differs:
        return f"{differs}\nshape {want.shape}, kernels {', '.join(ours.kernels)}"
    tally.compared += 1
    return None


def _exact(model: CompiledModel) -> bool:
    """Whether every operator is said to give TFLite-Micro's results bit for bit."""
    graph = model.graph

    def exact(op: Op) -> bool:
        operator = REGISTRY.get(op.kind)
        source = graph.input(op, operator.works_on) if operator and op.inputs else None
        if operator is None or source is None or not op.outputs:
            return True  # it is exact, or has no result
        return operator.exactness(source.dtype, graph.output(op).dtype) == "identical"

    return all(exact(step.op) for step in model.steps)


def _reasons(refused: TinykitError) -> Iterator[str | None]:
    """For each refused operator the entry of ``Operator.refuses`` that says so, None where there is none.

    The entry has the refusal's hint, and shares a word with its reason.
    """
    if not isinstance(refused, UnsupportedModel) or refused.why is None:
        yield None
        return
    for line in refused.why.splitlines():
        found = re.match(
            r"\s*operator \d+(?: of subgraph \d+)? (?P<kind>\w+)(?: '(?P<custom>\w+)')?: (?P<why>.*)", line
        )
        operator = found and (REGISTRY.get(found["custom"] or "") or REGISTRY.get(found["kind"]))
        if not operator:
            yield None
            continue
        if _CONTRADICTION.search(found["why"]):
            yield "what contradicts itself"
            continue
        yield next(
            (
                what
                for what, hint in operator.refuses.items()
                if found["why"].endswith(f"; {hint}") and _stems(what) & _stems(found["why"].removesuffix(hint))
            ),
            None,
        )


def _stems(text: str) -> set[str]:
    """What is left of the words of three letters or more when their endings are cut off."""
    return {word[:5] for word in re.findall(r"[a-z]{3,}", text.lower())} - {
        *("the", "and", "that", "its", "for", "than", "with", "are", "not", "input", "outpu", "int", "float", "tenso"),
        *("has", "have", "whose", "whic", "which", "other", "more", "less", "one"),
    }


def report(kind: str, label: str, tally: Tally, wanted: int, machine: str = "native") -> list[str]:
    """What is wrong with a tally; nothing if it is a proof."""
    text = [
        f"{kind} {label}, seed {seed}: {failure[:1500]}\n"
        f"again: PYTHONPATH=tests python -m proof {kind!r} {label!r} --seed {seed} --machine {machine}"
        for seed, failure in sorted(tally.failures.items())[:5]
    ]
    if len(tally.failures) > len(text):
        text.append(f"and {len(tally.failures) - len(text)} more of {tally.drawn} cases")
    reached = tally.reached
    if reached < wanted:
        text.append(f"{kind} {label}: of {tally.drawn} cases only {reached} could be compared, not {wanted}; {tally}")
    if sum(tally.refused.values()) > reached:
        text.append(f"{kind} {label}: most are refused by tinykit alone: {dict(tally.refused)}")
    return text
