"""The device's words of itself, encoded: what ``tinykit.link.info`` decodes."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tinykit.link.frames import PROTOCOL_VERSION
from tinykit.link.info import TensorInfo

_LONGEST_TEXT = 255


@dataclass(frozen=True)
class Description:
    """What INFO says, beside the tensors.

    Attributes:
        model_sha256: of the model's file, 64 hexadecimal digits.
        arena_bytes: the model's working memory; 0 where the engine does not say.
        counter_hz: ticks per second.
    """

    board: str
    model_name: str
    model_sha256: str
    engine: str
    n_layers: int
    arena_bytes: int
    counter_hz: int


def encode_identity(max_payload: int, boot_nonce: int, build_id: str) -> bytes:
    """The payload of a banner and of the reply to HELLO (docs/protocol.md, HELLO)."""
    return struct.pack("<BHI16s", PROTOCOL_VERSION, max_payload, boot_nonce, bytes.fromhex(build_id))


def encode_description(facts: Description, inputs: tuple[TensorInfo, ...], outputs: tuple[TensorInfo, ...]) -> bytes:
    """What INFO gives piece by piece (docs/protocol.md, INFO)."""
    head = bytes.fromhex(facts.model_sha256) + struct.pack(
        "<IIHBB", facts.counter_hz, facts.arena_bytes, facts.n_layers, len(inputs), len(outputs)
    )
    texts = _text(facts.model_name) + _text(facts.engine) + _text(facts.board)
    return head + texts + b"".join(_tensor(tensor) for tensor in (*inputs, *outputs))


def _tensor(tensor: TensorInfo) -> bytes:
    rank = len(tensor.shape)
    head = struct.pack(f"<BB{rank}i", tensor.dtype, rank, *tensor.shape)
    return head + struct.pack("<fiI", tensor.scale, tensor.zero_point, tensor.nbytes) + _text(tensor.name)


def _text(text: str) -> bytes:
    data = text.encode()[:_LONGEST_TEXT]
    data = data.decode(errors="ignore").encode()  # a character that the end cut in two
    return bytes([len(data)]) + data
