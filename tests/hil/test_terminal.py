"""The report on the terminal: 80 columns, and readable without colour."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from tinykit.cli.output import console
from tinykit.hil.report import Report
from tinykit.hil.report.terminal import render_terminal

from .reports import failed, hostile

LONG = "functional_1/" + "a_very_long_scope/" * 20 + "name"


def printed(report: Report, *, terminal: bool = False, width: int = 80) -> str:
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=terminal, color_system="standard" if terminal else None).print(
        render_terminal(report)
    )
    return file.getvalue()


def longest(text: str) -> int:
    return max(len(line.rstrip()) for line in text.splitlines())


def large(report: Report) -> Report:
    """As long as the numbers of real models get on real boards."""
    layers = tuple(
        replace(layer, label=f"DEPTHWISE_CONV_2D {10 + layer.index}", macs=8_000_000, value=123_456_789)
        for layer in report.latency.layers
    )
    latency = replace(
        report.latency,
        unit="instructions",
        source="counted by the emulator (qemu-mps3-an547)",
        layers=layers,
        **{name: 1_234_567_890.0 for name in ("p50", "p95", "p99", "min", "max")},
    )
    memory = replace(
        report.memory, flash=1_234_567, flash_available=4_194_304, static_ram=987_654, ram_available=4_194_304,
        stack=12_345, stack_reserved=16_384,
    )  # fmt: skip
    return replace(report, latency=latency, memory=memory, board="qemu-mps3-an547")


def test_says_what_was_found(native_report: Report) -> None:
    text = printed(native_report)
    assert text.startswith(f"digits on native  (aot, build {native_report.build.id[:12]})")
    assert "PASS identity: 100 of 100 outputs identical to" in text
    assert "SKIP baseline" in text
    assert "result: pass" in text
    for layer in native_report.latency.layers:
        assert layer.label in text


def test_says_what_is_wrong(native_report: Report) -> None:
    text = printed(failed(native_report))
    assert "FAIL identity" in text
    assert "FAIL baseline: flash grew by 9 %" in text
    assert "outputs that differ" in text
    assert re.search(r"^ *3 +0 +4 +-7 +9 *$", text, re.MULTILINE)
    assert "result: fail" in text


def test_fits_80_columns(native_report: Report) -> None:
    for report in (native_report, failed(native_report), large(native_report)):
        assert longest(printed(report)) <= 80
        assert "…" not in printed(report)  # nothing was cut off


def test_long_names_are_wrapped(native_report: Report) -> None:
    report = replace(native_report, model=replace(native_report.model, name=LONG), notes=(LONG,))
    text = printed(report)
    assert longest(text) <= 80
    assert text.replace("\n", "").count(LONG) == 2


@pytest.mark.parametrize("width", [40, 20])
def test_narrow_windows_are_kept(native_report: Report, width: int) -> None:
    assert longest(printed(large(native_report), width=width)) <= width


def test_colour_on_a_terminal_only(native_report: Report) -> None:
    assert "\x1b[" not in printed(failed(native_report))
    assert "\x1b[" in printed(failed(native_report), terminal=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed(native_report, terminal=True))
    assert plain == printed(native_report)


def test_the_command_prints_no_colour_into_a_pipe(native_report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    console().print(render_terminal(native_report))
    assert "\x1b" not in capsys.readouterr().out


def test_names_are_no_markup_and_no_control_codes(native_report: Report) -> None:
    named = replace(native_report.model, name="[red]a[/red][/]")
    assert "[red]a[/red][/]" in printed(replace(native_report, model=named))
    layer = replace(native_report.latency.layers[0], label="[b]conv[/b]")
    assert "[b]conv[/b]" in printed(replace(native_report, latency=replace(native_report.latency, layers=(layer,))))
    assert "\x1b" not in printed(hostile(native_report))
    assert "<script>" in printed(hostile(native_report))
