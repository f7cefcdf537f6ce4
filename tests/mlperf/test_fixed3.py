"""Three decimals as the C library's printf writes them, without it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from support.native import SANITIZE, WARNINGS
from support.probe import need_tools
from tinykit.resources import data_dir

PROGRAM = """
#include "tk_port.h"
#include "tk_text.h"
#include <stdio.h>
void tk_port_write(const uint8_t *data, size_t n)
{
    (void)fwrite(data, 1, n, stdout);
}
int main(void)
{
    float value;
    while (fread(&value, sizeof value, 1, stdin) == 1) {
        tk_text_fixed3(value);
        tk_text_end();
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_tools("native")
    folder = tmp_path_factory.mktemp("fixed3")
    agent = data_dir("firmware_templates") / "agent"
    (folder / "main.c").write_text(PROGRAM)
    command = ["gcc", *WARNINGS, *SANITIZE, f"-I{agent}", f"-I{agent / 'mlperf'}"]
    command += [str(folder / "main.c"), str(agent / "mlperf" / "tk_text.c"), "-o", str(folder / "program")]
    subprocess.run(command, check=True, timeout=120)
    return folder / "program"


def printed(program: Path, values: np.ndarray) -> list[str]:
    done = subprocess.run([program], input=values.astype("<f4").tobytes(), capture_output=True, check=True, timeout=120)
    return done.stdout.decode().split("\r\n")[:-1]


def test_ties_go_to_the_even_digit(program: Path) -> None:
    # n / 256 ends in a half of a thousandth at each n = 16 mod 32; so do n / 16
    values = np.concatenate([np.arange(-512, 512) / 256, np.arange(-64, 64) / 16]).astype(np.float32)
    assert printed(program, values) == [f"{value:.3f}" for value in values]
    assert printed(program, np.array([0.0625, 0.1875], np.float32)) == ["0.062", "0.188"]


def test_the_ends_of_the_range(program: Path) -> None:
    values = np.array(
        [0.0, -0.0, 1e-45, -1e-45, 1.17549435e-38, 0.0005, 0.00049999997, 0.9995, 999.9995, 16777216.0, 3.4028235e38,
         -3.4028235e38, float("inf"), float("-inf"), float("nan")],
        np.float32,
    )  # fmt: skip
    assert printed(program, values) == [f"{value:.3f}" for value in values]


@pytest.mark.slow
def test_a_hundred_thousand_patterns_of_bits(program: Path) -> None:
    bits = np.random.default_rng(6).integers(0, 1 << 32, 100_000, dtype=np.uint32)
    values = bits.view(np.float32)
    values = values[np.isfinite(values)]
    near = (np.random.default_rng(7).normal(size=100_000) * 10).astype(np.float32)
    everything = np.concatenate([values, near])
    assert printed(program, everything) == [f"{value:.3f}" for value in everything.astype(np.float64)]
