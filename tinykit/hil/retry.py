"""What is tried again, and what is done before."""

from __future__ import annotations

from tinykit.errors import DeviceDied, DeviceGarbled, DeviceReset, DeviceSilent, MeterFailed, TinykitError
from tinykit.hil.place import Place, Say, Sleep

TRANSPORT = (DeviceSilent, DeviceGarbled, DeviceDied, DeviceReset, MeterFailed)
"""Failures of the line, of the board's running or of a meter, which another attempt may not have. All others are
results."""


def remedy(place: Place, say: Say, sleep: Sleep) -> str:
    """Do what the place's policy says before the next attempt; in words for the report."""
    sleep(place.retry.pause)
    if place.is_emulated:
        return "started anew"
    done = "opened again"
    try:
        if place.retry.power_cycle:
            done = "power-cycled" if place.power_cycle(say, sleep) else "opened again: it has no power switch"
    except TinykitError as error:
        say(error.render())
        done = f"power switch failed: {error.what}{f' ({error.why})' if error.why else ''}"
    try:
        place.settle(sleep)
    except TinykitError as error:  # what opens it next says so, too
        say(error.render())
    return done
