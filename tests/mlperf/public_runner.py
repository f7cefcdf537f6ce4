"""How the benchmark's public runner talks to a device: an independent reimplementation, for tests.

It is a simulated part: the runner itself (https://github.com/mlcommons/tiny, benchmark/runner: serial_device.py,
device_under_test.py, script.py) is no package. What it does was taken from reading it, none of its code; in every
respect that a firmware can notice this does the same:

- it opens the port with pyserial, reads it one byte at a time in a thread of its own, and decodes each byte alone as
  UTF-8: one byte above 0x7f anywhere on the line ends the thread, and with it the runner;
- CR and zero bytes are dropped, LF ends a line;
- a command is its words and "%", no line end; the reply is all lines up to one that contains "m-ready", each of which
  has to come within 5 seconds;
- it waits 2 seconds after it has opened the port, then asks for name and profile, each at most 3 times;
- the input goes in lines of 31 bytes, in lower-case digits; the reply to each is awaited;
- name, profile, model, times and results are those that match its regular expressions from beginning to end;
- every reply is ended by the next "m-ready" that comes, so a start that is heard after the port was opened makes each
  reply be taken for the one of the command behind it: the device has to have started before;
- a reply of a single line is given back as that line and not as a list of it, so that a reply has to have one more
  line than "m-ready" where it is gone through line by line.
"""

from __future__ import annotations

import queue
import re
import threading
import time

import serial

LINE_TIMEOUT = 5.0
SETTLING = 2.0
BYTES_A_LINE = 31


class RunnerFailed(AssertionError):
    """The public runner would have ended, or gone on without what it needs."""


class PublicRunner:
    """The runner's device class, over a serial port."""

    def __init__(self, port: str, baud: int = 115200) -> None:
        self._port = serial.Serial(port, baud, timeout=0.1)
        self._lines: queue.Queue[str] = queue.Queue()
        self._fault: Exception | None = None
        self._running = True
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        time.sleep(SETTLING)
        self.name = self._first_match("name", r"^m-name-dut-\[([^]]+)]$")
        self.model = self._first_match("profile", r"^m-model-\[([^]]+)]$")
        self.profile = self._first_match("profile", r"^m-profile-\[([^]]+)]$")

    def close(self) -> None:
        self._running = False
        self._thread.join()
        self._port.close()

    def _read(self) -> None:
        line = ""
        try:
            while self._running:
                character = self._port.read(1).decode()
                if character == "\n":
                    self._lines.put(line)
                    line = ""
                elif character and character not in "\r\0":
                    line += character
        except (UnicodeDecodeError, serial.SerialException) as error:
            self._fault = error

    def command(self, text: str) -> list[str] | str:
        """All lines of a reply that are not empty, the last of which has "m-ready" in it."""
        self._port.write(text.encode())
        self._port.write(b"%")
        lines: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=LINE_TIMEOUT)
            except queue.Empty:
                raise RunnerFailed(f"no response to {text[:40]!r}, reader: {self._fault!r}") from None
            if line:
                lines.append(line)
            if "m-ready" in line:
                return lines if len(lines) != 1 else lines[0]

    def _first_match(self, command: str, pattern: str) -> str:
        for _ in range(3):
            for line in self.command(command):
                match = re.match(pattern, line)
                if match:
                    return match[1]
        raise RunnerFailed(f"{command}: nothing matches {pattern}")

    def timestamp(self) -> list[str] | str:
        return self.command("timestamp")

    def load(self, data: bytes) -> list[str] | str:
        """The reply to the last line of the input."""
        self.command(f"db load {len(data)}")
        reply: list[str] | str = []
        for at in range(0, len(data), BYTES_A_LINE):
            reply = self.command("db " + "".join(f"{byte:02x}" for byte in data[at : at + BYTES_A_LINE]))
        return reply

    def infer(self, number: int, warmups: int) -> tuple[list[float], int]:
        """Results, and microseconds between the two times."""
        results: list[float] | None = None
        times: list[int] = []
        reply = self.command(f"infer {number} {warmups}")
        for line in reply:
            match = re.match(r"^m-results-\[([^]]+)\]$", line)
            if match:
                results = [float(x) for x in match[1].split(",") if x.strip()]
                continue
            match = re.match(r"^m-lap-us-([0-9]+)$", line)
            if match:
                times.append(int(match[1]))
        if results is None or len(times) != 2:
            raise RunnerFailed(f"infer {number} {warmups}: results {results}, times {times} in {reply}")
        return results, times[1] - times[0]
