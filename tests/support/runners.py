"""A runner's agent on a socket pair, with an engine of the test's own: a stand-in for a model, not for the protocol.

And a model that was, by its one operator, compiled for the Edge TPU.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from support.edgetpu_builder import small
from tinykit.errors import DeviceDied
from tinykit.link.info import TensorInfo
from tinykit.link.receiver import Receiver
from tinykit.link.stream import SocketStream
from tinykit.runner.agent import Agent
from tinykit.runner.description import Description
from tinykit.runner.engines.base import COUNTER_HZ, LayerHook

BUILD = "00112233445566778899aabbccddeeff"
SHA = "ab" * 32


class AddsOne:
    """Stand-in for a model: int8 in, each plus one out, in two layers; its arena is input, then output."""

    name = "litert"
    n_layers = 2
    arena_bytes = 16
    has_arena = True
    notes = ()

    def __init__(self) -> None:
        self.inputs = (TensorInfo("x", 9, (1, 8), 0.5, -1, 8),)
        self.outputs = (TensorInfo("y", 9, (1, 8), 0.25, 2, 8),)
        self.memory = bytearray(16)
        self.runs = 0
        self.forgotten = 0

    def forget(self) -> None:
        self.forgotten += 1

    def run(self, inputs: Sequence[bytes], hook: LayerHook | None = None) -> int:
        self.runs += 1
        self.memory[:8] = inputs[0]
        if hook is not None:
            hook(0)
        self.memory[8:] = bytes((value + 1) & 0xFF for value in inputs[0])
        if hook is not None:
            hook(1)
        return 1000 + self.runs

    def output(self, index: int) -> bytes:
        return bytes(self.memory[8:])

    def arena(self, offset: int, size: int) -> bytes:
        return bytes(self.memory[offset : offset + size])


def agent_of(engine: AddsOne, nonce: int = 7, max_payload: int = 64) -> Agent:
    """An agent as ``serve`` makes it."""

    def describe(engine: object) -> Description:
        return Description("rpi5", "adds one", SHA, "litert", 2, 16, COUNTER_HZ)

    return Agent(engine, describe, build_id=BUILD, boot_nonce=nonce, max_payload=max_payload)


@contextlib.contextmanager
def line_to(agent: Agent) -> Iterator[SocketStream]:
    """The host's end of a line to an agent, which answers in a thread."""
    ours, theirs = socket.socketpair()
    device = SocketStream(theirs, "device")

    def answer() -> None:
        receiver = Receiver(device)
        with contextlib.suppress(DeviceDied):
            while True:
                frame = receiver.next_frame(time.monotonic() + 0.1)
                if frame is not None:
                    agent.handle(frame, device.write)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    host = SocketStream(ours, "runner under test")
    try:
        yield host
    finally:
        host.close()
        thread.join(5)
        device.close()


def words(*numbers: int) -> bytes:
    """Numbers as u32."""
    return struct.pack(f"<{len(numbers)}I", *numbers)


def compiled_model(folder: Path, token: int = 7) -> Path:
    """A model in the form that the Edge TPU's compiler leaves, with 192 cached and 48 streamed bytes of parameters."""
    path = folder / f"model{token}_edgetpu.tflite"
    path.write_bytes(small(token=token))
    return path
