"""The serial protocol between host and firmware, host side. docs/protocol.md describes it byte by byte."""

from __future__ import annotations

from tinykit.link.client import Client, DeviceMemory, LinkStats, RunResult
from tinykit.link.info import DeviceInfo, TensorInfo
from tinykit.link.stream import ByteStream, FdStream, SerialStream, SocketStream

__all__ = [
    "ByteStream",
    "Client",
    "DeviceInfo",
    "DeviceMemory",
    "FdStream",
    "LinkStats",
    "RunResult",
    "SerialStream",
    "SocketStream",
    "TensorInfo",
]
