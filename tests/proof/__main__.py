"""python -m proof KIND LABEL [--seed N] [--machine m4]: proves an operator, or does one case of it again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from proof.case import proofs
from proof.prove import Tally, draw, judge, prove, report
from support.machines import MACHINES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m proof", description="Prove an operator against TFLite-Micro.")
    parser.add_argument("kind", help="an operator, such as CONV_2D")
    parser.add_argument("label", nargs="?", help="one of its labels; all of them by default")
    parser.add_argument("--seed", type=int, help="only this case")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--machine", choices=["native", *MACHINES], default="native")
    parser.add_argument("--save", type=Path, help="write the model of --seed to this file")
    arguments = parser.parse_args()
    labels = [label for kind, label in proofs() if kind == arguments.kind and arguments.label in (None, label)]
    if not labels:
        parser.error(f"no generator for {arguments.kind} {arguments.label or ''}; there are those of {_known()}")
    machine = MACHINES.get(arguments.machine)
    wrong = []
    for label in labels:
        make = proofs()[arguments.kind, label]
        wanted = arguments.cases
        if arguments.seed is None:
            tally = prove(make, arguments.kind, label, wanted, machine)
        else:
            tally, wanted = Tally(drawn=1), 0
            drawn = draw(make, arguments.kind, label, arguments.seed)
            if arguments.save:
                arguments.save.write_bytes(drawn.tflite)
            judge([(drawn, tally)], machine)
        print(f"{arguments.kind} {label}: {tally.summary()}", flush=True)
        wrong += report(arguments.kind, label, tally, wanted, arguments.machine)
    print("\n\n".join(wrong))
    return bool(wrong)


def _known() -> str:
    return ", ".join(sorted({kind for kind, _ in proofs()}))


if __name__ == "__main__":
    sys.exit(main())
