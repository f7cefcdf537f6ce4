"""Programs run to their end, line by line."""

from __future__ import annotations

import sys

from tinykit.process import run_lines


def run(code: str, timeout: float = 20.0) -> tuple[int | None, list[str]]:
    said: list[str] = []
    return run_lines([sys.executable, "-c", code], said.append, timeout=timeout), said


def test_lines_and_exit_status() -> None:
    assert run("import sys; print('one'); print('two', end='', file=sys.stderr); sys.exit(3)") == (3, ["one\n", "two"])


def test_a_line_that_does_not_end_comes_in_pieces() -> None:
    status, said = run("import sys\nfor _ in range(5): sys.stdout.write('x' * (1 << 20))")
    assert status == 0
    assert "".join(said) == "x" * (5 << 20)
    assert max(map(len, said)) <= (1 << 20) + 65536


def test_one_that_takes_too_long() -> None:
    status, said = run("import time; print('begins', flush=True); time.sleep(60)", timeout=2.0)
    assert status is None
    assert said == ["begins\n", "stopped after 2 s\n"]
