"""Every operator and type gives what TFLite-Micro gives, on random models; and none is without such a proof."""

from __future__ import annotations

import math

import pytest

from proof.case import proofs
from proof.prove import prove, report
from support.machines import need_machine
from support.seeds import SHARE

WANTED = math.ceil(200 * SHARE)
WANTED_ON_MACHINE = math.ceil(20 * SHARE)
PAIRS = sorted(proofs())


@pytest.mark.parametrize(("kind", "label"), PAIRS)
def test_native(kind: str, label: str) -> None:
    wrong = report(kind, label, prove(proofs()[kind, label], kind, label, WANTED), WANTED)
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["m4", "rv32"])
@pytest.mark.parametrize(("kind", "label"), PAIRS)
def test_on_a_machine(kind: str, label: str, machine: str) -> None:
    tally = prove(proofs()[kind, label], kind, label, WANTED_ON_MACHINE, need_machine(machine))
    wrong = report(kind, label, tally, WANTED_ON_MACHINE, machine)
    assert not wrong, "\n".join(wrong)
