"""What terminal and page say alike."""

from __future__ import annotations

from tinykit.tune.point import Point
from tinykit.tune.result import Search


def accuracy(point: Point) -> str:
    return f"{point.accuracy:.4f}"


def whole(value: float) -> str:
    return f"{value:,.0f}"


def sentences(search: Search) -> list[str]:
    """What is to be known of a search besides its points."""
    trials, settings = search.trials, search.settings
    counts = [(sum(t.outcome == o for t in trials), o) for o in ("done", "impossible", "failed", "pruned")]
    parts = ", ".join(f"{count} {outcome}" for count, outcome in counts if count)
    told = [f"{len(trials)} of {search.total} trials ({parts}), seed {settings.seed}, {settings.sampler}"]
    if not search.complete and not search.running:
        told.append("not finished: stopped, or no parameters left that were not tried; the same command goes on")
    if search.running:
        told.append(f"{search.running} still running")
    if search.against is not None:
        names = ", ".join(str(n) for n in search.better)
        by = f"by trial{'s' if len(search.better) > 1 else ''} {names}" if search.better else "by no trial"
        told.append(f"{search.against.source} is dominated {by}: as good in all objectives, and better in one")
    for trial in trials:
        if trial.why is not None and trial.outcome != "pruned":
            told.append(f"trial {trial.number} {trial.outcome} ({trial.label}): {trial.why}")
    carbon = search.carbon
    told.append(
        "carbon not measured (--carbon with a country's three letters estimates it)"
        if carbon is None
        else f"carbon {1000 * carbon.kg_co2eq:.3g} g CO2eq, {1000 * carbon.kwh:.3g} Wh in {carbon.trials} trials, "
        f"estimated by codecarbon for {', '.join(carbon.countries)}"
    )
    return told
