"""python -m fuzz.differential --seconds 3600: random graphs, compiled, against TFLite-Micro.

Graphs go on from ``--seed``, by default from a random one; each that is found is written to ``--findings``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from fuzz.graphs import random_graph
from proof.prove import Tally, draw, judge

KIND = "graph"
_BATCH = 40


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.differential", description="Random graphs.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz/graphs"))
    arguments = parser.parse_args()
    first = int(np.random.default_rng().integers(0, 2**40)) if arguments.seed is None else arguments.seed
    tally = Tally()
    end = time.monotonic() + arguments.seconds
    print(f"graphs from seed {first} on", flush=True)
    while time.monotonic() < end:
        cases = [draw(random_graph, KIND, "", first + tally.drawn + i) for i in range(_BATCH)]
        known = set(tally.failures)
        judge([(one, tally) for one in cases], strict=False)
        tally.drawn += _BATCH
        for drawn in cases:
            if drawn.seed in tally.failures and drawn.seed not in known:
                arguments.findings.mkdir(parents=True, exist_ok=True)
                path = arguments.findings / f"graph-{drawn.seed}.tflite"
                path.write_bytes(drawn.tflite)
                print(f"{path}: {tally.failures[drawn.seed][:1500]}", flush=True)
        print(f"{end - time.monotonic():6.0f} s left: {tally.summary()}", flush=True)
    return bool(tally.failures)


if __name__ == "__main__":
    sys.exit(main())
