"""Every operator and type gives what TFLite-Micro gives, on random models; and none is without such a proof."""

from __future__ import annotations

import math

import pytest

from proof.case import proofs
from proof.prove import draw, prove_all, report
from support.machines import need_machine
from support.seeds import SHARE
from tinykit.compiler.kernels import REGISTRY
from tinykit.graph.reader import parse_model

WANTED = math.ceil(200 * SHARE)
WANTED_ON_MACHINE = math.ceil(20 * SHARE)
PAIRS = sorted(proofs())
PARTS = 12


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in PAIRS}))
def test_native(kind: str) -> None:
    check([pair for pair in PAIRS if pair[0] == kind], WANTED)


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["m4", "rv32"])
@pytest.mark.parametrize("part", range(PARTS))
def test_on_a_machine(part: int, machine: str) -> None:
    """Many operators in one program: what a program costs is not its cases."""
    check(PAIRS[part::PARTS], WANTED_ON_MACHINE, machine)


def check(pairs: list[tuple[str, str]], wanted: int, machine: str | None = None) -> None:
    tallies = prove_all({pair: proofs()[pair] for pair in pairs}, wanted, need_machine(machine) if machine else None)
    wrong = [
        problem
        for (kind, label), tally in tallies.items()
        for problem in report(kind, label, tally, wanted, machine or "native")
    ]
    assert not wrong, "\n\n".join(wrong)


def test_every_operator_and_pair_of_types_is_among_the_cases() -> None:
    """The types of first input and output of all that is registered, in graphs that the generators make."""
    missing = {(kind, a.label, b.label) for kind, operator in REGISTRY.items() for a, b in operator.types}
    unproven = set(REGISTRY) - {kind for kind, _ in PAIRS}
    for kind, label in PAIRS:
        for seed in range(15):
            drawn = draw(proofs()[kind, label], kind, label, seed)
            graph = parse_model(drawn.tflite, name="model", where="model")
            for op in graph.ops:
                first = graph.input(op, 0) if op.outputs else None
                if first is not None:
                    missing.discard((op.custom_code or op.kind, first.dtype.label, graph.output(op).dtype.label))
    assert (sorted(unproven), sorted(m for m in missing if m[0] not in unproven)) == ([], [])
