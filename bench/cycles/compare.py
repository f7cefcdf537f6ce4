"""Estimated cycles beside published results: what the bands of tinykit/cycles rest on.

    python bench/cycles/compare.py            # trace the reference models, write record.json, print the tables

Each model is built and traced for each core. The cycles of another engine are taken as its instructions (counted in
QEMU, published.json) times the cycles per instruction that the same model takes with tinykit's kernels, plus the
flash's wait states. Takes about two minutes.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from tinykit.board import load_board
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.graph.reader import read_model
from tinykit.hil.dataset import generated_dataset
from tinykit.hil.estimate import estimate_cycles

HERE = Path(__file__).resolve().parent
MODELS = ("ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8")
RUNS = {
    "cortex-m0plus": (str(HERE.parent / "boards" / "m0plus-on-an386.toml"),) * 2,
    "cortex-m4": ("qemu-mps2-an386", "nucleo-l4r5zi"),
    "cortex-m7": ("qemu-mps2-an500", "nucleo-f767zi"),
    "ibex": ("qemu-riscv32", "qemu-riscv32"),
}
"""By core: the board that runs the code, and the one whose clocks and flash are taken."""


def main() -> None:
    """Measure, record, print."""
    folder = Path(os.environ.get("TINYKIT_SHARED", HERE.parents[2] / "shared")) / "models" / "mlperf_tiny"
    traces: dict[str, dict[str, Any]] = {
        core: {m: trace(core, folder / f"{m}.tflite") for m in MODELS} for core in RUNS
    }
    published = json.loads((HERE / "published.json").read_text())
    record = {"traces": traces, "compared": compare(traces, published)}
    (HERE / "record.json").write_text(json.dumps(record, indent=1) + "\n")
    for name, factors in record["compared"].items():
        print(f"{name}: " + ", ".join(f"{model} {factor:.2f}" for model, factor in factors.items()))


def trace(core: str, model: Path) -> dict[str, float]:
    """Instructions, core cycles and the stalls at the highest clock of one inference."""
    runs_on, target = (load_board(name) for name in RUNS[core])
    graph = read_model(model)
    with tempfile.TemporaryDirectory() as folder:
        image = build_model(model, runs_on, Path(folder) / "firmware", BuildOptions(optimize="balanced"))
        estimate = estimate_cycles(image, target, generated_dataset(graph, 1).sample(0), 0)
    last = estimate.points[-1]
    print(core, model.stem, estimate.instructions, last.cycles)
    return {"instructions": estimate.instructions, "core_cycles": last.cycles - last.stalls, "stalls": last.stalls}


def compare(traces: dict[str, dict[str, Any]], published: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Published / estimated, by core and model.

    Cortex-M4: microTVM with CMSIS-NN beside TFLite-Micro with CMSIS-NN. Cortex-M7: what ST's engine gains on that core
    beside what the models say our kernels gain. Cortex-M0+: another engine, for plausibility only.
    """
    m4, st_m4, st_m7, bosch = published["published"]

    def cycles(row: dict[str, Any], model: str) -> float:
        return float(row["ms"][model]) / 1000 * float(row["hz"])

    def ours(core: str, model: str) -> float:
        return float(traces[core][model]["core_cycles"] + traces[core][model]["stalls"])

    def other(core: str, model: str) -> float:
        of = traces[core][model]
        rate = of["core_cycles"] / of["instructions"]
        return float(published["instructions"][core][model] * rate + of["stalls"])

    return {
        "cortex-m4": {m: cycles(m4, m) / other("cortex-m4", m) for m in MODELS},
        "cortex-m7 / cortex-m4": {
            m: cycles(st_m7, m) / cycles(st_m4, m) / (ours("cortex-m7", m) / ours("cortex-m4", m)) for m in MODELS
        },
        "cortex-m0plus, another engine": {m: cycles(bosch, m) / other("cortex-m0plus", m) for m in MODELS},
    }


if __name__ == "__main__":
    main()
