"""A matrix as JUnit XML: a suite for each place, a case for each model."""

from __future__ import annotations

from xml.etree import ElementTree

from tinykit.hil.matrix.figures import figures, history
from tinykit.hil.matrix.result import Cell, Matrix
from tinykit.hil.report.junit import clean


def render_junit(matrix: Matrix) -> str:
    """The XML document."""
    root = ElementTree.Element("testsuites", name="tinykit hil", time=f"{matrix.seconds:.3f}")
    for place in matrix.places:
        cells = [cell for cell in matrix.cells if cell.place == place]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"tinykit {place}",
            tests=str(len(cells)),
            failures=str(sum(cell.status == "fail" for cell in cells)),
            errors=str(sum(cell.status == "error" for cell in cells)),
            skipped=str(sum(cell.status == "stopped" for cell in cells)),
            timestamp=matrix.started,
            time=f"{sum(cell.seconds for cell in cells):.3f}",
        )
        properties = ElementTree.SubElement(suite, "properties")
        ElementTree.SubElement(properties, "property", name="board", value=cells[0].board)
        for cell in cells:
            _add(suite, cell)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(suite: ElementTree.Element, cell: Cell) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=cell.place, name=clean(cell.model), time=f"{cell.seconds:.3f}"
    )
    text = "\n".join([*cell.reasons, *history(cell)])
    message = clean(cell.reasons[0]) if cell.reasons else ""
    if cell.error is not None:
        text = "\n".join([cell.error.render(), *history(cell)])
        ElementTree.SubElement(case, "error", type=type(cell.error).__name__, message=message).text = clean(text)
    elif cell.status == "fail":
        ElementTree.SubElement(case, "failure", message=message).text = clean(text)
    elif cell.status == "stopped":
        ElementTree.SubElement(case, "skipped", message=message)
    lines = [f"{figure.title}: {figure.text} {figure.change}".rstrip() for figure in figures(cell)]
    if lines or cell.notes:
        ElementTree.SubElement(case, "system-out").text = clean("\n".join([*lines, *cell.notes]))
