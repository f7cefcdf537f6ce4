"""A command that is told to end does, whatever it was doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

LOST = """
import os, signal, sys, time, weakref
from tinykit.cli.ending import ends_when_told

class Thing: pass

with ends_when_told():
    thing = Thing()
    watch = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.{name}))
    del thing  # the exception is raised in the callback, and dropped
    print("lost", flush=True)
    try:
        time.sleep(60)
    finally:
        for _ in range(25):
            time.sleep(0.1)  # as long as one likes, and undisturbed
        print("tidied up", flush=True)
"""


@pytest.mark.slow  # two times that it looks again
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_in_a_callback_is_not_lost(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOST.format(name=name)], capture_output=True, text=True, timeout=60, env=dict(os.environ)
    )
    assert done.returncode == 128 + getattr(signal, name)
    assert done.stdout == "lost\ntidied up\n"
    assert "Exception ignored in" in done.stderr  # by Python: else this test shows nothing
