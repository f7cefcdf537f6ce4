"""docs/mlperf.md says what firmware and host do: its tables are held to both sources."""

from __future__ import annotations

import re
from pathlib import Path

from tinykit.firmware.mlperf import _SIZES, MLPERF_IDS
from tinykit.mlperf.result import Accuracy, MlperfResult, Performance
from tinykit.mlperf.rules import LEAST_INFERENCES, LEAST_US, LOOPS, RULES, Loop
from tinykit.resources import data_dir

TEXT = (Path(__file__).parents[2] / "docs" / "mlperf.md").read_text(encoding="utf-8")
SOURCE = (data_dir("firmware_templates") / "agent" / "mlperf" / "tk_mlperf.c").read_text()


def table(head: str) -> list[list[str]]:
    """The rows of the table whose first column is called ``head``."""
    found = re.search(rf"^\| {re.escape(head)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    assert found, head
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()]


def test_models_are_those_of_the_rules() -> None:
    rows = table("id")
    assert [row[0].strip("`") for row in rows] == list(MLPERF_IDS)
    sizes = {name: size for size, name in _SIZES.items()}
    for row in rows:
        rule = RULES[next(name for name in MLPERF_IDS if name == row[0].strip("`"))]
        assert (int(row[2]), int(row[3])) == sizes[row[0].strip("`")]
        assert row[4] == f"{rule.inferences}, {rule.warmups}"
        metric = {"auc": "AUC", "top1": "top-1"}[rule.metric]
        assert row[5] == (metric if rule.floor is None else f"{metric} {rule.floor:g}")
    assert LOOPS == 5
    assert f"at least {LEAST_US // 10**6} s or had at least {LEAST_INFERENCES} inferences" in " ".join(TEXT.split())


def test_errors_are_those_of_the_firmware() -> None:
    documented = [row[0].strip("`") for row in table("error")]
    literals = re.findall(r'"(e-\[[^"]*)"', SOURCE)
    assert literals
    for literal in literals:
        assert [line for line in documented if line.startswith(literal)], literal
    for line in documented:
        assert [literal for literal in literals if line.startswith(literal)], line


def test_commands_are_those_of_the_firmware() -> None:
    documented = {row[0].strip("`").split()[0] for row in table("command")}
    assert documented == set(re.findall(r'equal\(name, "(\w+)"\)', SOURCE))
    db = {row[0].strip("`").split()[1] for row in table("command") if row[0].startswith("`db ")}
    assert db == {"load", "print", "HEX"}
    assert set(re.findall(r'equal\(word, "(\w+)"\)', SOURCE)) == {"load", "print"}
    for reply in re.findall(r'"(m-[\w-]+)', SOURCE):
        assert reply in TEXT, reply
    longest = re.search(r"LONGEST_COMMAND (\d+)u", SOURCE)
    assert longest
    assert f"a command has at most {longest[1]} characters" in TEXT


def test_results_have_the_documented_keys() -> None:
    performance = Performance((Loop(20, 5, 1000),), "hardware", None)
    accuracy = Accuracy("top1", 0.9, 0.8, 10, 9, "x.npz", 0)
    value = MlperfResult("ic01", "m", "b", "aot", "0", "b", "p", performance, accuracy).to_json()
    documented = {
        key: set(re.findall(r"`(\w+)`", row[1]))
        for row in table("key of results.json")
        for key in re.findall(r"`([\w.]+)(?:\[\])?`", row[0])
    }
    assert set(value) == {key for key in documented if "." not in key} - {"error"}
    assert set(value["performance"]["loops"][0]) == documented["performance.loops"]
    assert set(value["performance"]) <= documented["performance"] | {"loops"}
    assert set(value["accuracy"]) <= documented["accuracy"]
    assert set(value["model"]) <= documented["model"]
    assert set(value["device"]) <= documented["device"]
