"""The ``tinykit`` command and its one error boundary.

Library modules are imported inside the commands: ``tinykit --help`` has to be instant.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from tinykit import __version__
from tinykit.cli import (
    bench,
    ci,
    compress,
    convert,
    deploy,
    device,
    edgetpu,
    hil,
    inform,
    mlperf,
    models,
    ports,
    produce,
    stream,
    trial,
    tune,
)
from tinykit.cli.ending import ends_when_told
from tinykit.errors import TinykitError
from tinykit.text import printable

app = typer.Typer(
    name="tinykit",
    help="From a trained model to proven microcontroller firmware.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would double the time of --help
    context_settings={"help_option_names": ["-h", "--help"]},
)

_EXIT_INTERRUPTED = 130
_EXIT_INTERNAL = 70


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tinykit {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool | None, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = None,
) -> None:
    pass


app.command()(inform.doctor)
app.command()(inform.boards)
app.command()(ports.ports)
app.command()(inform.inspect)
app.command()(inform.operators)
app.command()(convert.convert)
app.command()(stream.stream)
app.command()(compress.compress)
app.command("compile")(produce.compile_model)
app.command()(produce.build)
app.command()(device.flash)
app.command()(deploy.deploy)
app.command()(device.monitor)
app.command()(trial.run)
app.command()(trial.test)
app.add_typer(hil.app, name="hil")
app.add_typer(bench.app, name="bench")
app.add_typer(mlperf.app, name="mlperf")
app.add_typer(tune.app, name="tune")
app.add_typer(edgetpu.app, name="edgetpu")
app.add_typer(models.app, name="models")
app.add_typer(ci.app, name="ci")


def main() -> NoReturn:
    """Entry point: runs a command and leaves with its exit code."""
    try:
        with ends_when_told():
            app()
    except TinykitError as error:
        _say(f"error: {error.render()}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say("interrupted")
        sys.exit(_EXIT_INTERRUPTED)
    except SystemExit as end:
        if end.code == _EXIT_INTERRUPTED:  # typer made it of a KeyboardInterrupt
            _say("interrupted")
        raise
    except BrokenPipeError:
        # whoever read our output is gone; keep the interpreter from complaining when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("TINYKIT_DEBUG"):
            raise
        _say(
            f"internal error: {type(error).__name__}: {error}\n"
            "  This is a bug in tinykit. Please report it with the command you ran and its output\n"
            "  under TINYKIT_DEBUG=1, which adds a traceback."
        )
        sys.exit(_EXIT_INTERNAL)
    sys.exit(0)


def _say(text: str) -> None:
    print("\n".join(printable(line) for line in text.splitlines()), file=sys.stderr)


if __name__ == "__main__":
    main()
