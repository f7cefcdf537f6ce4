"""Reports that no run gives at will."""

from __future__ import annotations

from dataclasses import replace

from tinykit.hil.report import Mismatch, Report
from tinykit.hil.report.estimated import Estimate, EstimatedPoint, EstimatedShare
from tinykit.hil.report.used_energy import Battery, Energy

HOSTILE = "<script>alert('1')</script>&\"\x00\x1b[31m\udcff\ufffe]]>{{ 7 * 7 }}"


def hostile(report: Report) -> Report:
    """The report of somebody who chose every name in it."""
    memory = replace(report.memory, buffers=tuple(replace(b, name=HOSTILE) for b in report.memory.buffers))
    layers = tuple(replace(layer, label=HOSTILE, kernel=HOSTILE) for layer in report.latency.layers)
    return replace(
        report,
        model=replace(report.model, name=HOSTILE),
        memory=memory,
        latency=replace(report.latency, layers=layers),
        accuracy=replace(report.accuracy, data=HOSTILE),
        notes=(HOSTILE,),
        estimate=estimated(),
        energy=powered(),
    )


def estimated(name: str = HOSTILE) -> Estimate:
    share = EstimatedShare("alu", 100, 100.0)
    return Estimate(
        unit="cycles (estimated)",
        board="nucleo-l4r5zi",
        core="Arm Cortex-M4",
        sources=("a manual",),
        basis="a comparison",
        compared=True,
        instructions=100,
        points=(EstimatedPoint(4_000_000, 0, 0.0, 100.0, 95.0, 110.0, 0.025, 0.02375, 0.0275),),
        kinds=(share,),
        functions=(replace(share, name=name),),
    )


def powered(name: str = HOSTILE) -> Energy:
    battery = Battery(220.0, 3.0, 10.0, 4000.0)
    return Energy(True, name, "time", 30, 1e-4, 1e-2, 1e-3, 0.01, 1000, battery)


def failed(report: Report) -> Report:
    accuracy = replace(report.accuracy, identical=98, mismatches=2, examples=(Mismatch(3, 0, 4, -7.0, 9.0),))
    baseline = {"file": "old.json", "max_regress": 5.0, "build_id": "0", "regressions": ["flash grew by 9 %"]}
    return replace(report, accuracy=accuracy, baseline=baseline, failures=("2 of 100 differ", "flash grew by 9 %"))
