"""The record of a benchmark: what counts as worse, and files that are none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tinykit.bench import Row, load_peers, load_record, regressions, save_record
from tinykit.bench.row import Figures
from tinykit.errors import InputError

FIGURES = Figures("instructions", 1000, 500, 2000, 1900, 30000, 9000, 3000, 4000, 500, "0badcafe")
ROW = Row("qemu-mps2-an386", "cortex-m4", "digits", "balanced", FIGURES)


def recorded(folder: Path, *rows: Row) -> Path:
    path = folder / "record.json"
    save_record(path, rows)
    return path


def test_a_record_is_as_good_as_itself(tmp_path: Path) -> None:
    assert regressions([ROW], load_record(recorded(tmp_path, ROW)), 0) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("latency", 1011, "instructions grew from 1,000 to 1,011"),
        ("arena", 2021, "arena grew from 2,000 to 2,021"),
        ("flash", 30301, "flash grew from 30,000 to 30,301"),
        ("alone", 3031, "alone grew from 3,000 to 3,031"),
        ("crc", "deadbeef", "the output changed from 0badcafe to deadbeef"),
        ("unit", "us", "counted in us, the record in instructions"),
    ],
)
def test_what_is_worse_is_said(tmp_path: Path, name: str, value: object, said: str) -> None:
    record = load_record(recorded(tmp_path, ROW))
    worse = replace(ROW, figures=replace(FIGURES, **{name: value}))
    assert regressions([worse], record, 1) == [f"qemu-mps2-an386/digits: {said}"]


@pytest.mark.parametrize("name", ["latency", "arena", "flash", "alone"])
def test_one_percent_is_let_pass_and_less_is_fine(tmp_path: Path, name: str) -> None:
    record = load_record(recorded(tmp_path, ROW))
    for factor in (0.5, 1.01):
        value = int(getattr(FIGURES, name) * factor)
        assert regressions([replace(ROW, figures=replace(FIGURES, **{name: value}))], record, 1) == []


def test_what_no_longer_fits_is_worse(tmp_path: Path) -> None:
    record = load_record(recorded(tmp_path, ROW))
    small = replace(ROW, figures=None, why="too big")
    assert regressions([small], record, 1) == ["qemu-mps2-an386/digits: no longer fits: too big"]
    assert regressions([ROW], load_record(recorded(tmp_path / "2", small)), 1) == []


def test_rows_that_were_not_measured_again_stay(tmp_path: Path) -> None:
    other = replace(ROW, model="other", optimize="size")
    path = recorded(tmp_path, ROW, other)
    save_record(path, [replace(ROW, figures=replace(FIGURES, latency=1))])
    record = load_record(path)
    assert set(record) == {"qemu-mps2-an386/digits", "qemu-mps2-an386/other/size"}
    assert not isinstance(record["qemu-mps2-an386/digits"], str)
    assert record["qemu-mps2-an386/digits"].latency == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("[]", "valid dictionary"),
        ('{"schema": 1, "rows": {}}', "schema 1, not 2"),
        ('{"schema": 2, "rows": {"a": {"latency": "x"}}}', "rows.a"),
        ("[" * 100000, ""),
    ],
)
def test_a_file_that_is_no_record_is_refused_and_kept(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(InputError, match="record") as caught:
        load_record(path)
    assert why in caught.value.render()
    with pytest.raises(InputError):
        save_record(path, [ROW])
    assert path.read_text() == text


def test_peers_are_found_by_core_and_model(tmp_path: Path) -> None:
    path = tmp_path / "peers.json"
    row = {"engine": "TFLM", "target": "Cortex-M4F", "model": "digits"}
    rows = [
        {**row, "kernels": "reference", "instructions": 900},
        {**row, "kernels": "slow", "instructions": 800},
        {**row, "kernels": "fast", "instructions": 700},
        {**row, "kernels": "elsewhere", "instructions": 1, "target": "Cortex-M0+"},
    ]
    path.write_text(json.dumps(rows))
    peers = load_peers(path)
    best, reference = peers.best("cortex-m4", "digits"), peers.reference("cortex-m4", "digits")
    assert best is not None
    assert reference is not None
    assert (best.kernels, reference.kernels) == ("fast", "reference")
    assert peers.best("cortex-m4", "unknown") is None
    assert peers.of("cortex-m3", "digits") == ()


@pytest.mark.parametrize("text", ["{}", "[1]", '[{"engine": "x"}]', "nonsense"])
def test_a_file_that_is_no_list_of_peers_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "peers.json"
    path.write_text(text)
    with pytest.raises(InputError, match="no list of peers"):
        load_peers(path)
