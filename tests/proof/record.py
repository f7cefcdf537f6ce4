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
from proof.prove import Tally, compile_drawn, draw, prove, report
from support.machines import MACHINES
from tinykit.compiler import CompiledModel
from tinykit.compiler.kernels import REGISTRY
from tinykit.files import write_file

PATH = Path("bench") / "operators.json"
WANTED = {"native": 200, "m4": 20, "rv32": 20}
_ASKED_FOR_KERNELS = 40
"""Cases that are compiled for every core, to see which have kernels of their own for it."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m proof.record", description="Prove operators, and record it.")
    parser.add_argument("kinds", nargs="*", help="operators; all of them by default")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=PATH)
    arguments = parser.parse_args()
    unknown = set(arguments.kinds) - {kind for kind, _ in proofs()}
    if unknown:
        parser.error(f"no generator for {', '.join(sorted(unknown))}")
    pairs = [pair for pair in proofs() if not arguments.kinds or pair[0] in arguments.kinds]
    kept = json.loads(arguments.out.read_text())["operators"] if arguments.kinds and arguments.out.exists() else {}
    operators = {kind: entry for kind, entry in kept.items() if kind not in {k for k, _ in pairs}}
    wrong: list[str] = []
    begun = time.monotonic()
    with multiprocessing.Pool(arguments.jobs) as pool:
        for number, (pair, entry, problems) in enumerate(pool.imap_unordered(_prove, pairs), 1):
            kind, label = pair
            operators.setdefault(kind, {})[label] = entry
            wrong += problems
            spent = time.monotonic() - begun
            print(f"{number}/{len(pairs)} {spent:5.0f} s  {kind} {label}: {entry['native']['compared']} cases, "
                  f"{'WRONG' if problems else 'ok'}", flush=True)  # fmt: skip
    record = {
        "versions": {"tinykit": version("tinykit"), "tflite-micro": version("tflite-micro")},
        "operators": {kind: dict(sorted(operators[kind].items())) for kind in sorted(operators) if kind in REGISTRY},
    }
    write_file(arguments.out, json.dumps(record, indent=1, sort_keys=True) + "\n")
    print("\n\n".join(wrong))
    return bool(wrong)


def _prove(pair: tuple[str, str]) -> tuple[tuple[str, str], dict[str, Any], list[str]]:
    make = proofs()[pair]
    entry: dict[str, Any] = {"kernels": _kernels(*pair)}
    wrong: list[str] = []
    for name, wanted in WANTED.items():
        tally = prove(make, *pair, wanted, MACHINES.get(name))
        entry[name] = _figures(tally)
        wrong += report(*pair, tally, wanted, name)
    return pair, entry, wrong


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
