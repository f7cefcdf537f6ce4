"""A TEST DOUBLE that stands where Coral's edgetpu_compiler would. It compiles nothing.

It replays what a test told it: prints recorded or made-up logs, copies files that the test made, leaves with an exit
status, or misbehaves. Coral's compiler is closed and may not be handed on, so no test can bring it.

    double = install(folder, Plan(prints=log, files={"m_edgetpu.tflite": data}))
    # folder / "edgetpu_compiler" is a program now; after a run, double.arguments() are those it was started with
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """What a run does, in this order: print, write files into its -o folder, misbehave, leave with ``status``.

    Attributes:
        prints: text, or bytes as latin-1 text with ``raw``.
        signal: by which it ends itself.
        sleep: seconds; ``stubborn``: SIGTERM, SIGINT and SIGHUP do not end it.
        flood: MiB of further output; without line ends if ``endless_line``.
        marker: a file to write once it sleeps.
    """

    prints: str = ""
    raw: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 0
    signal: int = 0
    sleep: float = 0.0
    stubborn: bool = False
    flood: int = 0
    endless_line: bool = False
    marker: str = ""


@dataclass(frozen=True)
class Double:
    program: Path
    record: Path

    def arguments(self) -> list[str]:
        """What it was started with."""
        return [str(a) for a in json.loads(self.record.read_text())["arguments"]]

    def pid(self) -> int:
        return int(json.loads(self.record.read_text())["pid"])


def install(folder: Path, plan: Plan) -> Double:
    """Make the program ``edgetpu_compiler`` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    value = asdict(plan)
    value["files"] = {name: base64.b64encode(data).decode() for name, data in plan.files.items()}
    (folder / "plan.json").write_text(json.dumps(value))
    program = folder / "edgetpu_compiler"
    program.write_text(f"#!{sys.executable} -IS\n# a test double\n{Path(__file__).read_text()}\nmain()\n")
    program.chmod(0o755)
    return Double(program, folder / "record.json")


def main() -> None:
    """The program."""
    here = Path(sys.argv[0]).resolve().parent
    plan = json.loads((here / "plan.json").read_text())
    (here / "record.json").write_text(json.dumps({"arguments": sys.argv[1:], "pid": os.getpid()}))
    if plan["stubborn"]:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
    out = sys.stdout.buffer
    out.write(plan["prints"].encode("latin-1" if plan["raw"] else "utf-8"))
    out.flush()
    for name, data in plan["files"].items():
        (Path(sys.argv[sys.argv.index("-o") + 1]) / name).write_bytes(base64.b64decode(data))
    for _ in range(plan["flood"]):
        out.write((b"x" * ((1 << 20) - 1)) + (b"x" if plan["endless_line"] else b"\n"))
    out.flush()
    if plan["marker"]:
        Path(plan["marker"]).touch()
    time.sleep(plan["sleep"])
    if plan["signal"]:
        os.kill(os.getpid(), plan["signal"])
    sys.exit(plan["status"])
