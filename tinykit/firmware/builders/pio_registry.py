"""Whether PlatformIO's registry can be reached, found out faster than PlatformIO does."""

from __future__ import annotations

import queue
import threading
import urllib.error
import urllib.request

_URL = "https://api.registry.platformio.org/v3/search?query=name:tool-scons"
"""What PlatformIO itself asks first (platformio/registry/client.py)."""

_TIMEOUT = 3.0
"""Seconds. The whole check must leave a user waiting less than five."""


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
