"""python -m fuzz.compiler CORPUS --seconds 3600: any bytes through reader, compiler and emitter, guided by coverage.

They compile, or end in one of tinykit's errors, within 10 s and 2 GB. What ends in another way is written to a file,
whose name begins with crash-, timeout- or oom-, and ends the fuzzer: ``python -m fuzz`` begins it again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["tinykit"]):
    from tinykit.compiler import Target, compile_graph
    from tinykit.compiler.emit import render_model
    from tinykit.errors import TinykitError
    from tinykit.graph.reader import parse_model

from fuzz.mutate import mutated

SECONDS_PER_INPUT = 10
MEGABYTES = 2048
_TARGETS = (Target(), Target("cortex-m4", frozenset({"dsp", "fpu"})), Target("rv32imc"))


def try_one(data: bytes) -> None:
    """Reads and compiles; what tinykit says of a bad model is no finding."""
    try:
        graph = parse_model(data, name="model", where="model")
        compiled = compile_graph(graph, _TARGETS[len(data) // 4 % len(_TARGETS)])
    except TinykitError:
        return
    if sum(compiled.constant_bytes().values()) < 100_000:
        render_model(compiled)


def _mutate(data: bytes, largest: int, seed: int) -> bytes:
    """Three times in four as a table; else, and if it is none, as bytes."""
    rng = np.random.default_rng(seed)
    changed = mutated(data, rng) if rng.random() < 0.75 else None
    if changed is None or len(changed) > largest:
        return atheris.Mutate(data, largest)
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fuzz.compiler", description="Fuzz reader and compiler.")
    parser.add_argument("corpus", type=Path, help="grows by what reaches new code")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz/compiler"))
    parser.add_argument("--seed", type=int, default=0, help="0 is a random one")
    arguments = parser.parse_args()
    arguments.findings.mkdir(parents=True, exist_ok=True)
    options = {
        "max_total_time": arguments.seconds,
        "timeout": SECONDS_PER_INPUT,
        "rss_limit_mb": MEGABYTES,
        "max_len": 1 << 16,
        "artifact_prefix": f"{arguments.findings}/",
        "seed": arguments.seed,
    }
    flags = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], str(arguments.corpus), *flags], try_one, custom_mutator=_mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
