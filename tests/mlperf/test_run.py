"""Runs by the rules: `tinykit mlperf run` and what it leaves behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cli.conftest import Tinykit, tinykit  # noqa: F401 - a fixture
from support.probe import need_tools
from support.slow import rest_slow
from tinykit.board import load_board
from tinykit.errors import InputError, UnsupportedModel, WrongFirmware
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.firmware.mlperf import mlperf_id
from tinykit.graph.reader import read_model
from tinykit.graph.types import DType
from tinykit.hil.run import RunOptions, run_model
from tinykit.mlperf import MlperfOptions, MlperfResult, Mode, run_mlperf

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "models" / "digits" / "digits.tflite"
DIGITS_DATA = ROOT / "models" / "digits" / "digits_test.npz"
IDS = {
    "ad01_int8": "ad01",
    "pretrainedResnet": "ic01",
    "pretrainedResnet_quant": "ic01",
    "kws_ref_model": "kws01",
    "vww_96_float": "vww01",
    "vww_96_int8": "vww01",
    "str_ww_ref_model": "sww01",
}


@pytest.mark.parametrize("name", IDS)
def test_which_model_it_is_is_seen_by_its_sizes(shared: Path, name: str) -> None:
    graph = read_model(shared / "models" / "mlperf_tiny" / f"{name}.tflite")
    assert mlperf_id("auto", graph, name) == IDS[name]
    assert mlperf_id(None, graph, name) is None
    assert mlperf_id("sww01", graph, name) == "sww01"  # what one says counts


def test_what_cannot_be_guessed_or_cannot_be(shared: Path) -> None:
    digits = read_model(DIGITS)
    with pytest.raises(InputError, match="makes 10 numbers of 64") as caught:
        mlperf_id("auto", digits, "digits.tflite")
    assert "ad01, ic01, kws01, vww01, sww01" in caught.value.render()
    with pytest.raises(InputError, match="no model of MLPerf Tiny is called 'kws'"):
        mlperf_id("kws", digits, "digits.tflite")
    with pytest.raises(InputError, match="cannot be ad01"):
        mlperf_id("ad01", digits, "digits.tflite")
    with pytest.raises(UnsupportedModel, match="has 2 and 1"):
        mlperf_id("kws01", replace(digits, inputs=digits.inputs * 2), "digits.tflite")
    source = digits.tensor(digits.inputs[0])
    wide = {**digits.tensors, digits.inputs[0]: replace(source, dtype=DType.INT64)}
    with pytest.raises(UnsupportedModel, match="cannot carry the input"):
        mlperf_id("kws01", replace(digits, tensors=wide), "digits.tflite")


def run_digits(tinykit: Tinykit, *more: object):  # noqa: F811
    return tinykit("mlperf", "run", DIGITS, "--board", "native", "--id", "kws01", *more)


@pytest.mark.slow
def test_a_run_in_both_modes_and_its_folder(tinykit: Tinykit, tmp_path: Path) -> None:  # noqa: F811
    done = run_digits(tinykit, "--mode", "both", "--data", DIGITS_DATA, "--limit", 100, "--out", "out")
    assert done.code == 0, done.err
    out = tmp_path / "out"
    assert sorted(p.name for p in out.iterdir() if p.name[0] != ".") == [
        "firmware",
        "log.txt",
        "results.json",
        "results.txt",
    ]
    found = json.loads((out / "results.json").read_text())
    assert found["result"] == "pass"
    assert found["performance"]["clock"] == "operating system"
    assert found["performance"]["instructions"] is None
    loops = found["performance"]["loops"]
    assert [(loop["inferences"], loop["warmups"]) for loop in loops] == [(70, 10)] * 5
    each = sorted(loop["elapsed_us"] / 70 for loop in loops)
    assert found["performance"]["median_us"] == pytest.approx(each[2])
    assert found["performance"]["inferences_per_second"] == pytest.approx(1e6 / each[2])
    plain = run_model(DIGITS, "native", RunOptions(data=DIGITS_DATA, limit=100))
    assert plain.accuracy.device is not None
    assert found["accuracy"]["value"] == pytest.approx(plain.accuracy.device, abs=0.011)
    assert found["accuracy"]["right"] == round(found["accuracy"]["value"] * 100)
    text = (out / "results.txt").read_text()
    assert text.strip() in done.out
    assert "us of the operating system's clock" in text
    log = (out / "log.txt").read_text().splitlines()
    assert log[0] == "> name%"
    assert {line[:2] for line in log} == {"> ", "< "}
    assert sum(line == "> infer 70 10%" for line in log) == 5
    assert sum(line == "> infer 1 0%" for line in log) == 100
    assert max(len(line) for line in log if line[0] == ">") <= 2 + 80


def test_json_on_stdout_and_nothing_left_without_out(tinykit: Tinykit, tmp_path: Path) -> None:  # noqa: F811
    done = run_digits(tinykit, "--json")
    assert done.code == 0
    assert json.loads(done.out)["accuracy"] is None
    assert not any((tmp_path / "tmp").iterdir())


def test_below_the_floor_is_a_failed_check(tinykit: Tinykit, tmp_path: Path) -> None:  # noqa: F811
    data = np.load(DIGITS_DATA)
    np.savez(tmp_path / "wrong.npz", x=data["x"][:20], y=(data["y"][:20] + 1) % 10)
    done = run_digits(tinykit, "--mode", "accuracy", "--data", tmp_path / "wrong.npz", "--out", "out")
    assert done.code == 1
    assert "below 0.9" in done.err
    assert json.loads((tmp_path / "out" / "results.json").read_text())["result"] == "fail"


BAD_USE = {
    "no labels": (("--mode", "accuracy"), 2, "accuracy mode needs labels"),
    "no id": (("--id", "auto"), 2, "cannot tell which"),
    "a wrong id": (("--id", "ww01"), 2, "no model of MLPerf Tiny is called 'ww01'"),
    "ad01": (("--id", "ad01"), 2, "cannot be ad01"),
    "no board": (("--board", "nativ"), 2, "unknown board"),
    "no port": (("--port", "/dev/tty-none"), 3, "/dev/tty-none"),
    "no data": (("--data", "none.npz"), 2, "cannot read the data file"),
}


@pytest.mark.parametrize("case", rest_slow(BAD_USE, 2))
def test_wrong_use(case: str, tinykit: Tinykit, tmp_path: Path) -> None:  # noqa: F811
    arguments, code, text = BAD_USE[case]
    done = run_digits(tinykit, *arguments, "--out", "out")
    assert done.code == code, done.err
    assert text in " ".join(done.err.split())
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["result"] == "error"
    assert results["error"]["exit_code"] == code


@pytest.mark.slow
def test_an_error_leaves_no_results_of_an_earlier_run(tinykit: Tinykit, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.json").write_text('{"result": "pass"}')
    (tmp_path / "out" / "log.txt").write_text("earlier")
    assert run_digits(tinykit, "--mode", "accuracy", "--out", "out").code == 2
    assert "pass" not in (tmp_path / "out" / "results.json").read_text()
    assert (tmp_path / "out" / "log.txt").read_text() == ""


def test_a_folder_that_cannot_be_written_is_said_at_once(tinykit: Tinykit, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "file").write_text("")
    done = run_digits(tinykit, "--out", "file/out")
    assert done.code == 2
    assert "cannot write the results" in done.err
    assert "building" not in done.err


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_tools("native")
    folder = tmp_path_factory.mktemp("mlperf") / "project"
    build_model(DIGITS, load_board("native"), folder, BuildOptions(mlperf="ic01"))
    return folder


def test_a_project_that_was_built_before(project: Path, tmp_path: Path) -> None:
    result = run_mlperf(project, MlperfOptions(), out_dir=tmp_path)
    assert result.model == "ic01"
    assert result.model_name == "digits"
    assert result.performance is not None
    assert [loop.inferences for loop in result.performance.loops] == [20] * 5
    with pytest.raises(InputError, match="built as ic01, not as kws01"):
        run_mlperf(project, MlperfOptions(build=BuildOptions(mlperf="kws01")))
    with pytest.raises(InputError, match="the project is for native, not for qemu-mps2-an386"):
        run_mlperf(project, MlperfOptions(board="qemu-mps2-an386"))


def test_a_project_without_the_protocol(tmp_path: Path) -> None:
    need_tools("native")
    build_model(DIGITS, load_board("native"), tmp_path / "project")
    with pytest.raises(InputError, match="does not speak MLPerf Tiny's protocol"):
        run_mlperf(tmp_path / "project", MlperfOptions())


def test_another_build_on_the_line_is_not_measured(project: Path, tmp_path: Path) -> None:
    need_tools("native")
    other = build_model(DIGITS, load_board("native"), tmp_path / "other", BuildOptions(mlperf="kws01"))
    (project / "build" / "firmware.elf").replace(project / "build" / "mine.elf")
    try:
        (project / "build" / "firmware.elf").write_bytes(other.elf.read_bytes())
        (project / "build" / "firmware.elf").chmod(0o755)
        with pytest.raises(WrongFirmware, match="another firmware"):
            run_mlperf(project, MlperfOptions())
    finally:
        (project / "build" / "mine.elf").replace(project / "build" / "firmware.elf")


@pytest.mark.slow
def test_a_firmware_for_the_benchmark_is_one_for_tinykit_run(tmp_path: Path) -> None:
    report = run_model(DIGITS, "native", RunOptions(data=DIGITS_DATA, limit=20, mlperf="kws01"), out_dir=tmp_path)
    assert report.failures == ()
    manifest = json.loads((tmp_path / "firmware" / "manifest.json").read_text())
    assert manifest["flags"]["mlperf"] == "kws01"


@pytest.mark.slow
def test_anomalies_are_scored_by_the_area_under_the_curve(shared: Path, tmp_path: Path) -> None:
    """Against the same area of the host's own numbers, from the outputs that the link reads."""
    model = shared / "models" / "mlperf_tiny" / "ad01_int8.tflite"
    random = np.random.default_rng(5)
    x = random.integers(-128, 128, (24, 640)).astype(np.int8)
    y = random.random(24) < 0.5
    x[y] //= 2
    np.savez(tmp_path / "ad.npz", x=x, y=y)
    options = MlperfOptions(mode="accuracy", board="native", data=tmp_path / "ad.npz")
    result = run_mlperf(model, options)
    assert result.accuracy is not None
    plain = run_model(model, "native", RunOptions(data=tmp_path / "ad.npz"))
    assert plain.accuracy.metric == "auc"
    assert result.accuracy.value == pytest.approx(plain.accuracy.device)
    assert result.accuracy.right is None
    np.savez(tmp_path / "classes.npz", x=x, y=np.zeros(24, int))
    with pytest.raises(InputError, match="needs normal samples and anomalies"):
        run_mlperf(model, MlperfOptions(mode="accuracy", board="native", data=tmp_path / "classes.npz"))


