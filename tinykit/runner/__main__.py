"""The runner's command line, on the board. People use `tinykit deploy`; this is what it and systemd call."""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import threading
from pathlib import Path

from tinykit.errors import DeviceError, TinykitError
from tinykit.runner.error_json import encoded


def main() -> int:
    """Carry out a command; the exit status."""
    parser = argparse.ArgumentParser(prog="runner")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer over TCP and the serial port")
    serve.add_argument("release", type=Path)
    serve.add_argument("--status", type=Path)
    serve.add_argument("--leash", action="store_true", help="end when standard input does")
    infer = commands.add_parser("infer", help="one inference; inputs as JSON on standard input")
    infer.add_argument("release", type=Path)
    trial = commands.add_parser(
        "delegate-trial", help="whether a delegate runs a model; a crash ends this process only"
    )
    trial.add_argument("model", type=Path)
    trial.add_argument("library")
    trial.add_argument("options", nargs="*", metavar="NAME=VALUE")
    supervise = commands.add_parser("supervise", help="keep a deployment's runner running")
    supervise.add_argument("base", type=Path)
    supervise.add_argument("name")
    target = commands.add_parser("target", help="change or tell what is deployed; JSON on standard input and output")
    target.add_argument("verb", choices=("install", "rollback", "restart", "remove", "status"))
    target.add_argument("--base", type=Path)
    diagnose = commands.add_parser("diagnose", help="what is in the way of an Edge TPU, as JSON")
    diagnose.add_argument("--root", type=Path, default=Path("/"))
    given = parser.parse_args()
    if given.command == "serve":
        return _serve(given.release, given.status, given.leash)
    if given.command == "target":
        return _target(given.verb, given.base)
    try:
        if given.command == "infer":
            _infer(given.release)
        elif given.command == "delegate-trial":
            from tinykit.runner.engines.delegate import open_edgetpu

            open_edgetpu(given.model, given.library, dict(word.split("=", 1) for word in given.options))
        elif given.command == "supervise":
            from tinykit.runner.install.layout import deployment
            from tinykit.runner.install.supervisor import supervise as keep

            return keep(deployment(given.base, given.name))
        else:
            from tinykit.runner.diagnose import diagnose as look
            from tinykit.runner.install.layout import default_base

            print(json.dumps(look(given.root, default_base())))
    except TinykitError as error:
        print(json.dumps(encoded(error)))
        return error.exit_code
    return 0


def _serve(release: Path, status: Path | None, leash: bool) -> int:
    from tinykit.runner.serve import run

    if leash:
        threading.Thread(target=_end_with_input, daemon=True).start()
    return run(release.resolve(), _this_file(), status)


def _end_with_input() -> None:
    # Not sys.stdin, whose lock would be held while the interpreter ends.
    while os.read(0, 4096):
        pass
    os._exit(0)


def _infer(folder: Path) -> None:
    from tinykit.runner.engines import open_engine
    from tinykit.runner.release import load_release

    given = [base64.b64decode(data) for data in json.load(sys.stdin)]
    engine = open_engine(folder, load_release(folder), _this_file())
    engine.run(given or [bytes(tensor.nbytes) for tensor in engine.inputs])
    outputs = [base64.b64encode(engine.output(index)).decode() for index in range(len(engine.outputs))]
    print(json.dumps({"outputs": outputs, "notes": engine.notes}))


def _target(verb: str, base: Path | None) -> int:
    from tinykit.runner.install import install
    from tinykit.runner.install.layout import default_base
    from tinykit.runner.install.session import HostGone, HostSession

    host = HostSession()
    try:
        host.result(getattr(install, verb)(base or default_base(), host))
    except HostGone:
        return 1
    except TinykitError as error:
        host.error(error)
        return error.exit_code
    except OSError as error:
        refused = DeviceError(
            "the board cannot do that",
            where=error.filename,
            why=error.strerror or str(error),
            hint="check the free space there (`df -h`), and who owns the folder",
        )
        host.error(refused)
        return refused.exit_code
    return 0


def _this_file() -> Path:
    """The zip file that this program is, or its package's folder."""
    return Path(sys.argv[0]).resolve()


if __name__ == "__main__":
    sys.exit(main())
