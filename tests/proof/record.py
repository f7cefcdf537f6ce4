"""The record of all proofs, bench/operators.json, which docs/operators.md is made of.

make proof                                            all operators, all cases (about an hour of one core)
PYTHONPATH=tests python -m proof.record ABS CONV_2D   these anew, the others stay as they are
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from proof.case import proofs
from proof.prove import Tally, compile_drawn, draw, prove_together, report
from support.machines import MACHINES
from tinykit.compiler import CompiledModel
from tinykit.compiler.kernels import REGISTRY
from tinykit.files import write_file

PATH = Path("bench") / "operators.json"
Pair = tuple[str, str]
WANTED = {"native": 200, "m4": 20, "rv32": 20}
_TOGETHER = 5
"""Proofs that are done at a time, in the same programs."""

_ASKED_FOR_KERNELS = 25
"""Cases that are compiled for every core, to see which have kernels of their own for it."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m proof.record", description="Prove operators, and record it.")
    parser.add_argument("kinds", nargs="*", help="operators; all of them by default")
    parser.add_argument("--missing", action="store_true", help="only what the record does not have, or has as wrong")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=PATH)
    arguments = parser.parse_args()
    unknown = set(arguments.kinds) - {kind for kind, _ in proofs()}
    if unknown:
        parser.error(f"no generator for {', '.join(sorted(unknown))}")
    pairs = [pair for pair in proofs() if not arguments.kinds or pair[0] in arguments.kinds]
    keeps = (arguments.kinds or arguments.missing) and arguments.out.exists()
    operators = json.loads(arguments.out.read_text())["operators"] if keeps else {}
    if arguments.missing:
        pairs = [pair for pair in pairs if not _is_proven(operators.get(pair[0], {}).get(pair[1]))]
    for kind in operators:  # labels that there are no longer
        operators[kind] = {label: entry for label, entry in operators[kind].items() if (kind, label) in proofs()}
    failed = False
    begun = time.monotonic()
    with multiprocessing.Pool(arguments.jobs) as pool:
        groups = [pairs[first : first + _TOGETHER] for first in range(0, len(pairs), _TOGETHER)]
        number = 0
        for group in pool.imap_unordered(_prove, groups):
            for (kind, label), entry, problems in group:
                operators.setdefault(kind, {})[label] = entry
                failed |= bool(problems)
                number += 1
                spent = time.monotonic() - begun
                verdict = "WRONG" if problems else "ok"
                print(f"{number}/{len(pairs)} {spent:5.0f} s  {kind} {label}: {entry['native']['compared']} {verdict}",
                      *(f"\n{problem}" for problem in problems), flush=True)  # fmt: skip
            _write(operators, arguments.out)
    return failed


def _is_proven(entry: dict[str, Any] | None) -> bool:
    return entry is not None and all(
        not entry[name]["wrong"] and entry[name]["compared"] + entry[name]["extensions"] >= wanted
        for name, wanted in WANTED.items()
    )


def _write(operators: dict[str, dict[str, Any]], path: Path) -> None:
    record = {
        "versions": {"tinykit": version("tinykit"), "tflite-micro": version("tflite-micro")},
        "operators": {kind: labels for kind, labels in operators.items() if kind in REGISTRY},
    }
    write_file(path, json.dumps(record, indent=1, sort_keys=True) + "\n")


def _prove(pairs: list[Pair]) -> list[tuple[Pair, dict[str, Any], list[str]]]:
    entries: dict[Pair, dict[str, Any]] = {pair: {"kernels": _kernels(*pair)} for pair in pairs}
    wrong: dict[Pair, list[str]] = {pair: [] for pair in pairs}
    for name, wanted in WANTED.items():
        generators = {pair: proofs()[pair] for pair in pairs}
        for pair, tally in prove_together(generators, wanted, MACHINES.get(name)).items():
            entries[pair][name] = _figures(tally)
            wrong[pair] += report(*pair, tally, wanted, name)
    return [(pair, entries[pair], wrong[pair]) for pair in pairs]


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "compared": tally.compared,
        "drawn": tally.drawn,
        "refused by both": tally.refused_by_both,
        "refused by tinykit": dict(sorted(tally.refused.items())),
        "extensions": tally.extensions,
        "wrong": len(tally.failures),
    }


def _kernels(kind: str, label: str) -> list[str]:
    """Kinds of cores that have a kernel of their own for the operator."""
    found: set[str] = set()
    for seed in range(_ASKED_FOR_KERNELS):
        drawn = draw(proofs()[kind, label], kind, label, seed)
        for machine in MACHINES.values():
            model = compile_drawn(drawn, machine.target, "speed")
            if isinstance(model, CompiledModel):
                own = (step for step in model.steps if kind in (step.op.kind, step.op.custom_code))
                found |= {call.variant for step in own for call in step.calls}
    return sorted(found - {"portable"})


if __name__ == "__main__":
    sys.exit(main())
