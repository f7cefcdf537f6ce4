"""The host's side of MLPerf Tiny's text protocol."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from tinykit.errors import DeviceDied, DeviceGarbled, DeviceRefused, DeviceReset, DeviceSilent
from tinykit.link.diagnosis import excerpt, fault_report
from tinykit.link.stream import ByteStream
from tinykit.mlperf.lines import Lines

READY = "m-ready"
STARTED = "m-init-done"
BYTES_A_COMMAND = 31
"""Of input in a ``db`` command, as the public runner sends them."""

_DEFAULT_CONNECT = 10.0
_REPLY = 2.0
"""Seconds a command may take that computes nothing."""
_SLOWER = 10.0
"""By how much inferences may be slower than the warm-ups before them, until the device counts as dead."""


@dataclass(frozen=True)
class Inference:
    """What ``infer`` said.

    Attributes:
        results: the numbers of ``m-results``: the output's elements as real numbers, or ad01's error.
        start_us, end_us: the device's clock before and after the counted inferences, in microseconds.
    """

    results: tuple[float, ...]
    start_us: int
    end_us: int

    @property
    def elapsed_us(self) -> int:
        """Microseconds for all counted inferences."""
        return self.end_us - self.start_us


class MlperfClient:
    """Commands to one device. The protocol has no checksum: damaged numbers are noticed only where they are none.

    Args:
        stream: the line; stays the caller's to close.
        inference_timeout: seconds that one inference may take.
    """

    def __init__(self, stream: ByteStream, *, inference_timeout: float = 120.0) -> None:
        self._lines = Lines(stream)
        self._inference_timeout = inference_timeout

    @property
    def transcript(self) -> list[str]:
        """Every line in order, after "> " (to the device) or "< " (from it)."""
        return self._lines.transcript

    def connect(self, timeout: float = _DEFAULT_CONNECT) -> str:
        """Find the device and its name, whatever is still on the line from before.

        Raises:
            DeviceSilent: no byte came in ``timeout`` seconds.
            DeviceGarbled: bytes came, but no answer.
            DeviceDied: the line ended, or the device reported a fault.
        """
        deadline = time.monotonic() + timeout
        self._lines.end_frame()  # a program that was killed while it sent one leaves the device deaf to text
        while time.monotonic() < deadline:
            self._lines.send("name")
            # A device that starts just now says that it is ready before it answers.
            again = min(deadline, time.monotonic() + _REPLY)
            found = None
            while (left := again - time.monotonic()) > 0:
                line = self._lines.next_line(left)
                if line is None:
                    break
                found = re.fullmatch(r"m-name-dut-\[([^]]+)\]", line) or found
                if line == READY and found is not None:
                    self._drain()
                    return str(found[1])
        raise self._nobody(timeout)

    def profile(self) -> tuple[str, str]:
        """Version of the firmware, and which of the benchmark's models it has.

        Raises:
            DeviceError: the device stops, restarts, refuses or answers wrongly; so for all methods.
        """
        lines = self._ask("profile")
        return self._find(lines, "profile", r"m-profile-\[([^]]+)\]")[0], self._find(
            lines, "profile", r"m-model-\[([^]]+)\]"
        )[0]

    def timestamp(self) -> int:
        """The device's clock in microseconds since some start."""
        return int(self._find(self._ask("timestamp"), "timestamp", r"m-lap-us-(\d+)")[0])

    def load(self, data: bytes) -> None:
        """Set the input: bytes of the model's own input tensor."""
        self._find(self._ask(f"db load {len(data)}"), "db load", rf"m-\[Expecting ({len(data)}) bytes\]")
        lines: list[str] = []
        for at in range(0, len(data), BYTES_A_COMMAND):
            lines = self._ask(f"db {data[at : at + BYTES_A_COMMAND].hex()}")
        self._find(lines, "db", r"(m-load-done)")

    def infer(self, inferences: int = 1, warmups: int = 0) -> Inference:
        """Run the model on the input: ``warmups`` uncounted inferences, then ``inferences`` counted ones."""
        what = f"infer {inferences} {warmups}"
        self._lines.send(what)
        lines: list[str] = []
        begun = time.monotonic()
        limit = self._inference_timeout * (warmups + 1)
        while READY not in lines:
            lines.append(self._reply_line(what, limit))
            if lines[-1] == "m-warmup-done":
                took = time.monotonic() - begun
                limit = self._inference_timeout * inferences
                if warmups:  # they say how long the others will take
                    limit = min(limit, self._inference_timeout + _SLOWER * inferences * took / warmups)
        self._check(what, lines)
        laps = self._find(lines, what, r"m-lap-us-(\d+)", count=2)
        (numbers,) = self._find(lines, what, r"m-results-\[([^]]+)\]")
        try:
            results = tuple(float(number) for number in numbers.split(","))
        except ValueError:
            raise self._wrong(what, f"its results are no numbers: {numbers[:80]}") from None
        start, end = (int(lap) for lap in laps)
        if end < start:
            raise self._wrong(what, f"its clock runs backwards, from {start} to {end} us")
        return Inference(results, start, end)

    def _ask(self, command: str) -> list[str]:
        self._lines.send(command)
        lines: list[str] = []
        while READY not in lines:
            lines.append(self._reply_line(command, _REPLY))
        self._check(command, lines)
        return lines

    def _reply_line(self, command: str, timeout: float) -> str:
        line = self._lines.next_line(timeout)
        if line is None or fault_report(line.encode()):
            fault = fault_report(self._lines.last_bytes)
            if fault:
                raise DeviceDied(f"the firmware crashed during {_short(command)!r}", where=self._where, why=fault)
            raise DeviceDied(
                f"the device stopped answering during {_short(command)!r}",
                where=self._where,
                why=f"nothing came for {timeout:.3g} s",
                hint="reset or power-cycle the board; a longer inference needs a longer --timeout",
            )
        if line == STARTED:
            raise DeviceReset(
                f"the device restarted during {_short(command)!r}",
                where=self._where,
                why=f"it says {STARTED}",
                hint="look for a watchdog, a brown-out, or a stack that overflows",
            )
        return line

    def _check(self, command: str, lines: list[str]) -> None:
        refused = next((line for line in lines if line.startswith("e-")), None)
        if refused is not None:
            raise DeviceRefused(
                f"the device refused {_short(command)!r}",
                where=self._where,
                why=refused,
                hint="check that the firmware has the model that it is tested with",
            )

    def _find(self, lines: list[str], command: str, pattern: str, count: int = 1) -> list[str]:
        found = [match[1] for line in lines if (match := re.fullmatch(pattern, line))]
        if len(found) != count:
            raise self._wrong(command, f"expected {pattern} {count} times in: {' / '.join(lines)[:400]}")
        return found

    def _wrong(self, command: str, why: str) -> DeviceGarbled:
        return DeviceGarbled(
            f"the device answered {_short(command)!r} wrongly",
            where=self._where,
            why=why,
            hint="check the cable and the baud rate, and that the firmware speaks MLPerf Tiny's protocol",
        )

    @property
    def _where(self) -> str:
        return self._lines.description

    def _drain(self) -> None:
        """Leave out what answers an earlier ``name``."""
        while self._lines.next_line(0.05) is not None:
            pass

    def _nobody(self, timeout: float) -> Exception:
        fault = fault_report(self._lines.last_bytes)
        if fault:
            return DeviceDied(
                "the firmware crashed", where=self._where, why=fault, hint="see docs/protocol.md for the fields"
            )
        if self._lines.bytes_seen:
            return DeviceGarbled(
                f"the device sends bytes, but does not answer 'name' in {timeout:g} s",
                where=self._where,
                why=f"received {self._lines.bytes_seen} bytes, the last: {excerpt(self._lines.last_bytes)}",
                hint="check the baud rate, and build the firmware with --mlperf",
            )
        return DeviceSilent(
            f"no answer in {timeout:g} s: not a single byte came",
            where=self._where,
            hint="check power and cable, that RX and TX are not swapped, and build the firmware with --mlperf",
        )


def _short(command: str) -> str:
    return command if len(command) <= 24 else command[:21] + "..."
