"""The user's checkout of coralmicro: Google's platform for the Coral Dev Board Micro."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tinykit.errors import ToolMissing

VARIABLE = "CORALMICRO_PATH"
URL = "https://github.com/google-coral/coralmicro"
_TOOLCHAIN = "cmake/toolchain-arm-none-eabi-gcc.cmake"
_PARTS = (_TOOLCHAIN, "libs/base/CMakeLists.txt", "scripts/flashtool.py")
_SUBMODULES = ("third_party/freertos_kernel", "third_party/nxp/rt1176-sdk", "third_party/tflite-micro")


def coralmicro_path() -> Path:
    """The checkout in $CORALMICRO_PATH.

    Raises:
        ToolMissing: it is not set, not a checkout, or a checkout without its submodules; says how to get it.
    """
    text = os.environ.get(VARIABLE, "")
    clone = f"git clone --recurse-submodules {URL}"
    if not text:
        raise ToolMissing(
            "coralmicro not found",
            why=f"the Coral Dev Board Micro is built and flashed with it; {VARIABLE} is not set",
            hint=f"{clone} (2.5 GB), and set {VARIABLE} to that folder",
        )
    root = Path(text).resolve()
    missing = [part for part in _PARTS if not (root / part).is_file()]
    if missing:
        raise ToolMissing(
            f"{VARIABLE} holds no coralmicro",
            where=str(root),
            why=f"it has no {missing[0]}",
            hint=f"{clone} (2.5 GB), and set {VARIABLE} to that folder",
        )
    empty = [name for name in _SUBMODULES if not (root / name).is_dir() or not any((root / name).iterdir())]
    if empty:
        raise ToolMissing(
            "coralmicro lacks its submodules",
            where=str(root),
            why=f"{', '.join(empty)}: empty",
            hint=f"git -C {root} submodule update --init --recursive",
        )
    return root


def coralmicro_version(root: Path) -> str:
    """ "arm gcc's release; coralmicro and its commit": both decide what is built.

    The compiler is the one that coralmicro's toolchain file names, which fetches it when it is used for the first time.
    """
    text = (root / _TOOLCHAIN).read_text(encoding="utf-8", errors="replace")
    found = re.search(r"gcc-arm-none-eabi-[\w.-]+?(?=[/\"])", text)
    return f"{found.group() if found else 'gcc-arm-none-eabi'}; coralmicro {_commit(root)}"


def _commit(root: Path) -> str:
    command = ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "of unknown commit"
    return run.stdout.strip() if run.returncode == 0 and (root / ".git").exists() else "of unknown commit"
