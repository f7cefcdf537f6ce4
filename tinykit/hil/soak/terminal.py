"""A soak test as lines for people."""

from __future__ import annotations

from tinykit.hil.report.numbers import quantity
from tinykit.hil.soak.model import Soak
from tinykit.hil.statistics import percentile
from tinykit.text import printable

_SHOWN = 5


def soak_lines(soak: Soak) -> list[str]:
    """What was found, a line each."""
    lines = [
        f"{soak.model} on {soak.board}: {soak.inferences:,} inferences in {soak.seconds:.1f} s of {soak.asked:.1f} s",
        f"outputs    {soak.wrong:,} wrong, compared with {soak.compared_with}",
        f"restarts   {soak.restarts}",
    ]
    if soak.windows:
        medians = sorted(w.latency_median for w in soak.windows)
        longest = max(w.latency_max for w in soak.windows)
        lines.append(
            f"latency    median {quantity(percentile(medians, 50), soak.unit)}, longest {quantity(longest, soak.unit)}"
        )
        drift = soak.latency_trend()
        lines.append(
            "drift      not known: the test was too short"
            if drift is None
            else f"drift      {100 * drift.change:+.2f} % in all (Theil-Sen slope {drift.slope:+.4g} {soak.unit} "
            f"per hour, Mann-Kendall p = {drift.p:.2g})"
        )
        last = soak.windows[-1]
        growth = soak.stack_growth()
        lines.append(
            "stack      not known on this board"
            if last.stack is None
            else f"stack      {last.stack:,} of {soak.stack_size:,} B, {growth} B more in the second half"
        )
        lines.append(
            f"link       {sum(w.requests for w in soak.windows):,} requests, "
            f"{sum(w.retries for w in soak.windows)} repeated, {sum(w.crc_errors for w in soak.windows)} damaged"
        )
    for incident in soak.incidents[:_SHOWN]:
        lines.append(f"{incident.kind} after {incident.at:.1f} s: {printable(incident.text.splitlines()[0])}")
    if len(soak.incidents) > _SHOWN:
        lines.append(f"and {len(soak.incidents) - _SHOWN} more")
    if soak.stopped:
        lines.append("stopped before its time")
    return [*lines, f"result: {soak.result}"]
