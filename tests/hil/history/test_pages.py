"""Pages of a history and of a bench: complete, safe with any name, and quiet in a browser without a network."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from support.chromium import show
from tinykit.errors import DeviceDied
from tinykit.hil.history import History, Origin
from tinykit.hil.history.dashboard import page_name, write_dashboard
from tinykit.hil.history.html import write_history
from tinykit.hil.history.regression import findings_of
from tinykit.hil.history.report import Found, to_json
from tinykit.hil.history.series import series_of
from tinykit.hil.report import Report

from ..reports import HOSTILE
from ..test_report_html import Page
from .runs import BEGIN, keep, variant


def found(history: History) -> Found:
    return [(series, findings_of(series, 5.0, history)) for series in series_of(history.runs())]


@pytest.fixture
def bench(history: History, native_report: Report) -> History:
    """Two models on two boards: one with a regression and changed outputs, one died, one was never run."""
    keep(history, [variant(native_report, build=b, p50=p, layers={2: p / 4}, outputs=o * 64, crcs={3: o * 8})
                   for b, p, o in (("a", 100, "1"), ("a", 102, "1"), ("b", 108, "1"), ("c", 200, "2"))])  # fmt: skip
    history.add(variant(native_report, board="pico", build="a"), Origin(), place="desk-2", at=BEGIN)
    history.add_failure(DeviceDied("it died"), "kws", "native", Origin(), at=BEGIN)
    return history


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_the_dashboard_has_every_model_and_board(bench: History, tmp_path: Path) -> None:
    index = write_dashboard(found(bench), tmp_path / "out", "h.db", 5.0)
    page = Page(index.read_text())
    text = " ".join(page.text.split())
    assert [path.name for path in pages(tmp_path / "out")] == [
        "index.html",
        *sorted(Path(page_name(series)).name for series, _ in found(bench)),
    ]
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert {tmp_path / "out" / str(link) for link in links} == set(pages(tmp_path / "out")) - {index}
    assert "2 of 3" in text
    assert "0 failed, 1 not finished" in text
    for words in ("desk-2", "200 instructions", "latency 85.2 % worse and 1 more", "outputs changed; the first layer"):
        assert words in text
    assert text.count("–") == 1  # kws was never run on desk-2


def test_a_page_has_every_figure_and_what_got_worse(bench: History, native_report: Report, tmp_path: Path) -> None:
    write_history(found(bench)[1:2], tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    page = Page(text)
    captions = re.findall(r"<figcaption>(.*?) <span", text)
    assert captions == ["latency (median)", "flash", "arena", "static RAM", "accuracy"]  # no stack on this computer
    assert text.count('<circle class="dot pass') == 4 * 5
    assert len(re.findall(r'<circle class="dot pass worse"', text)) == 2
    layers = native_report.latency.layers
    words = " ".join(page.text.split())
    assert f"outputs changed; the first layer that differs is {layers[3].label}" in words
    row = "".join(f'<td class="num">{cell}</td>' for cell in ("27", "50", "+85.19 %"))
    assert f"<td>{layers[2].label}</td>{row}" in text
    assert "what got worse" in words.lower()


def test_figures_can_be_chosen(bench: History, tmp_path: Path) -> None:
    write_history(found(bench), tmp_path / "page.html", ["flash"])
    assert set(re.findall(r"<figcaption>(.*?) <span", (tmp_path / "page.html").read_text())) == {"flash"}


def test_pages_need_nothing_else(bench: History, tmp_path: Path) -> None:
    write_dashboard(found(bench), tmp_path, "h.db", 5.0)
    for path in pages(tmp_path):
        text = path.read_text()
        page = Page(text)
        assert not {"script", "iframe", "img", "object", "embed", "base", "form"} & {tag for tag, _ in page.tags}
        loads = [
            v for tag, a in page.tags if tag != "a" for n in ("src", "href", "srcset") if (v := a.get(n)) is not None
        ]
        assert loads == ["data:,"]
        assert not re.search(r"@import|url\(|https?://|\bon\w+=", text)


def test_hostile_names_are_text(history: History, native_report: Report, tmp_path: Path) -> None:
    for build, p50 in (("a", 100), ("b", 200)):
        report = variant(native_report, build=build, p50=p50, model=HOSTILE, layers={1: p50})
        layers = tuple(replace(layer, label=HOSTILE) for layer in report.latency.layers)
        report = replace(report, latency=replace(report.latency, layers=layers, source=HOSTILE), failures=(HOSTILE,))
        history.add(replace(report, board=HOSTILE), Origin(), place="../../" + HOSTILE, at=BEGIN)
    write_dashboard(found(history), tmp_path / "out", HOSTILE, 5.0)
    assert len(pages(tmp_path)) == len(pages(tmp_path / "out")) == 2
    for path in pages(tmp_path):
        assert "<script" not in path.read_text()
        assert "{{ 7 * 7 }}" in Page(path.read_text()).text
    to_json("x", found(history))


def test_pages_of_nothing(history: History, tmp_path: Path) -> None:
    write_dashboard([], tmp_path, "h.db", 5.0)
    assert "No runs yet" in (tmp_path / "index.html").read_text()
    write_history([], tmp_path / "page.html")
    assert "No runs" in (tmp_path / "page.html").read_text()


@pytest.mark.slow
def test_many_runs_are_cut_and_that_is_said(history: History, native_report: Report, tmp_path: Path) -> None:
    keep(history, [variant(native_report, p50=p) for p in range(1, 251)])
    write_history(found(history), tmp_path / "page.html", ["latency"])
    text = (tmp_path / "page.html").read_text()
    assert text.count("<circle") == 200
    assert "50 earlier runs are not shown" in text
    assert "200 earlier runs are not listed" in text


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_pages_are_quiet_in_a_browser(bench: History, tmp_path: Path, dark: bool) -> None:
    write_dashboard(found(bench), tmp_path / "out", "h.db", 5.0)
    for path in pages(tmp_path / "out"):
        shown = show(path, dark=dark)
        assert shown.console == ()
        assert "</html>" in shown.dom
    loud = tmp_path / "loud.html"
    loud.write_text("<html><body><script>console.error('this is loud')</script></body></html>")
    assert any("this is loud" in line for line in show(loud).console)
