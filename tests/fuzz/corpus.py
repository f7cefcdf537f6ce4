"""What fuzzing begins with: the models of this repository, and of each generator of proofs a small one."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from proof.case import proofs
from proof.prove import draw

ROOT = Path(__file__).resolve().parents[2]
_LARGEST = 20_000
"""Bytes; what is larger is slow to try, and has nothing that smaller models do not have."""


def write_corpus(folder: Path, seeds: int = 1, drawn: int = 3) -> int:
    """Write models into a folder; says how many.

    Args:
        seeds: of each generator, the smallest of ``drawn``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    models = [path.read_bytes() for path in sorted(ROOT.glob("models/**/*.tflite"))]
    models += [path.read_bytes() for path in sorted((ROOT / "tests" / "fuzz" / "findings").glob("*.tflite"))]
    for (kind, label), make in proofs().items():
        found = [draw(make, kind, label, seed).tflite for seed in range(drawn)]
        models += sorted(found, key=len)[:seeds]
    small = {model for model in models if len(model) <= _LARGEST}
    for model in small:
        (folder / hashlib.sha256(model).hexdigest()[:20]).write_bytes(model)
    return len(small)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m fuzz.corpus", description="Write the corpus.")
    parser.add_argument("folder", type=Path)
    print(f"{write_corpus(parser.parse_args().folder)} models")
