"""A folder that looks like a checkout of coralmicro: support/coralmicro, and support/tflm as its TFLite-Micro."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.probe import need_tools
from tinykit.board import load_board
from tinykit.errors import ToolMissing
from tinykit.firmware.tflm.cxx import find_cxx

HERE = Path(__file__).resolve().parent


def make_checkout(folder: Path, *, of_2022: bool = False) -> Path:
    """Copy it into ``folder``.

    Args:
        of_2022: its TFLite-Micro as coralmicro has it, whose interpreter wants to be given an error reporter.
    """
    root = folder / "coralmicro"
    shutil.copytree(HERE / "coralmicro", root)
    tflm = root / "third_party" / "tflite-micro"
    shutil.copytree(HERE / "tflm", tflm)
    if of_2022:
        micro = tflm / "tensorflow" / "lite" / "micro"
        (micro / "micro_error_reporter.h").write_text(
            "#pragma once\nnamespace tflite {\nclass ErrorReporter {};\n"
            "class MicroErrorReporter : public ErrorReporter {};\n}  // namespace tflite\n"
        )
        for name, default in (("micro_interpreter.h", " = nullptr"), ("micro_interpreter.cc", "")):
            text = (micro / name).read_text()
            assert "size_t tensor_arena_size," in text
            text = text.replace("size_t tensor_arena_size,", f"size_t tensor_arena_size, ErrorReporter *{default},")
            text = text.replace("namespace tflite {", "namespace tflite {\nclass ErrorReporter;", 1)
            (micro / name).write_text(text)
    return root


def need_coralmicro_tools() -> None:
    """Skip without CMake, the compiler or its C++ library."""
    need_tools("coral-micro")
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    try:
        find_cxx(load_board("coral-micro"))
    except ToolMissing as error:
        pytest.skip(f"{error.what} ({error.hint})")
