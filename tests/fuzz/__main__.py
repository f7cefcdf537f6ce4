"""python -m fuzz --seconds 3600: both fuzzers at the same time; what they find is in build/fuzz.

A finding that is mended is kept for good as a model in tests/fuzz/findings, where a test tries it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

from fuzz.corpus import write_corpus

FOLDER = Path("build/fuzz")
MOST_FINDINGS = 20
"""After which the compiler's fuzzer is not begun again: it finds the same over and over."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Run the fuzzers for a time.")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    end = time.monotonic() + arguments.seconds
    graphs = subprocess.Popen(
        _python("fuzz.differential", f"--seconds={arguments.seconds}", f"--findings={folder / 'graphs'}")
    )
    try:
        found = _fuzz_compiler(folder, end)
        graphs.wait()
    finally:
        graphs.terminate()
        graphs.wait()
    print(f"{found} findings of the compiler's fuzzer, graphs {'differ' if graphs.returncode else 'do not differ'}")
    return bool(found or graphs.returncode)


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _fuzz_compiler(folder: Path, end: float) -> int:
    """Begins again after each finding; says how many there are."""
    print(f"{write_corpus(folder / 'corpus')} models to begin with", flush=True)
    found = 0
    while (left := int(end - time.monotonic())) > 0 and found < MOST_FINDINGS:
        fuzzer = subprocess.Popen(
            _python("fuzz.compiler", str(folder / "corpus"), f"--seconds={left}", f"--findings={folder / 'compiler'}"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            assert fuzzer.stdout is not None
            for line in fuzzer.stdout:
                if not re.match(r"INFO: Instrumenting|WARNING: Failed to find", line):
                    print(line, end="", flush=True)
            fuzzer.wait()
        finally:
            fuzzer.kill()
            fuzzer.wait()
        if fuzzer.returncode == 0:
            break
        found += 1
    return found


if __name__ == "__main__":
    sys.exit(main())
