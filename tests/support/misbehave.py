"""An emulator that misbehaves on purpose, to be named in a test's board file instead of QEMU. A simulated fault.

    misbehave.py MODE RUN MARKER PROGRAM ARGUMENT...

It starts the real emulator and stands between it and tinykit on the serial line (a socket whose number is in the
arguments, as ``fd=N``). At the RUN-th inference that is asked for it does what MODE says:

    hang    passes on nothing more in either direction, and stays
    wrong   changes the first byte of the output that is read next, with a checksum that is right
    reset   kills the emulator and starts it again: a real restart of the firmware in the middle of a session
    garble  from then on turns every byte from the device into one that is not in any frame

With a MARKER other than "-" it does so only as long as there is no such file, which it then makes: once.
"""

from __future__ import annotations

import re
import select
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tinykit.link.frames import Command, Frame, FrameError, Kind, ReadObject, decode_frame, encode_frame


class Emulator:
    """The real one, and our end of its line."""

    def __init__(self, command: list[str], fd: str) -> None:
        self._command, self._fd = command, fd
        self.start()

    def start(self) -> None:
        self.line, theirs = socket.socketpair()
        command = [word.replace(f"fd={self._fd}", f"fd={theirs.fileno()}") for word in self._command]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        theirs.close()

    def restart(self) -> None:
        self._process.kill()
        self._process.wait()
        self.line.close()
        self.start()


class Fault:
    """What is done, and when."""

    def __init__(self, mode: str, run: int, marker: Path | None) -> None:
        self.mode = mode
        self._left = run
        self._marker = marker
        self._seen: set[tuple[int, int]] = set()
        self._output_asked = False
        self.active = False

    def request(self, frame: Frame) -> bool:
        """Look at what the host sends; True at the moment when the fault begins."""
        if frame.command == Command.READ and frame.payload[:1] == bytes([ReadObject.OUTPUT]):
            self._output_asked = True
        if frame.command != Command.RUN or (frame.session, frame.sequence) in self._seen:
            return False
        self._seen.add((frame.session, frame.sequence))
        self._left -= 1
        if self._left != 0 or (self._marker is not None and self._marker.exists()):
            return False
        if self._marker is not None:
            self._marker.touch()
        self.active, self._output_asked = True, False
        return True

    def reply(self, frame: Frame) -> Frame:
        """What the host gets for a frame of the device's."""
        due = self.mode == "wrong" and self.active and self._output_asked
        if not due or (frame.kind, frame.command) != (Kind.REPLY, Command.READ):
            return frame
        self.active = False
        return replace(frame, payload=bytes([frame.payload[0] ^ 0x40]) + frame.payload[1:])


def pieces(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole pieces between zeros, and what has no end yet."""
    *whole, rest = data.split(b"\0")
    return [piece for piece in whole if piece], rest


def main() -> None:
    mode, run, marker, *command = sys.argv[1:]
    fd = re.search(r"fd=(\d+)", " ".join(command))
    assert fd is not None, "no serial line among the arguments"
    host = socket.socket(fileno=int(fd[1]))
    emulator = Emulator(command, fd[1])
    fault = Fault(mode, int(run), None if marker == "-" else Path(marker))
    from_host = from_device = b""
    while True:
        ready, _, _ = select.select([host, emulator.line], [], [])
        if host in ready:
            data = host.recv(65536)
            if not data:
                return
            found, from_host = pieces(from_host + data)
            for piece in found:
                begins = fault.request(decode_frame(piece))
                if begins and mode == "hang":
                    time.sleep(3600)
                emulator.line.sendall(b"\0" + piece + b"\0")
                if begins and mode == "reset":
                    emulator.restart()
                    from_device = b""
        elif emulator.line in ready:
            data = emulator.line.recv(65536)
            if not data:
                return
            if mode == "garble" and fault.active:
                host.sendall(b"\x55" * len(data))
                continue
            found, from_device = pieces(from_device + data)
            for piece in found:
                try:
                    host.sendall(encode_frame(fault.reply(decode_frame(piece))))
                except FrameError:
                    host.sendall(b"\0" + piece + b"\0")


if __name__ == "__main__":
    main()
