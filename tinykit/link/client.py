"""One session with one device: requests that are carried out exactly once, and errors that say what went wrong."""

from __future__ import annotations

import contextlib
import secrets
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.errors import (
    DeviceDied,
    DeviceGarbled,
    DeviceRefused,
    DeviceReset,
    DeviceSilent,
    InputError,
    WrongFirmware,
)
from tinykit.link.diagnosis import excerpt, fault_report
from tinykit.link.frames import PROTOCOL_VERSION, Command, Frame, Kind, ReadObject, Status, encode_frame
from tinykit.link.info import DeviceInfo, Identity, parse_identity, parse_info
from tinykit.link.patience import Patience
from tinykit.link.receiver import TEXT_BANNER, Receiver
from tinykit.link.stream import ByteStream

_PROFILE_FLAG, _CHECK_FLAG, _FRESH_FLAG = 1, 2, 4
_CHECK_OVERHEAD = 11
PROFILE_LIMIT = 2**32 - 1
_WRITE_OVERHEAD = 5
_HELLO_INTERVAL = 0.25
_SHORTEST_WAIT = 0.2
"""Seconds, as in Linux's TCP: a computer that is busy with other things answers late without having lost anything."""
_DEFAULT_CONNECT = 10.0
_DEFAULT_RUN = 120.0
_SMALLEST_MAX_PAYLOAD = 64
_LONGEST_DESCRIPTION = 1 << 18
"""More than 255 inputs and 255 outputs with names of 255 bytes take (see docs/protocol.md)."""


@dataclass(frozen=True)
class RunResult:
    """Ticks of the device's counter over ``n`` timed inferences."""

    n: int
    total_ticks: int
    min_ticks: int
    max_ticks: int


@dataclass(frozen=True)
class DeviceMemory:
    """Bytes. ``stack_size`` 0: the operating system provides the stack, its use is not known."""

    arena: int
    stack_size: int
    stack_used: int


@dataclass
class LinkStats:
    """``retries``: requests sent again; ``crc_errors``: pieces received that were no valid frame."""

    requests: int = 0
    retries: int = 0
    crc_errors: int = 0


@dataclass
class _Pending:
    """A request that waits for its reply.

    Attributes:
        size: bytes of request and reply, about.
        size_class: what its round trip depends on: the command, and the binary magnitude of both payloads.
        run_timeout: seconds it may take once the device has accepted it; None: it is answered at once.
        damaged: ``crc_errors`` of the receiver when it was first sent, or accepted.
        accepted_until: when it must be done (time.monotonic); None: not accepted, as far as is known.
        attempts: how often it was sent.
    """

    command: Command
    encoded: bytes
    size: int
    size_class: tuple[Command, int]
    run_timeout: float | None
    started: float
    damaged: int
    accepted_until: float | None = None
    attempts: int = 0