@pytest.mark.slow
def test_the_official_keywords(shared: Path) -> None:
    """All of them on this computer; on the emulator, whose line is slow, as many are right of the first hundred."""
    need_tools("qemu-mps2-an386")
    model = shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite"

    def run(board: str, limit: int | None, mode: Mode = "both") -> MlperfResult:
        return run_mlperf(
            model, MlperfOptions(mode=mode, board=board, data=shared / "datasets" / "kws01.npz", limit=limit)
        )

    found = run("native", None)
    assert found.failures == ()
    assert found.accuracy is not None
    assert (found.accuracy.right, found.accuracy.samples) == (902, 1000)
    assert found.performance is not None
    assert found.performance.valid
    few, emulated = run("native", 100, "accuracy"), run("qemu-mps2-an386", 100)
    assert emulated.failures == ()
    assert emulated.accuracy == few.accuracy
    assert emulated.performance is not None
    assert emulated.performance.valid


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8"])
def test_performance_mode_counts_the_instructions_that_the_link_counts(shared: Path, name: str) -> None:
    """A lap holds the copying of the input as well, and the loop around it: a per cent at most."""
    need_tools("qemu-mps2-an386")
    model = shared / "models" / "mlperf_tiny" / f"{name}.tflite"
    found = run_mlperf(model, MlperfOptions(board="qemu-mps2-an386")).performance
    assert found is not None
    assert found.clock == "emulator"
    assert found.instructions is not None
    plain = run_model(model, "qemu-mps2-an386", RunOptions(reference=False, limit=1))
    assert plain.latency.unit == "instructions"
    assert plain.latency.p50 <= found.instructions <= 1.01 * plain.latency.p50
