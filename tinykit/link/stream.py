"""Byte streams: what a serial port, a socket and a pseudo-terminal have in common."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import time
from typing import Any, Protocol

from tinykit.errors import DeviceDied
from tinykit.link.port_access import cannot_open
from tinykit.link.port_lock import hold_port
from tinykit.link.ports import resolve_port

_CHUNK = 65536
_USER = "tinykit"
_WRITE_TIMEOUT = 10.0
"""Seconds until a line that takes no more bytes counts as dead."""


class ByteStream(Protocol):
    """A line to a device. ``description`` names it in messages."""

    description: str

    def read(self, timeout: float) -> bytes:
        """What has arrived, at least one byte; b"" when nothing came in ``timeout`` seconds.

        Raises:
            DeviceDied: the other side is gone.
        """
        ...

    def write(self, data: bytes) -> None:
        """Send all of ``data``.

        Raises:
            DeviceDied: the other side is gone, or takes no more bytes.
        """
        ...

    def close(self) -> None: ...


def _gone(description: str, why: str) -> DeviceDied:
    return DeviceDied(
        "the device is gone", where=description, why=why, hint="check the cable and the power, then start again"
    )


class SocketStream:
    """A connected socket; owns it.

    Args:
        write_timeout: seconds until the other side counts as gone when it takes no more bytes.
    """

    def __init__(self, connection: socket.socket, description: str, *, write_timeout: float = _WRITE_TIMEOUT) -> None:
        self._socket = connection
        self._write_timeout = write_timeout
        self.description = description

    def read(self, timeout: float) -> bytes:
        try:
            self._socket.settimeout(max(timeout, 1e-6))
            data = self._socket.recv(_CHUNK)
        except (TimeoutError, BlockingIOError):
            return b""
        except OSError as error:
            raise _gone(self.description, error.strerror or str(error)) from None
        if not data:
            raise _gone(self.description, "it closed the line")
        return data

    def write(self, data: bytes) -> None:
        try:
            self._socket.settimeout(self._write_timeout)
            self._socket.sendall(data)
        except OSError as error:
            with contextlib.suppress(OSError):  # half a frame may have gone out: whoever reads here has to know, too
                self._socket.shutdown(socket.SHUT_RDWR)
            raise _gone(self.description, error.strerror or str(error)) from None

    def close(self) -> None:
        self._socket.close()


class FdStream:
    """A file descriptor such as the near end of a pseudo-terminal; owns it."""

    def __init__(self, fd: int, description: str) -> None:
        self._fd = fd
        self.description = description
        os.set_blocking(fd, False)

    def read(self, timeout: float) -> bytes:
        ready, _, _ = select.select([self._fd], [], [], max(timeout, 0.0))
        if not ready:
            return b""
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            # a pseudo-terminal whose other end is closed reports EIO
            why = "it closed the line" if error.errno == errno.EIO else (error.strerror or str(error))
            raise _gone(self.description, why) from None
        if not data:
            raise _gone(self.description, "it closed the line")
        return data

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        deadline = time.monotonic() + _WRITE_TIMEOUT
        while view:
            _, ready, _ = select.select([], [self._fd], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _gone(self.description, f"it took no more bytes for {_WRITE_TIMEOUT:.0f} s")
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise _gone(self.description, error.strerror or str(error)) from None

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._fd)


def open_serial(port: str, baud: int = 115200) -> Any:
    """A pyserial port, opened for this program alone.

    Args:
        port: a device name, a pyserial URL, or "usb:" and what ``resolve_port`` looks up.

    Raises:
        DeviceMissing: the port does not exist, is in use, or may not be opened.
    """
    import serial

    name = resolve_port(port)
    try:
        line = serial.serial_for_url(name, baudrate=baud, timeout=0, write_timeout=_WRITE_TIMEOUT, do_not_open=True)
        if hasattr(line, "exclusive"):
            line.exclusive = True
        with hold_port(name, _USER):
            line.open()
    except (serial.SerialException, ValueError, OSError) as error:
        raise cannot_open(name, error) from None
    return line


class SerialStream:
    """A serial port by device name or pyserial URL ("/dev/ttyUSB0", "COM3", "socket://host:port").

    Raises:
        DeviceMissing: the port does not exist, is in use, or may not be opened.
    """

    def __init__(self, port: str, baud: int = 115200) -> None:
        import serial

        name = resolve_port(port)
        with contextlib.ExitStack() as lock:
            lock.enter_context(hold_port(name, _USER))
            self._serial = open_serial(name, baud)
            self._lock = lock.pop_all()
        self.description = str(self._serial.port or port)
        self._errors = (serial.SerialException, OSError, TypeError)  # TypeError: pyserial on a port closed meanwhile

    def read(self, timeout: float) -> bytes:
        try:
            self._serial.timeout = max(timeout, 0.0)
            first: bytes = self._serial.read(1)
            if not first:
                return b""
            self._serial.timeout = 0
            rest: bytes = self._serial.read(max(1, self._serial.in_waiting))
        except self._errors as error:
            raise _gone(self.description, str(error)) from None
        return first + rest

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
            self._serial.flush()
        except self._errors as error:
            raise _gone(self.description, str(error)) from None

    def close(self) -> None:
        with contextlib.suppress(*self._errors):
            self._serial.close()
        self._lock.close()