class Client:
    """The host's side of the link.

    Args:
        stream: the line; stays the caller's to close.
        timeout: seconds to wait at most for a reply before a request is sent again. Where earlier requests were
            answered sooner, so is the wait shorter (see ``Patience``).
        retries: how often it is sent again when each wait takes ``timeout``; more often when they are shorter: a
            device has (retries + 1) * timeout seconds in any case.
        shortest_wait: seconds below which a wait never gets.
        expected_build: build id (32 hexadecimal digits) that the firmware must have; None accepts any.
    """

    def __init__(
        self,
        stream: ByteStream,
        *,
        timeout: float = 1.0,
        retries: int = 3,
        shortest_wait: float = _SHORTEST_WAIT,
        expected_build: str | None = None,
    ) -> None:
        self._stream = stream
        self._receiver = Receiver(stream)
        self._timeout = timeout
        self._retries = retries
        self._patience = Patience(shortest_wait, timeout)
        self._previous: _Pending | None = None
        self._expected_build = expected_build
        self._session = 0
        self._sequence = 0
        self._identity: Identity | None = None
        self._info: DeviceInfo | None = None
        self._stats = LinkStats()

    @property
    def info(self) -> DeviceInfo:
        """The connected device.

        Raises:
            RuntimeError: before ``connect``.
        """
        if self._info is None:
            raise RuntimeError("not connected")
        return self._info

    @property
    def stats(self) -> LinkStats:
        self._stats.crc_errors = self._receiver.crc_errors
        return self._stats

    def connect(self, timeout: float = _DEFAULT_CONNECT) -> DeviceInfo:
        """Open a session: find the device, check its firmware, read its description.

        Raises:
            DeviceSilent: no byte arrived in ``timeout`` seconds.
            DeviceGarbled: bytes arrived, but no valid frame, or only what was sent.
            DeviceDied: the line closed, or the device reported a fault or stopped answering.
            WrongFirmware: another build, or another version of the protocol.
            DeviceRefused: what it says of itself cannot be true.
        """
        self._session = secrets.randbelow(2**32 - 1) + 1
        self._sequence = 0
        self._previous = None
        self._identity = None
        identity = self._hello(time.monotonic() + timeout, timeout)
        if identity.protocol != PROTOCOL_VERSION:
            raise WrongFirmware(
                f"the firmware speaks version {identity.protocol} of the link, this tinykit version {PROTOCOL_VERSION}",
                where=self._stream.description,
                hint="build and flash the firmware with this version of tinykit",
            )
        if self._expected_build is not None and identity.build_id != self._expected_build:
            raise WrongFirmware(
                "the device runs another firmware",
                where=self._stream.description,
                why=f"its build id is {identity.build_id}, expected {self._expected_build}",
                hint="flash this build, and check that it is the right board",
            )
        if identity.max_payload < _SMALLEST_MAX_PAYLOAD:
            raise self._refused(
                f"its largest payload is {identity.max_payload} bytes, at least {_SMALLEST_MAX_PAYLOAD} are needed"
            )
        self._receiver.forget_noise()  # of an earlier boot, a fault report perhaps
        self._identity = identity
        self._info = self._read_info(identity)
        return self._info

    def write_input(self, index: int, data: bytes) -> None:
        """Set a whole input.

        Raises:
            InputError: ``data`` is not of the input's size.
            DeviceError: see ``connect``; DeviceRefused when there is no such input.
        """
        inputs = self.info.inputs
        if index < len(inputs) and len(data) != inputs[index].nbytes:
            raise InputError(f"input {index} given {len(data)} bytes, it has {inputs[index].nbytes}")
        room = self._max_payload - _WRITE_OVERHEAD
        for offset in range(0, max(1, len(data)), room):
            self._request(Command.WRITE, struct.pack("<BI", index, offset) + data[offset : offset + room])

    def run(
        self,
        n: int = 1,
        warmups: int = 0,
        *,
        profile: bool = False,
        fresh: bool = False,
        timeout: float = _DEFAULT_RUN,
    ) -> RunResult:
        """Run ``warmups`` untimed, then ``n`` timed inferences on the inputs as last written.

        Args:
            profile: time each layer as well; ``read_profile`` then has the last run's.
            fresh: forget earlier runs first; for models that keep something from run to run only.
            timeout: seconds for all of them, once the device has accepted the request.
        """
        flags = (_PROFILE_FLAG if profile else 0) | (_FRESH_FLAG if fresh else 0)
        payload = struct.pack("<IIB", n, warmups, flags)
        reply = self._request(Command.RUN, payload, accepted_timeout=timeout)
        return RunResult(*struct.unpack("<IQQQ", self._exactly(reply, 28, "RUN")))

    def read_output(self, index: int) -> bytes:
        """A whole output of the last inference."""
        return self._read(ReadObject.OUTPUT, index, self.info.outputs[index].nbytes)

    def read_input(self, index: int) -> bytes:
        """A whole input as last written."""
        return self._read(ReadObject.INPUT, index, self.info.inputs[index].nbytes)

    def read_profile(self) -> list[int]:
        """Ticks of each layer of the last profiled inference; ``PROFILE_LIMIT`` stands for that many or more."""
        count = self.info.n_layers
        return list(struct.unpack(f"<{count}I", self._read(ReadObject.PROFILE, 0, 4 * count)))

    def check_layers(
        self, pieces: Sequence[tuple[int, int]], *, fresh: bool = False, timeout: float = _DEFAULT_RUN
    ) -> list[int]:
        """CRC-32 of what each layer leaves in the arena, for the inputs as last written; 0 of what is not in the arena.

        Args:
            pieces: for each layer, from the first on, offset and size in the arena, bytes.
            fresh: as ``run`` takes it.
            timeout: seconds for one inference.

        Raises:
            DeviceRefused: the firmware cannot do that.
        """
        room = (self._max_payload - _CHECK_OVERHEAD) // 8
        flags = _CHECK_FLAG | (_FRESH_FLAG if fresh else 0)
        for first in range(0, len(pieces), room):
            numbers = [number for piece in pieces[first : first + room] for number in piece]
            payload = struct.pack(f"<IIBH{len(numbers)}I", 1, 0, flags, first, *numbers)
            self._request(Command.RUN, payload, accepted_timeout=timeout)
        return self.read_profile()[: len(pieces)]

    def memory(self) -> DeviceMemory:
        """The device's memory use, the stack's high-water mark included."""
        reply = self._request(Command.MEMORY)
        return DeviceMemory(*struct.unpack("<III", self._exactly(reply, 12, "MEMORY")))

    def reset(self) -> None:
        """Restart the device and end the session; ``connect`` opens the next one."""
        # The reply may be lost in the restart itself; the signs of a restart are then as good.
        with contextlib.suppress(DeviceReset):
            self._request(Command.RESET)
        self._info = None
        self._identity = None

    @property
    def _max_payload(self) -> int:
        assert self._identity is not None, "connect() sets it"
        return self._identity.max_payload

    def _read(self, what: ReadObject, index: int, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            count = min(self._max_payload, size - len(data))
            payload = struct.pack("<BBHI", what, index, count, len(data))
            reply = self._request(Command.READ, payload, reply_size=count)
            data += self._exactly(reply, count, "READ")
        return bytes(data)

    def _read_info(self, identity: Identity) -> DeviceInfo:
        description = bytearray()
        while True:
            piece = self._request(Command.INFO, struct.pack("<I", len(description)))
            description += piece
            if len(piece) < identity.max_payload:
                break
            if len(description) > _LONGEST_DESCRIPTION:
                raise self._refused(f"its description does not end after {len(description)} bytes")
        try:
            return parse_info(identity, self._session, bytes(description))
        except ValueError as error:
            raise self._refused(f"its description cannot be read: {error}") from None

    def _exactly(self, payload: bytes, size: int, command: str) -> bytes:
        if len(payload) != size:
            raise self._refused(f"it answered {command} with {len(payload)} bytes, expected {size}")
        return payload

    def _refused(self, why: str) -> DeviceRefused:
        return DeviceRefused(
            "the device answered wrongly", where=self._stream.description, why=why, hint="flash the firmware again"
        )

    def _hello(self, deadline: float, timeout: float) -> Identity:
        challenge = struct.pack("<I", self._session)
        echoes = 0
        while True:
            self._stream.write(self._encoded(Command.HELLO, challenge))
            again = min(deadline, time.monotonic() + _HELLO_INTERVAL)
            while True:
                frame = self._receiver.next_frame(again)
                if frame is None:
                    break
                if frame.kind == Kind.REPLY and frame.command == Command.HELLO and frame.session == self._session:
                    return self._parse_identity(frame)
                echoes += frame.kind == Kind.REQUEST
            if time.monotonic() >= deadline:
                raise self._nobody(timeout, echoes)

    def _parse_identity(self, frame: Frame) -> Identity:
        try:
            return parse_identity(frame.payload)
        except ValueError as error:
            raise self._refused(str(error)) from None

    def _nobody(self, timeout: float, echoes: int) -> Exception:
        where = self._stream.description
        noise = self._receiver.noise()
        fault = fault_report(noise)
        if fault:
            return DeviceDied(
                "the firmware crashed", where=where, why=fault, hint="see docs/protocol.md for the fields"
            )
        if echoes:
            return DeviceGarbled(
                "the line sends back what the host sends",
                where=where,
                why=f"{echoes} of the host's own requests came back in {timeout:g} s",
                hint="check that RX and TX are not connected to each other, and that this is the board's port",
            )
        if self._receiver.frames_seen:
            return DeviceDied(
                f"the device started but did not answer in {timeout:g} s",
                where=where,
                hint="reset it and try again",
            )
        if self._receiver.bytes_seen:
            return DeviceGarbled(
                f"the device sends bytes, but no valid frame in {timeout:g} s",
                where=where,
                why=f"received {self._receiver.bytes_seen} bytes, the last: {excerpt(noise)}",
                hint="check the baud rate, and that the board runs a tinykit firmware",
            )
        return DeviceSilent(
            f"no answer in {timeout:g} s: not a single byte came",
            where=where,
            hint="check power and cable, that RX and TX are not swapped, and that the board runs a tinykit firmware",
        )

    def _encoded(self, command: Command, payload: bytes) -> bytes:
        return encode_frame(Frame(Kind.REQUEST, command, self._sequence, self._session, payload))

    def _request(
        self, command: Command, payload: bytes = b"", *, reply_size: int = 0, accepted_timeout: float | None = None
    ) -> bytes:
        """Send a request until its reply comes.

        Args:
            reply_size: about how long the reply's payload will be, if that differs among requests of this command.
            accepted_timeout: seconds it may take once it was accepted.
        """
        if self._identity is None:
            raise RuntimeError("not connected")
        self._sequence = (self._sequence + 1) & 0xFFFF
        encoded = self._encoded(command, payload)
        size_class = (command, (len(payload) + reply_size).bit_length())
        damaged = self._receiver.crc_errors
        size = len(encoded) + reply_size
        pending = _Pending(command, encoded, size, size_class, accepted_timeout, time.monotonic(), damaged)
        self._stats.requests += 1
        spent = 0.0
        budget = (self._retries + 1) * self._timeout - 1e-6  # a sum of floats may be that much less
        wait = self._patience.wait(size_class, size)
        while True:
            last = pending.attempts >= self._retries and spent + wait >= budget
            seen = self._receiver.bytes_seen
            self._stats.retries += pending.attempts > 0
            pending.attempts += 1
            answer = self._attempt(pending, wait, last=last)
            if answer is not None:
                self._previous = pending
                return answer
            if last:
                break
            spent += wait
            answers = self._receiver.bytes_seen > seen
            if answers and pending.attempts == 1 and accepted_timeout is None:
                # damaged, but an answer
                self._patience.answered(size_class, max(0.0, self._receiver.last_arrival - pending.started))
            # A reply that comes late is taken while the next one is waited for. So waits need not grow, unless it may
            # be the line that is slow: then repetitions would fill it.
            known = answers or self._patience.knows(size_class)
            wait = self._patience.wait(size_class, size) if known else min(2 * wait, self._timeout)
        if pending.accepted_until is not None:
            raise self._stopped(command, f"it accepted the request and did not answer in {accepted_timeout:g} s")
        raise self._stopped(command, f"no answer to {pending.attempts} attempts in {spent + wait:.3g} s")

    def _attempt(self, pending: _Pending, wait: float, *, last: bool) -> bytes | None:
        """Send a request once; the reply's payload, or None when it should be sent again."""
        self._stream.write(pending.encoded)
        sent = time.monotonic()
        while True:
            until = self._until(pending, sent + wait, last)
            frame = self._receiver.next_frame(min(until, time.monotonic() + wait))
            if frame is None:
                if TEXT_BANNER in self._receiver.unfinished():
                    raise self._reset_seen(pending.command, "the text of its start came in the middle of the session")
                if self._receiver.crc_errors > pending.damaged and fault_report(self._receiver.noise()):
                    raise self._stopped(pending.command, "")
                if time.monotonic() >= self._until(pending, sent + wait, last):
                    return None
                continue
            self._watch_for_reset(frame, pending.command)
            if (frame.session, frame.sequence, frame.command) != (self._session, self._sequence, pending.command):
                self._watch_for_repetition(frame)
                continue  # late, of a request answered already
            answers = pending.accepted_until is None
            if frame.kind == Kind.EVENT and pending.run_timeout is not None:
                # a repeated request makes no second event
                pending.accepted_until = time.monotonic() + pending.run_timeout
                pending.damaged = self._receiver.crc_errors
            elif frame.kind == Kind.ERROR:
                raise self._error(frame, pending.command)
            elif frame.kind != Kind.REPLY:
                continue
            # a RUN is answered when it is accepted; how long the inference takes says nothing of the line
            if answers and pending.attempts == 1 and (frame.kind == Kind.EVENT or pending.run_timeout is None):
                self._patience.answered(pending.size_class, time.monotonic() - sent)
            if frame.kind == Kind.REPLY:
                return frame.payload

    def _until(self, pending: _Pending, until: float, last: bool) -> float:
        """When an attempt is over. What arrived damaged may have been the reply, or the event before it.

        So may a piece that has no end: its delimiter may be what was lost.
        """
        if pending.run_timeout is None:
            return until
        damaged = self._receiver.crc_errors > pending.damaged or self._receiver.unfinished() != b""
        if pending.accepted_until is not None:
            return until if damaged and not last else max(until, pending.accepted_until)
        return max(until, pending.started + pending.run_timeout) if damaged and last else until

    def _watch_for_repetition(self, frame: Frame) -> None:
        """Both times that the request before this one was sent, it was answered: the first answer was only slow."""
        before = self._previous
        if before is None or before.attempts == 1 or frame.kind == Kind.EVENT:
            return
        if (frame.session, frame.sequence, frame.command) == (
            self._session, (self._sequence - 1) & 0xFFFF, before.command,
        ):  # fmt: skip
            self._patience.was_too_short(before.size_class)

    def _watch_for_reset(self, frame: Frame, command: Command) -> None:
        if frame.kind != Kind.EVENT or frame.command != Command.BANNER:
            return
        assert self._identity is not None
        try:
            banner = parse_identity(frame.payload)
        except ValueError:
            return
        if banner.boot_nonce == self._identity.boot_nonce:
            return  # its own banner, delayed
        raise self._reset_seen(command, "its boot banner came in the middle of the session")

    def _reset_seen(self, command: Command, why: str) -> DeviceReset:
        return DeviceReset(
            f"the device restarted during {command.name}",
            where=self._stream.description,
            why=why,
            hint="look for a watchdog, a brown-out, or a stack that overflows",
        )

    def _error(self, frame: Frame, command: Command) -> Exception:
        number = frame.payload[0] if frame.payload else -1
        if number == Status.NO_SESSION:
            return self._reset_seen(command, "it no longer knows this session")
        name = Status(number).name if number in Status._value2member_map_ else f"status {number}"
        return DeviceRefused(
            f"the device refused {command.name}: {name}",
            where=self._stream.description,
            hint="the firmware and this tinykit may be of different versions: build and flash it again",
        )

    def _stopped(self, command: Command, why: str) -> DeviceDied:
        fault = fault_report(self._receiver.noise())
        if fault:
            return DeviceDied(f"the firmware crashed during {command.name}", where=self._stream.description, why=fault)
        return DeviceDied(
            f"the device stopped answering during {command.name}",
            where=self._stream.description,
            why=why,
            hint="reset or power-cycle the board; a longer inference needs a longer timeout",
        )
