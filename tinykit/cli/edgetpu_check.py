"""Command that tells what of a model the Edge TPU would run: edgetpu check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinykit.cli.output import check_writable, console, print_json

if TYPE_CHECKING:
    from tinykit.edgetpu.check import CheckResult


def check(
    model: Annotated[Path, typer.Argument(help="A quantized .tflite file.")],
    multi: Annotated[bool, typer.Option("--multi", help="Several subgraphs, as the compiler's -a.")] = False,
    ops: Annotated[bool, typer.Option("--ops", help="List every operator.")] = False,
    max_host: Annotated[
        int | None,
        typer.Option("--max-host", metavar="N", min=0, help="Fail if more operators stay on the host."),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page with a picture of the graph.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell what the Edge TPU Compiler would map, and why not the rest; needs no compiler."""
    from tinykit.edgetpu.check import check_model
    from tinykit.edgetpu.report.html import write_html
    from tinykit.edgetpu.report.json import to_json
    from tinykit.edgetpu.report.terminal import render_terminal

    if html is not None:
        check_writable(str(html))
    result = check_model(model, multi=multi)
    if html is not None:
        write_html(result, html)
    if json:
        print_json(to_json(result))
    else:
        console().print(render_terminal(result, every=ops))
    _require(result, str(model), max_host)


def _require(result: CheckResult, where: str, max_host: int | None) -> None:
    from tinykit.errors import CheckFailed

    if result.refusals:
        raise CheckFailed(
            "the Edge TPU Compiler would refuse the file",
            where=where,
            why=result.refusals[0].reason,
            hint=result.refusals[0].change,
        )
    if not result.mapped:
        raise CheckFailed("nothing of the model would run on the Edge TPU", where=where, hint="see the reasons above")
    on_host = len(result.on_host)
    if max_host is not None and on_host > max_host:
        raise CheckFailed(
            f"{on_host} operators stay on the host, more than {max_host}",
            where=where,
            hint="change what is named above, or raise --max-host",
        )
