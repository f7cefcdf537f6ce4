"""How PlatformIO is run: quietly, and not for a minute in vain where its registry cannot be reached."""

from __future__ import annotations

import queue
import re
import threading
import urllib.error
import urllib.request
from pathlib import Path

from tinykit.errors import ToolMissing

ENVIRONMENT = {"CI": "true", "PLATFORMIO_NO_ANSI": "true", "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "No"}
"""No questions, no colours, no calls home."""

# "Platform Manager: Installing espressif32"; a symlink:// is "installed" without the network.
_INSTALLING = re.compile(r"^(?:Platform|Tool|Library) Manager: Installing (?!symlink://)(\S.*)")

_URL = "https://api.registry.platformio.org/v3/search?query=name:tool-scons"
"""What PlatformIO itself asks first (platformio/registry/client.py)."""

_TIMEOUT = 3.0
"""Seconds. The whole check must leave a user waiting less than five."""


def refuse_to_wait(line: str, root: Path, hint: str) -> None:
    """Before a download: PlatformIO would try for a minute, silently, when its registry is out of reach.

    Args:
        line: what PlatformIO says.
        hint: what to do where it cannot download.

    Raises:
        ToolMissing: it is about to download, and the registry cannot be reached.
    """
    wanted = _INSTALLING.match(line)
    if wanted is None:
        return
    why_not = registry_reachable()
    if why_not is not None:
        raise ToolMissing(
            f"PlatformIO has to download {wanted[1].strip()}, and cannot",
            where=str(root),
            why=f"its registry is out of reach: {why_not}",
            hint=hint,
        )


def registry_reachable(url: str = _URL, timeout: float = _TIMEOUT) -> str | None:
    """None if the registry answers, whatever it says; else why not. Takes ``timeout`` seconds at most.

    Proxies are those of the environment, as for PlatformIO.
    """
    answers: queue.Queue[str | None] = queue.Queue()
    # A name server that does not answer blocks for longer than any socket's timeout: hence the thread.
    threading.Thread(target=lambda: answers.put(_ask(url, timeout)), daemon=True).start()
    try:
        return answers.get(timeout=timeout)
    except queue.Empty:
        return f"no answer in {timeout:g} s"


def _ask(url: str, timeout: float) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=timeout):
            return None
    except urllib.error.HTTPError as error:
        # A proxy's refusal is an answer, too, but not the registry's.
        return f"a proxy refuses: {error}" if error.code in (403, 407, 502, 503, 504) else None
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error)) or type(error).__name__
