"""Engine tflm in an interpreter that somebody else built of TFLite-Micro: the one in the Python package xmos-ai-tools.

The package has TFLite-Micro's own headers and, for x86-64, a library with interpreter and reference kernels, all in a
namespace of another name. So this proves the generated C++, and how it drives the real interpreter; it does not prove
that the right sources of a checkout are chosen and built.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.firmware.tflm.operators import registrations
from tinykit.graph.reader import read_model
from tinykit.hil.engines import run_engines
from tinykit.hil.run import RunOptions

pytestmark = pytest.mark.slow

GEMMLOWP = Path("/usr/include/gemmlowp")
"""Where Debian's libgemmlowp-dev puts it; some of TFLite-Micro's headers include it."""


@pytest.fixture
def package() -> Path:
    pytest.importorskip("tflite_micro", reason="the package tflite-micro is not installed")
    found = importlib.util.find_spec("xmos_ai_tools")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the package xmos-ai-tools is not installed (pip install --no-deps xmos-ai-tools==1.4.2)")
    if not GEMMLOWP.is_dir():
        pytest.skip("libgemmlowp-dev is not installed")
    return Path(found.submodule_search_locations[0])


def _tree(package: Path, model: Path, folder: Path) -> Path:
    """The headers as a tree of TFLite-Micro. Sources that only say what the library defines stand for the kernels."""
    include = package / "runtime" / "include"
    for header in [*(include / "tensorflow").rglob("*.h"), *(include / "signal").rglob("*.h")]:
        copy = folder / header.relative_to(include)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(header.read_bytes())
    (folder / "third_party" / "flatbuffers" / "include").mkdir(parents=True)
    (folder / "third_party" / "flatbuffers" / "include" / "flatbuffers").symlink_to(include / "flatbuffers")
    (folder / "third_party" / "gemmlowp").symlink_to(GEMMLOWP)
    ruy = folder / "third_party" / "ruy" / "ruy" / "profiler" / "instrumentation.h"  # only kernels need it
    ruy.parent.mkdir(parents=True)
    ruy.write_text("")
    kernels = folder / "tensorflow" / "lite" / "micro" / "kernels"
    for operator in registrations(read_model(model), str(model)):
        text = f"#if 0\nTFLMRegistration {operator.function}() {{\n#endif\n"
        (kernels / f"{operator.function.lower()}.cc").write_text(text)
    return folder


@pytest.mark.parametrize("name", ["kws_ref_model", "ad01_int8", "pretrainedResnet_quant"])
def test_a_real_interpreter_runs_it(
    name: str, package: Path, tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = shared / "models" / "mlperf_tiny" / f"{name}.tflite"
    library = package / "xinterpreters" / "libs" / "linux" / "xtflm_python.so"
    text = load_board("native").path.read_text()  # type: ignore[union-attr]
    board = tmp_path / "here.toml"
    libs = f'libs = ["{library}", "-Wl,-rpath,{library.parent}", "-lm"]'
    lines = [line for line in text.replace('name = "native"', 'name = "here"').splitlines() if "libs = " not in line]
    board.write_text("\n".join(line + (f"\n{libs}" if line == "[toolchain]" else "") for line in lines))
    monkeypatch.setenv("CXX", "c++ -Dtflite=tflite_micro")
    # The library is built without TF_LITE_STATIC_MEMORY, and so has other structures than firmware.
    monkeypatch.setattr("tinykit.firmware.tflm.project._DEFINES", ("TF_LITE_DISABLE_X86_NEON", "NDEBUG"))
    tree = _tree(package, model, tmp_path / "tree")
    options = RunOptions(tflm_path=tree, limit=10)
    comparison = run_engines(model, str(board), ("aot", "tflm"), options, out_dir=tmp_path / "out")
    aot, tflm = comparison.reports
    assert (aot.engine, tflm.engine) == ("aot", "tflm")
    assert aot.accuracy.identical == tflm.accuracy.identical == 10
    # what timing takes is taken off each layer, and a RESHAPE takes little else
    assert all(layer.value + tflm.latency.layer_overhead > 0 for layer in tflm.latency.layers)
    assert len(tflm.latency.layers) == len(read_model(model).ops)
    assert "warning" not in (tmp_path / "out" / "tflm" / "firmware" / "build" / "build.log").read_text()
