"""What a run leaves: text for people, and the folder of results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tinykit.errors import InputError, TinykitError
from tinykit.files import make_folder, write_file
from tinykit.hil.report.failure import failure_value
from tinykit.mlperf.result import SCHEMA, Accuracy, MlperfResult, Performance

_FILES = ("log.txt", "results.txt", "results.json")
_CLOCKS = {
    "hardware": "us of the chip's clock",
    "operating system": "us of the operating system's clock",
    "emulator": "us of the emulator's clock, which counts instructions: no time of hardware",
}


def render_text(result: MlperfResult) -> str:
    """The result for a terminal and results.txt."""
    lines = [
        f"MLPerf Tiny {result.model}: {result.model_name} on {result.board}  "
        f"(engine {result.engine}, build {result.build_id[:12]}, {result.profile})"
    ]
    if result.performance is not None:
        lines += _performance(result.performance)
    if result.accuracy is not None:
        lines.append(_accuracy(result.accuracy))
    lines += [f"FAIL {failure}" for failure in result.failures]
    lines.append(f"result: {'fail' if result.failures else 'pass'}")
    return "\n".join(lines)


def _performance(found: Performance) -> list[str]:
    lines = [f"performance, {_CLOCKS[found.clock]}"]
    lines += [
        f"  loop {number}: {loop.inferences} inferences in {loop.elapsed_us / 1e6:.3f} s, "
        f"{loop.us_per_inference:,.1f} us each"
        for number, loop in enumerate(found.loops, 1)
    ]
    if found.instructions is not None:
        assert found.instructions_per_us is not None
        lines.append(
            f"  median {found.instructions:,.0f} instructions an inference "
            f"({found.median_us:,.1f} us at {found.instructions_per_us:g} instructions a us)"
        )
    else:
        lines.append(f"  median {found.median_us:,.1f} us an inference, {found.throughput:,.3f} inferences a second")
    return lines


def _accuracy(found: Accuracy) -> str:
    floor = "no floor" if found.floor is None else f"floor {found.floor:g}"
    if found.right is not None:
        share = f"{found.right} of {found.samples} right, {100 * found.value:.1f} %, ties: {found.ties}"
    else:
        share = f"AUC {found.value:.4f} over {found.samples} samples"
    return f"accuracy: {share} ({floor}; {found.data})"


def prepare_folder(folder: Path) -> None:
    """Make the folder of results, and take those of an earlier run out of it.

    Raises:
        InputError: it cannot be written: said before minutes of measuring.
    """
    make_folder(folder)
    try:
        for name in _FILES:
            (folder / name).unlink(missing_ok=True)
        write_file(folder / _FILES[0], "")
    except OSError as error:
        raise _cannot_write(folder, error) from None


def write_results(folder: Path, transcript: Sequence[str], outcome: MlperfResult | TinykitError) -> None:
    """Write log.txt, results.txt and results.json into ``folder``, each as a whole.

    Args:
        transcript: every line that went over the line, with its direction.
        outcome: the result, or what ended the run.

    Raises:
        InputError: the folder cannot be written.
    """
    if isinstance(outcome, MlperfResult):
        text, value = render_text(outcome), outcome.to_json()
    else:
        text = f"error: {outcome.render()}\nresult: error"
        value = failure_value(outcome, SCHEMA)
    try:
        write_file(folder / _FILES[0], "".join(f"{line}\n" for line in transcript))
        write_file(folder / _FILES[1], text + "\n")
        write_file(folder / _FILES[2], json.dumps(value, indent=2) + "\n")
    except OSError as error:
        raise _cannot_write(folder, error) from None


def _cannot_write(folder: Path, error: OSError) -> InputError:
    return InputError(
        "cannot write the results", where=str(folder), why=error.strerror or str(error), hint="give another --out"
    )
