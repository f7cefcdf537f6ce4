"""Every operator and type gives what TFLite-Micro gives, on random models; and none is without such a proof."""

from __future__ import annotations

import math

import pytest

from proof.case import proofs
from proof.prove import draw, prove, prove_together, report
from support.machines import need_machine
from support.seeds import SHARE
from tinykit.compiler.kernels import REGISTRY
from tinykit.graph.reader import parse_model

WANTED = math.ceil(200 * SHARE)
WANTED_ON_MACHINE = math.ceil(20 * SHARE)
PAIRS = sorted(proofs())
GROUPS = 16


@pytest.mark.parametrize(("kind", "label"), PAIRS)
def test_native(kind: str, label: str) -> None:
    wrong = report(kind, label, prove(proofs()[kind, label], kind, label, WANTED), WANTED)
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["m4", "rv32"])
@pytest.mark.parametrize("group", range(GROUPS))
def test_on_a_machine(group: int, machine: str) -> None:
    """Many at a time: what takes long there is to compile and to link."""
    generators = {pair: proofs()[pair] for pair in PAIRS[group::GROUPS]}
    tallies = prove_together(generators, WANTED_ON_MACHINE, need_machine(machine))
    wrong = [text for pair, tally in tallies.items() for text in report(*pair, tally, WANTED_ON_MACHINE, machine)]
    assert not wrong, "\n".join(wrong)


def test_every_operator_and_pair_of_types_is_among_the_cases() -> None:
    """The types of first input and output of all that is registered, in graphs that the generators make."""
    missing = {(kind, a.label, b.label) for kind, operator in REGISTRY.items() for a, b in operator.types}
    unproven = set(REGISTRY) - {kind for kind, _ in PAIRS}
    for kind, label in PAIRS:
        for seed in range(15):
            drawn = draw(proofs()[kind, label], kind, label, seed)
            graph = parse_model(drawn.tflite, name="model", where="model")
            for op in graph.ops:
                operator = REGISTRY.get(op.custom_code or op.kind)
                first = graph.input(op, operator.works_on) if operator and op.outputs else None
                if first is not None:
                    missing.discard((op.custom_code or op.kind, first.dtype.label, graph.output(op).dtype.label))
    assert (sorted(unproven), sorted(m for m in missing if m[0] not in unproven)) == ([], [])
