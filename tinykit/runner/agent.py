"""The device's side of the link, as ``firmware_templates/agent`` is a firmware's. docs/protocol.md is what both follow.

The last answer is kept: a request that comes again (its answer was lost) is answered from it and not carried out twice;
a request out of order (an old one, delayed somewhere) is ignored.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable

from tinykit.errors import TinykitError
from tinykit.link.frames import Command, Frame, Kind, ReadObject, Status, encode_frame
from tinykit.runner.description import Description, encode_description, encode_identity
from tinykit.runner.engines.base import Engine

_PROFILE, _CHECK, _FRESH = 1, 2, 4
_RUN_BYTES = 9
_MOST_TICKS = 2**32 - 1

Send = Callable[[bytes], None]
"""Takes a whole frame, encoded."""


Closed = Callable[[], bool]
"""Whether who sent the request has closed the line, and so waits for no answer."""


class Abandoned(Exception):
    """A run that nobody waits for any more."""


class Refused(Exception):
    """A request that is answered with a status."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


class Agent:
    """Answers requests about one model, one after the other, on as many lines as there are.

    Args:
        build_id: 32 hexadecimal digits.
        boot_nonce: another one at each start.
        describe: what INFO says of the engine.
    """

    def __init__(
        self, engine: Engine, describe: Callable[[Engine], Description], *, build_id: str, boot_nonce: int,
        max_payload: int,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._identity = encode_identity(max_payload, boot_nonce, build_id)
        self._description = encode_description(describe(engine), engine.inputs, engine.outputs)
        self._max_payload = max_payload
        self._inputs = [bytearray(tensor.nbytes) for tensor in engine.inputs]
        self._profile = [0] * engine.n_layers
        # of the last request that was carried out; session 0: none yet
        self._session = 0
        self._sequence = 0
        self._kept = b""

    def banner(self) -> bytes:
        """The frame that says that the device has started."""
        return encode_frame(Frame(Kind.EVENT, Command.BANNER, 0, 0, self._identity))

    def handle(self, request: Frame, send: Send, closed: Closed = lambda: False) -> bool:
        """Carry out or answer one frame that arrived.

        Args:
            closed: asked between the inferences of a run, which ends when it says so.

        Returns:
            Whether the device was asked to restart.

        Raises:
            TinykitError: the engine failed, which was answered; it cannot be used any more.
        """
        if request.kind != Kind.REQUEST or request.session == 0 or len(request.payload) > self._max_payload:
            return False
        if request.session == self._session and request.sequence == self._sequence:
            send(self._kept)
            return False
        if request.session != self._session and request.command != Command.HELLO:
            self._session = 0
            send(_answer(request, Kind.ERROR, bytes([Status.NO_SESSION])))
            return False
        if request.session == self._session and request.sequence != (self._sequence + 1) & 0xFFFF:
            return False
        try:
            reply = _answer(request, Kind.REPLY, self._carry_out(request, send, closed))
        except Refused as refusal:
            reply = _answer(request, Kind.ERROR, bytes([refusal.status]))
        except Abandoned:
            return False
        except TinykitError:
            send(_answer(request, Kind.ERROR, bytes([Status.MODEL_FAILED])))
            raise
        self._session, self._sequence, self._kept = request.session, request.sequence, reply
        send(reply)
        return request.command == Command.RESET

    def _carry_out(self, request: Frame, send: Send, closed: Closed) -> bytes:
        payload = request.payload
        if request.command == Command.HELLO:
            return self._identity
        if request.command == Command.INFO:
            return self._info(payload)
        if request.command == Command.WRITE:
            return self._write(payload)
        if request.command == Command.RUN:
            runs, warmups, flags = self._check_run(payload)
            send(_answer(request, Kind.EVENT, b""))
            return self._run(runs, warmups, flags, payload[_RUN_BYTES:], closed)
        if request.command == Command.READ:
            return self._read(payload)
        if request.command == Command.MEMORY:
            return struct.pack("<III", self._engine.arena_bytes, 0, 0)  # the operating system provides the stack
        if request.command == Command.RESET:
            return b""
        raise Refused(Status.BAD_COMMAND)

    def _info(self, payload: bytes) -> bytes:
        if len(payload) != 4:
            raise Refused(Status.BAD_LENGTH)
        (offset,) = struct.unpack("<I", payload)
        return self._description[offset : offset + self._max_payload]

    def _write(self, payload: bytes) -> bytes:
        if len(payload) < 5:
            raise Refused(Status.BAD_LENGTH)
        index, offset = struct.unpack_from("<BI", payload)
        data = payload[5:]
        if index >= len(self._inputs):
            raise Refused(Status.BAD_INDEX)
        if offset + len(data) > len(self._inputs[index]):
            raise Refused(Status.BAD_RANGE)
        self._inputs[index][offset : offset + len(data)] = data
        return b""

    def _check_run(self, payload: bytes) -> tuple[int, int, int]:
        if len(payload) < _RUN_BYTES:
            raise Refused(Status.BAD_LENGTH)
        runs, warmups, flags = struct.unpack_from("<IIB", payload)
        more = len(payload) - _RUN_BYTES
        kind = flags & ~_FRESH
        if (more % 8 != 2) if kind == _CHECK else more:
            raise Refused(Status.BAD_LENGTH)
        if runs == 0 or kind > _CHECK or (kind == _CHECK and not self._engine.has_arena):
            raise Refused(Status.BAD_ARGUMENT)
        return runs, warmups, flags

    def _run(self, runs: int, warmups: int, flags: int, pieces: bytes, closed: Closed) -> bytes:
        inputs = [bytes(values) for values in self._inputs]
        if flags & _FRESH:
            self._engine.forget()
        kind = flags & ~_FRESH
        for _ in range(warmups):
            self._engine.run(inputs)
            if closed():
                raise Abandoned
        total, shortest, longest = 0, 2**64 - 1, 0
        for number in range(runs):
            if number and closed():
                raise Abandoned
            if kind == _PROFILE:
                ticks = self._run_profiled(inputs)
            elif kind == _CHECK:
                ticks = self._run_checked(inputs, pieces)
            else:
                ticks = self._engine.run(inputs)
            total, shortest, longest = total + ticks, min(shortest, ticks), max(longest, ticks)
        return struct.pack("<IQQQ", runs, total, shortest, longest)

    def _run_profiled(self, inputs: list[bytes]) -> int:
        profile = [0] * len(self._profile)
        start = time.perf_counter_ns()

        def time_layer(layer: int) -> None:
            nonlocal start
            profile[layer] += time.perf_counter_ns() - start
            start = time.perf_counter_ns()  # again: what was done here is not the next layer's

        ticks = self._engine.run(inputs, time_layer if profile else None)
        self._profile = [min(value, _MOST_TICKS) for value in profile]
        return ticks

    def _run_checked(self, inputs: list[bytes], pieces: bytes) -> int:
        (first,) = struct.unpack_from("<H", pieces)
        places = list(struct.iter_unpack("<II", pieces[2:]))

        def check_layer(layer: int) -> None:
            if not first <= layer < first + len(places):
                return
            offset, size = places[layer - first]
            whole = offset + size <= self._engine.arena_bytes
            self._profile[layer] = zlib.crc32(self._engine.arena(offset, size)) if whole else 0

        return self._engine.run(inputs, check_layer)

    def _read(self, payload: bytes) -> bytes:
        if len(payload) != 8:
            raise Refused(Status.BAD_LENGTH)
        what, index, count, offset = struct.unpack("<BBHI", payload)
        if what == ReadObject.OUTPUT and index < len(self._engine.outputs):
            data = self._engine.output(index)
        elif what == ReadObject.INPUT and index < len(self._inputs):
            data = bytes(self._inputs[index])
        elif what == ReadObject.PROFILE and index == 0:
            data = struct.pack(f"<{len(self._profile)}I", *self._profile)
        else:
            raise Refused(Status.BAD_INDEX)
        if count > self._max_payload or offset + count > len(data):
            raise Refused(Status.BAD_RANGE)
        return data[offset : offset + count]


def _answer(request: Frame, kind: Kind, payload: bytes) -> bytes:
    return encode_frame(Frame(kind, request.command, request.sequence, request.session, payload))
