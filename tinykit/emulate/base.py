"""What an emulator is: a context manager that gives what a board gives, a serial port."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol

from tinykit.errors import DeviceDied
from tinykit.link.stream import ByteStream
from tinykit.process import ChildProcess

_PATIENCE = 0.2
"""Seconds. Longer than a large frame takes to be received and answered."""


class Loadable(Protocol):
    """Anything with an ELF file, or that a runner serves on a board: an Image of tinykit.firmware."""

    @property
    def elf(self) -> Path: ...

    @property
    def served_at(self) -> tuple[str, int] | None: ...


class OpenBoard(Protocol):
    """An emulator, or a serial port: starts on entry, ends on exit, for certain."""

    def __enter__(self) -> ByteStream: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class ProcessStream:
    """The byte stream of an emulator's process: when the stream breaks, says what the process died of.

    Args:
        gather: keep the process on one processor while bytes flow (see ``ChildProcess.gather``).
        hint: what to try when it ended.
    """

    def __init__(
        self,
        stream: ByteStream,
        process: ChildProcess,
        description: str,
        *,
        gather: bool = False,
        hint: str = "start it by hand with the command in the board file to see more",
    ) -> None:
        self._hint = hint
        self._gather = gather
        self._stream = stream
        self._process = process
        self.description = description

    def read(self, timeout: float) -> bytes:
        """Up to what is there; b"" after ``timeout`` seconds.

        Raises:
            DeviceDied: the process ended.
        """
        try:
            data = self._stream.read(min(timeout, _PATIENCE))
            if data or timeout <= _PATIENCE:
                return data
            # It computes for long, or has to share its processor: both are over sooner when it may use another one.
            self._process.scatter()
            return self._stream.read(timeout - _PATIENCE)
        except DeviceDied as error:
            raise self._died() from error

    def write(self, data: bytes) -> None:
        """All of ``data``.

        Raises:
            DeviceDied: the process ended.
        """
        if self._gather:
            self._process.gather()
        try:
            self._stream.write(data)
        except DeviceDied as error:
            raise self._died() from error

    def close(self) -> None:
        self._stream.close()

    def _died(self) -> DeviceDied:
        return DeviceDied(
            "the emulated device ended",
            where=self.description,
            why=self._process.obituary(),
            hint=self._hint,
        )
