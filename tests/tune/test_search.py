"""A search: its points, its front, going on with it, and the same again with the same seed."""

from __future__ import annotations

import json
import shutil
import signal
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tinykit.graph.reader import read_model

from .conftest import Tune, folder_for


def points(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What was tried and what it is worth, without numbers and times."""
    return [(trial["params"], trial["point"]) for trial in report["trials"]]


@pytest.mark.slow
def test_a_search_and_going_on_with_it(tune: Tune) -> None:
    outcome = tune.search("model", "-n", 3, "--json", "--against", "train.py:by_hand")
    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    assert report == json.loads((tune.folder / "tune" / "report.json").read_text())
    assert report["complete"]
    assert len(report["trials"]) == len(tune.calls) == 3
    for trial in report["trials"]:
        point = trial["point"]
        assert point["unit"] == "MACs"
        assert point["quantize"] == "int8"
        side, width, depth = (trial["params"][name] for name in ("resolution", "width", "depth"))
        assert point["latency"] == side * side * width + (depth - 1) * width * width + width * 10
        if trial["front"]:
            model = read_model(tune.folder / "tune" / trial["model"])
            assert model.tensor(model.inputs[0]).size == side * side
    assert report["against"]["point"]["latency"] == 64 * 48 + 48 * 48 + 48 * 10
    assert report["carbon"] is None
    page = (tune.folder / "tune" / "report.html").read_text()
    assert page.count("<circle") == 3 * 3
    assert page.count('class="hand"') == 3
    assert "http" not in page

    class Sources(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "img")

    Sources().feed(page)

    outcome = tune.search("model", "-n", 3)
    assert outcome.code == 0, outcome.err
    assert len(tune.calls) == 3
    assert "3 of 3 trials (3 done)" in outcome.out
    assert "carbon not measured" in outcome.out

    outcome = tune.search("model", "-n", 5, "--json")
    assert points(json.loads(outcome.out))[:3] == points(report)
    assert len(tune.calls) == 5
    kept = {path.name for path in (tune.folder / "tune" / "models").iterdir()}
    assert kept == {f"trial-{number:04}.tflite" for number in json.loads(outcome.out)["front"]}


@pytest.mark.slow
def test_a_declared_space_with_precision(tune: Tune) -> None:
    (tune.folder / "space.toml").write_text(
        '[width]\nkind = "int"\nlow = 4\nhigh = 16\nstep = 4\n'
        '[depth]\nkind = "int"\nlow = 1\nhigh = 2\n'
        '[precision]\nkind = "choice"\nchoices = ["int8", "none"]\n'
    )
    outcome = tune.search("of_values", "--space", "space.toml", "-n", 5, "--sampler", "nsga2", "--json")
    assert outcome.code == 0, outcome.err
    trials = json.loads(outcome.out)["trials"]
    assert len({json.dumps(trial["params"]) for trial in trials}) == 5
    assert all(trial["point"]["quantize"] == trial["params"]["precision"] for trial in trials)
    assert {trial["point"]["quantize"] for trial in trials} == {"int8", "none"}


@pytest.mark.slow
def test_a_space_with_fewer_points_than_trials_ends(tune: Tune) -> None:
    outcome = tune.search("few", "-n", 10)
    assert outcome.code == 0, outcome.err
    assert "3 of 10 trials (3 done)" in outcome.out
    assert "no parameters left that were not tried" in " ".join(outcome.out.split())


@pytest.mark.slow
def test_what_fails_for_some_parameters_counts_and_is_said(tune: Tune) -> None:
    outcome = tune.search("sometimes", "-n", 4, "--json")
    assert outcome.code == 0, outcome.err
    trials = json.loads(outcome.out)["trials"]
    assert [t["outcome"] for t in trials].count("failed") >= 1
    assert all("not with this" in t["why"] for t in trials if t["outcome"] == "failed")
    assert len(trials) == 4


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not installed")
def test_what_does_not_fit_counts_and_is_said(tune: Tune) -> None:
    outcome = tune("train.py:huge", "-b", "qemu-microbit", "-d", "val.npz", "-c", "train.npz", "-n", 2, "--json",
                   "--limit", 20, "--latency", "macs")  # fmt: skip
    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    assert [trial["outcome"] for trial in report["trials"]] == ["impossible", "impossible"]
    assert all("does not fit" in trial["why"] for trial in report["trials"])
    assert report["front"] == []


@pytest.mark.slow
def test_the_same_seed_gives_the_same_also_after_an_interruption(tmp_path: Path) -> None:
    whole, parts, other = (folder_for(tmp_path / name) for name in ("whole", "parts", "other"))
    arguments = ("-n", 13, "--json")  # TPE begins to model after 10
    reports = [json.loads(whole.search("model", *arguments).out)]
    process = parts.start("train.py:model", "-b", "native", "-d", "val.npz", "-c", "train.npz", "--limit", 100,
                          *arguments, PAUSE="0.5")  # fmt: skip
    while len(parts.calls) < 5:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "the same command goes on" in err
    reports.append(json.loads(parts.search("model", *arguments).out))
    assert len(parts.calls) == 14  # one was interrupted, and tried again
    assert points(reports[0]) == points(reports[1])
    third = json.loads(other.search("model", "-n", 2, "--seed", 1, "--json").out)
    assert points(third) != points(reports[0])[:2]


@pytest.mark.slow
def test_thirty_trials_dominate_the_model_made_by_hand(tune: Tune) -> None:
    for tool in ("arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    outcome = tune(
        "train.py:model", "-b", "qemu-mps2-an386", "-d", "val.npz", "-c", "train.npz", "--against", "train.py:by_hand",
        "-n", 30, "--seed", 0, "--json", timeout=900, EPOCHS="60",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    report = json.loads(outcome.out)
    hand, trials = report["against"]["point"], {trial["number"]: trial for trial in report["trials"]}
    assert len(trials) == 30
    assert hand["unit"] == "instructions"
    better = [trials[number]["point"] for number in report["front"] if number in report["against"]["better"]]
    assert better
    for point in better:
        assert point["accuracy"] >= hand["accuracy"]
        assert all(point[cost] <= hand[cost] for cost in ("flash", "ram", "latency"))
        assert point["unit"] == "instructions"
    for number in report["front"]:
        for other in trials.values():
            values = [(other["point"][c], trials[number]["point"][c]) for c in ("flash", "ram", "latency")]
            worse = other["point"]["accuracy"] < trials[number]["point"]["accuracy"]
            assert worse or any(a > b for a, b in values) or all(a == b for a, b in values)
