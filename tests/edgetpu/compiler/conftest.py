"""The test double in the compiler's place."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.edgetpu_compiler_double import Double, Plan, install
from tinykit.edgetpu.compiler.locate import VARIABLE

Arrange = Callable[[Plan], Double]


@pytest.fixture
def arrange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arrange:
    """Puts the double on PATH."""
    if sys.platform == "win32":
        pytest.skip("the double is a script with a shebang")
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)

    def put(plan: Plan) -> Double:
        return install(tmp_path / "bin", plan)

    return put
