"""The parser of what the compiler prints: every form at hand, and the same torn and shuffled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinykit.edgetpu.compiler.log import MAPPED, STATUSES, CompilerLog, ModelLog, parse_log, parse_size

from .logs import ONE, PARTLY, REFUSED, SEARCHED, TOGETHER

ALL = {"one": ONE, "partly": PARTLY, "together": TOGETHER, "searched": SEARCHED}
ALL |= {name: text for name, (text, _) in REFUSED.items()}


@pytest.mark.parametrize("name", ALL)
def test_every_line_is_understood(name: str) -> None:
    assert parse_log(ALL[name]).unknown == ()


def test_one_model() -> None:
    log = parse_log(ONE)
    assert (log.version, log.timeout_seconds, log.milliseconds) == ("16.0.384591198", 180, 542)
    assert (log.succeeded, log.failed, log.errors) == (1, 0, ())
    (model,) = log.models
    assert (model.input, model.output) == ("net.tflite", "./net_edgetpu.tflite")
    assert log.of_output("net_edgetpu.tflite") is model
    assert (model.subgraphs, model.operations, model.operation_log) == (1, 1, "./net_edgetpu.log")
    assert model.cached is not None
    assert (model.cached.text, model.cached.bytes) == ("192.00B", 192)
    assert model.remaining is not None
    assert model.remaining.bytes == 511.5 * 1024
    assert model.available is None


def test_a_model_that_runs_partly() -> None:
    (model,) = parse_log(PARTLY).models
    assert (model.edgetpu, model.cpu, model.operations) == (83, 10, 93)
    assert model.available is not None
    assert model.available.text == "6.87MiB"
    assert {status for row in model.operators for status in STATUSES if row.status == status} == set(STATUSES)
    assert model.counts()[("CONCATENATION", True)] == 3
    assert model.counts()[("CONCATENATION", False)] == 1


def test_models_compiled_together() -> None:
    first, second = parse_log(TOGETHER).models
    assert (first.input, first.operations, second.input, second.operations) == ("cnn.tflite", 313, "rnn.tflite", 78)


def test_a_search() -> None:
    log = parse_log(SEARCHED)
    assert log.tried == (340, 330)
    assert log.intermediate_tensors == ("Reshape_2", "a/b;c/d")
    assert (log.succeeded, log.failed, log.milliseconds) == (1, 1, 2270)
    assert log.errors[-1] == "Compilation failed due to large activation tensors in model."


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_compiler_refuses(name: str) -> None:
    text, said = REFUSED[name]
    assert any(said in error for error in parse_log(text).errors)


def test_the_recorded_logs(shared: Path) -> None:
    paths = sorted((shared / "edgetpu" / "logs").glob("*.log"))
    assert paths
    for path in paths:
        log = parse_log(path.read_text())
        assert log.unknown == ()
        assert log.version == "15.0.340273435"
        (model,) = log.models
        assert model.input is not None
        assert model.output == model.input.replace(".tflite", "_edgetpu.tflite")
    classifier, detector = (parse_log(path.read_text()).models[0] for path in paths)
    assert classifier.counts() == {
        ("PAD", True): 4, ("MEAN", True): 1, ("DEPTHWISE_CONV_2D", True): 17, ("SOFTMAX", True): 1,
        ("QUANTIZE", True): 2, ("CONV_2D", True): 36, ("FULLY_CONNECTED", True): 1, ("ADD", True): 10,
    }  # fmt: skip
    assert sum(count for (_, mapped), count in detector.counts().items() if mapped) == 124
    assert detector.counts()[("CUSTOM", False)] == 1


@pytest.mark.parametrize(
    "line",
    [
        "Something new happened",
        "Output size: large",
        "Number of Edge TPU subgraphs: many",
        "CONV_2D                        3          Mapped to something else",
        "ADD x y",
        "Input model:",
        "\u0661 2 3",
    ],
)
def test_a_line_that_is_not_known_is_reported(line: str) -> None:
    log = parse_log(ONE + line + "\n")
    assert [unknown.text for unknown in log.unknown] == [line]
    assert log.unknown[0].number == ONE.count("\n") + 1


def test_a_status_that_is_not_known_still_counts() -> None:
    (model,) = parse_log("CONV_2D 3 Mapped to something else").models
    assert model.counts() == {("CONV_2D", False): 3}


def test_what_is_said_twice_is_reported() -> None:
    log = parse_log("Input size: 1.00B\nInput size: 2.00B\n")
    assert log.models == (ModelLog(input_size=parse_size("1.00B")),)
    assert [line.text for line in log.unknown] == ["Input size: 2.00B"]


@pytest.mark.parametrize(
    ("text", "value", "exact", "other"),
    [("0.00B", 0, 0, 1), ("1.92MiB", 1.92 * 2**20, 2013265, 2060000), ("7.75KiB", 7936, 7940, 7960)],
)
def test_sizes(text: str, value: float, exact: int, other: int) -> None:
    size = parse_size(text)
    assert size is not None
    assert size.bytes == pytest.approx(value)
    assert size.agrees(exact)
    assert not size.agrees(other)


@pytest.mark.parametrize("text", ["", "12", "1.MiB", "-1B", "1e3B", "1.0TiB", "9" * 5000 + "B"])
def test_what_is_no_size(text: str) -> None:
    assert parse_size(text) is None


def facts(log: CompilerLog) -> tuple[object, ...]:
    """What does not depend on the order of lines, for a log of one model in which no line comes twice."""
    return log.version, log.milliseconds, Counter(log.errors), log.models and log.models[0].counts(), log.lines


@given(st.permutations(PARTLY.splitlines()))
@settings(max_examples=200, deadline=None)
def test_the_order_of_lines_does_not_matter(lines: list[str]) -> None:
    log = parse_log("\n".join(lines))
    assert log.unknown == ()
    assert facts(log) == facts(parse_log(PARTLY))


@given(st.sampled_from(sorted(ALL)), st.randoms())
@settings(max_examples=200, deadline=None)
def test_shuffled_logs_lose_no_error_and_no_operator(name: str, random: object) -> None:
    lines = ALL[name].splitlines()
    random.shuffle(lines)  # type: ignore[attr-defined]
    before, after = parse_log(ALL[name]), parse_log("\n".join(lines))
    assert Counter(after.errors) == Counter(before.errors)
    rows = [Counter(row for model in log.models for row in model.operators) for log in (before, after)]
    assert rows[0] == rows[1]
    assert after.lines == before.lines


@given(st.sampled_from(sorted(ALL)), st.floats(0, 1))
@settings(max_examples=300, deadline=None)
def test_truncated_logs(name: str, share: float) -> None:
    """What stands before the line that is torn is read as in the whole log; the torn line alone may be unknown."""
    text = ALL[name]
    end = int(share * len(text))
    log = parse_log(text[:end])
    assert len(log.unknown) <= 1
    whole = text[: text.rfind("\n", 0, end) + 1]
    assert parse_log(whole).unknown == ()
    assert log.lines - parse_log(whole).lines in (0, 1)


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text(text: str) -> None:
    log = parse_log(text)
    assert len(log.unknown) <= log.lines


def test_a_line_that_does_not_end() -> None:
    log = parse_log("A" * 1_000_000 + " " + "1" * 1_000_000)
    assert len(log.unknown) == 1


def test_mapped_is_a_status() -> None:
    assert MAPPED in STATUSES
