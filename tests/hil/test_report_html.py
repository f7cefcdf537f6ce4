"""The HTML report: complete, self-contained, and safe with any name in it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tinykit.hil.report import Report
from tinykit.hil.report.html import render_html

from .reports import estimated, failed, hostile, powered


class Page(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_self_contained(native_report: Report) -> None:
    for report in (native_report, failed(native_report)):
        text = render_html(report)
        page = Page(text)
        assert not {"script", "iframe", "img", "object", "embed", "base", "form", "a"} & {tag for tag, _ in page.tags}
        loads = [value for _, attributes in page.tags for name in ("src", "href", "xlink:href", "srcset", "action")
                 if (value := attributes.get(name)) is not None]  # fmt: skip
        assert loads == ["data:,"]
        assert not re.search(r"@import|url\(|https?://|\bon\w+=", text)


def test_hostile_names_are_text(native_report: Report) -> None:
    text = render_html(hostile(native_report))
    plain = replace(native_report, notes=("a note",), estimate=estimated("f"), energy=powered("a meter"))
    page, harmless = Page(text), Page(render_html(plain))
    # a label is left out where it finds no room: the rest has to be the same elements
    assert [tag for tag, _ in page.tags if tag != "text"] == [tag for tag, _ in harmless.tags if tag != "text"]
    assert "<script" not in text
    assert "{{ 7 * 7 }}" in page.text


def test_verdict_and_figures(native_report: Report) -> None:
    page = Page(render_html(native_report))
    assert ("span", {"class": "verdict pass"}) in page.tags
    memory = native_report.memory
    for figure in ("100 of 100", f"{memory.flash:,} B", f"{memory.arena:,} B", native_report.build.id, "us"):
        assert figure in page.text
    assert ("span", {"class": "verdict fail"}) in Page(render_html(failed(native_report))).tags


def test_a_bar_for_each_layer(native_report: Report) -> None:
    page = Page(render_html(native_report))
    layers = native_report.latency.layers
    shares = [attributes["aria-label"] for tag, attributes in page.tags if attributes.get("class") == "track"]
    assert shares == [f"{100 * layer.share:.1f} percent" for layer in layers]
    bars = [float(attributes["width"] or 0) for _, attributes in page.tags if attributes.get("height") == "13"]
    assert max(bars) == 1000
    longest = max(layer.value for layer in layers)
    assert bars == pytest.approx([1000 * layer.value / longest for layer in layers], abs=0.06)
    for layer in layers:
        assert layer.label in page.text
        assert layer.kernel in page.text


def test_a_box_for_each_buffer(native_report: Report) -> None:
    text = render_html(native_report)
    memory = native_report.memory
    labels = [layer.label for layer in native_report.latency.layers]
    titles = re.findall(r"<g><title>(.*?): ([\d,]+) B at ([\d,]+), from (\w+ \d+) to (\w+ \d+)</title>", text)
    found = [
        (name, int(size.replace(",", "")), int(at.replace(",", "")), *layers) for name, size, at, *layers in titles
    ]
    assert found == [
        (b.name, b.size, b.offset, labels[max(b.first, 0)], labels[min(b.last, len(labels) - 1)])
        for b in memory.buffers
    ]


def test_the_confusion_matrix(native_report: Report) -> None:
    confusion = native_report.accuracy.confusion
    assert confusion is not None
    text = render_html(native_report)
    table = text[text.index('<table class="confusion">') :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")])[1:]
    cells = [[int(cell or 0) for cell in re.findall(r"<td[^>]*>(\d*)</td>", row)] for row in rows]
    assert cells == [list(row) for row in confusion]
    without = replace(native_report, accuracy=replace(native_report.accuracy, confusion=None))
    assert "Confusion" not in render_html(without)


def test_differences_are_listed(native_report: Report) -> None:
    text = render_html(failed(native_report))
    assert "Outputs that differ" in text
    assert '<td class="num">-7</td><td class="num">9</td>' in text
    assert "flash grew by 9 %" in text
    assert "Outputs that differ" not in render_html(native_report)


@pytest.mark.parametrize("available", [None, 10_000, 10_000_000])
def test_parts_of_a_memory_fill_its_bar(native_report: Report, available: int | None) -> None:
    memory = replace(native_report.memory, flash_available=available)
    text = render_html(replace(native_report, memory=memory))
    bar = text[text.index('aria-label="parts of Flash"') :]
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height="22"', bar[: bar.index("</svg>")])]
    parts = (memory.code, memory.weights, memory.tables)
    assert widths == pytest.approx([1000 * part / memory.flash for part in parts], abs=0.01)
    # how much of the board that is; never beyond the bar's end, and never too thin to be seen
    used = re.findall(
        r"""percent of the board's Flash">.*?width="([\d.]+)" height="6" style="fill: var\(--bar""", text, re.S
    )
    expected = [] if available is None else [max(2, min(1000, 1000 * memory.flash / available))]
    assert [float(width) for width in used] == pytest.approx(expected, abs=0.01)
