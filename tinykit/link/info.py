"""What a device says of itself and of its model."""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class TensorInfo:
    """A model input or output on the device. ``dtype`` is the number in the TFLite schema's ``TensorType``."""

    name: str
    dtype: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int
    nbytes: int


@dataclass(frozen=True)
class Identity:
    """The payload of a banner and of the reply to HELLO.

    Attributes:
        protocol: version of the link protocol.
        max_payload: largest payload of a frame, in bytes.
        boot_nonce: different at each start of the device.
        build_id: 32 hexadecimal digits.
    """

    protocol: int
    max_payload: int
    boot_nonce: int
    build_id: str


@dataclass(frozen=True)
class DeviceInfo:
    """The device that a session was opened with.

    Attributes:
        session: this session's number, chosen by the host.
        arena_bytes: the model's working memory.
        counter_hz: ticks of the device's counter per second.
    """

    identity: Identity
    session: int
    board: str
    model_name: str
    model_sha256: str
    engine: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    n_layers: int
    arena_bytes: int
    counter_hz: int

    @property
    def build_id(self) -> str:
        return self.identity.build_id

    @property
    def boot_nonce(self) -> int:
        return self.identity.boot_nonce


_IDENTITY = struct.Struct("<BHI16s")


def parse_identity(payload: bytes) -> Identity:
    """Decode a banner's or a HELLO reply's payload.

    Raises:
        ValueError: it has another length.
    """
    if len(payload) != _IDENTITY.size:
        raise ValueError(f"an identity of {len(payload)} bytes, expected {_IDENTITY.size}")
    protocol, max_payload, nonce, build_id = _IDENTITY.unpack(payload)
    return Identity(protocol, max_payload, nonce, build_id.hex())


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def unpack(self, fmt: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + fmt, self._data, self._at)
        self._at += struct.calcsize("<" + fmt)
        return values

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError("a description that ends too early")
        self._at += count
        return taken

    def text(self) -> str:
        (length,) = self.unpack("B")
        return self.take(length).decode("utf-8", errors="replace")


def parse_info(identity: Identity, session: int, description: bytes) -> DeviceInfo:
    """Decode the description that INFO gives piece by piece.

    Raises:
        ValueError: it is not one.
    """
    reader = _Reader(description)
    try:
        sha256 = reader.take(32).hex()
        counter_hz, arena, layers, n_inputs, n_outputs = reader.unpack("IIHBB")
        name, engine, board = reader.text(), reader.text(), reader.text()
        inputs = tuple(_tensor(reader) for _ in range(n_inputs))
        outputs = tuple(_tensor(reader) for _ in range(n_outputs))
    except struct.error as error:
        raise ValueError(str(error)) from None
    return DeviceInfo(identity, session, board, name, sha256, engine, inputs, outputs, layers, arena, counter_hz)


def _tensor(reader: _Reader) -> TensorInfo:
    dtype, rank = reader.unpack("BB")
    shape = reader.unpack(f"{rank}i")
    (scale,) = struct.unpack("<f", reader.take(4))
    zero_point, nbytes = reader.unpack("iI")
    return TensorInfo(reader.text(), dtype, shape, scale, zero_point, nbytes)
