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
from tinykit.cycles.cores import CORES
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
    print("\n".join(table(traces, published)))


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


CLOCKS = {
    "cortex-m4": ("NUCLEO-L4R5ZI, Cortex-M4, 120 MHz", 120e6),
    "cortex-m7": ("NUCLEO-F767ZI, Cortex-M7, 216 MHz", 216e6),
    "cortex-m0plus": ("Cortex-M0+ without wait states, a clock of 64 MHz", 64e6),
    "ibex": ("Ibex, a clock of 100 MHz", 100e6),
}


def table(traces: dict[str, dict[str, Any]], published: dict[str, Any]) -> list[str]:
    """Lines of a Markdown table: estimated milliseconds by core and model, with their bands."""
    lines = ["| ms, estimated | engine | ad01 | kws | ic01 | vww |", "|---|---|---|---|---|---|"]
    for core, (title, hz) in CLOCKS.items():
        band = CORES[core].band
        for engine in ("tinykit", "ESP-NN" if core == "ibex" else "CMSIS-NN"):
            cells = []
            for model in MODELS:
                cycles = ours(traces, core, model) if engine == "tinykit" else other(traces, published, core, model)
                ms = 1000 * cycles / hz
                cells.append(f"{_short(ms)} ({_short(ms * band.low)} to {_short(ms * band.high)})")
            name = engine if engine == "tinykit" else f"TFLite-Micro + {engine}"
            lines.append(f"| {title} | {name} | {' | '.join(cells)} |")
    return lines


def _short(value: float) -> str:
    """Three digits."""
    return f"{float(f'{value:.3g}'):,g}"


def ours(traces: dict[str, dict[str, Any]], core: str, model: str) -> float:
    """Cycles of tinykit's kernels."""
    return float(traces[core][model]["core_cycles"] + traces[core][model]["stalls"])


def other(traces: dict[str, dict[str, Any]], published: dict[str, Any], core: str, model: str) -> float:
    """Cycles of the other engine: its instructions, at the rate of tinykit's for this model."""
    of = traces[core][model]
    rate = of["core_cycles"] / of["instructions"]
    return float(published["instructions"][core][model] * rate + of["stalls"])


def compare(traces: dict[str, dict[str, Any]], published: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Published / estimated, by core and model.

    Cortex-M4: microTVM with CMSIS-NN beside TFLite-Micro with CMSIS-NN. Cortex-M7: what ST's engine gains on that core
    beside what the models say our kernels gain. Cortex-M0+: another engine, for plausibility only.
    """
    m4, st_m4, st_m7, bosch = published["published"]

    def cycles(row: dict[str, Any], model: str) -> float:
        return float(row["ms"][model]) / 1000 * float(row["hz"])

    def gain(model: str) -> float:
        return ours(traces, "cortex-m7", model) / ours(traces, "cortex-m4", model)

    return {
        "cortex-m4": {m: cycles(m4, m) / other(traces, published, "cortex-m4", m) for m in MODELS},
        "cortex-m7 / cortex-m4": {m: cycles(st_m7, m) / cycles(st_m4, m) / gain(m) for m in MODELS},
        "cortex-m0plus, another engine": {
            m: cycles(bosch, m) / other(traces, published, "cortex-m0plus", m) for m in MODELS
        },
    }


if __name__ == "__main__":
    main()
