"""Python, its packages, and the Edge TPU's runtime on this machine."""

from __future__ import annotations

import ctypes
import platform
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tinykit.runner.diagnose.finding import Finding

_LIBRARIES = ("usr/lib/*", "usr/local/lib", "lib/*")
_RUNTIME = "libedgetpu.so.1"
_INSTALL = "install a build for today's LiteRT, 16.0TF2.19.1 or newer: github.com/feranick/libedgetpu"
_STOCK = ("16.0", "15.0", "14.1", "14.0", "13.0", "12")
"""Versions of Google's own packages, without the "TF..." that names the TensorFlow of later builds."""

_SECONDS = 30.0
_ASK = (
    "import importlib.util as u, importlib.metadata as m\n"
    "for n, d in (('ai_edge_litert', 'ai-edge-litert'), ('numpy', 'numpy'), ('pycoral', 'pycoral')):\n"
    "    if u.find_spec(n) or n != 'pycoral':\n"
    "        try: print(n, m.version(d))\n"
    "        except m.PackageNotFoundError: print(n, '-')\n"
)


def software_findings(root: Path, venvs: Path) -> Iterator[Finding]:
    """Python and packages, the system's and those of deployments, and libedgetpu.

    Args:
        root: of the file system.
        venvs: the folder of the environments that deployments made.
    """
    bits = struct.calcsize("P") * 8
    words = f"{platform.machine()}, {bits} bits, Python {platform.python_version()}"
    if bits != 64:
        hint = "install the 64-bit system: there is no LiteRT for 32 bits"
        yield Finding("system", "problem", words, hint)
    else:
        yield Finding("system", "ok", words)
    yield from _packages("the system's Python", sys.executable)
    for venv in sorted(venvs.glob("*")):
        if not venv.name.startswith("."):
            yield from _packages(f"environment {venv.name[:12]}", str(venv / "bin/python"))
    yield from _runtime(root)


def _packages(whose: str, python: str) -> Iterator[Finding]:
    try:
        run = subprocess.run([python, "-c", _ASK], capture_output=True, text=True, timeout=_SECONDS, check=False)
        found = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        found = {}
    litert, numpy = found.get("ai_edge_litert", "-"), found.get("numpy", "-")
    if litert == "-":
        yield Finding("litert", "absent", f"{whose} has no ai-edge-litert; a deployment brings its own")
    else:
        yield Finding("litert", "ok", f"{whose} has ai-edge-litert {litert} and numpy {numpy}")
    if "pycoral" in found:
        yield wrong_pycoral(whose, found["pycoral"])


def wrong_pycoral(whose: str, version: str) -> Finding:
    """The finding for a package of the name pycoral: that of PyPI has nothing to do with Coral's Edge TPU."""
    if version.startswith("0."):
        return Finding(
            "pycoral",
            "warning",
            f"{whose} has pycoral {version}, which is no Edge TPU software: it belongs to the Allen Coral Atlas",
            "pip uninstall pycoral; the runner needs none",
        )
    return Finding("pycoral", "ok", f"{whose} has Coral's pycoral {version}; the runner does not need it")


def _runtime(root: Path) -> Iterator[Finding]:
    paths = sorted(path for place in _LIBRARIES for path in root.glob(f"{place}/{_RUNTIME}"))
    if not paths and not (root == Path("/") and _loads(_RUNTIME)):
        yield Finding("libedgetpu", "absent", f"no {_RUNTIME}", _INSTALL)
        return
    where = str(paths[0]) if paths else "the loader's path"
    version = _installed_version(root)
    if version is None:
        yield Finding("libedgetpu", "unknown", f"{where}, of an unknown version", f"if runs crash: {_INSTALL}")
    elif "TF" not in version and version.startswith(_STOCK):
        yield Finding(
            "libedgetpu", "problem", f"{where} is Google's own, {version}, which crashes with any LiteRT", _INSTALL
        )
    else:
        yield Finding("libedgetpu", "ok", f"{where}, {version}")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _installed_version(root: Path) -> str | None:
    """Of the Debian package libedgetpu1-std or -max, as dpkg's own list has it (dpkg(1), FILES)."""
    try:
        text = (root / "var/lib/dpkg/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    for entry in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in entry.splitlines() if ": " in line and not line.startswith(" "))
        if fields.get("Package") in ("libedgetpu1-std", "libedgetpu1-max") and fields.get("Status", "").endswith(
            " installed"
        ):
            return fields.get("Version")
    return None
