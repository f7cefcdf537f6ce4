"""One direction of a bad line: bytes in, transfers and the times at which they are due out."""

from __future__ import annotations

import math
import random
from collections import Counter, deque
from dataclasses import dataclass

from tinykit.errors import DeviceDied
from tinykit.link.faults.spec import KINDS, Faults

_NEVER = 1 << 62
"""Bytes until the next fault, where that is more than any line carries."""


@dataclass
class _Piece:
    """One transfer. ``held``: waits for the next one, until it is due."""

    data: bytearray
    due: float
    held: bool = False


class Lane:
    """Bytes on their way. Keeps their order; knows no clock: the caller says what time it is (seconds).

    Args:
        name: "to the device" or "to the host": tells the lanes of one line apart, also in their random numbers.

    Attributes:
        counts: how often each kind of fault happened.
        bytes: how many bytes went in.
    """

    def __init__(self, faults: Faults, name: str) -> None:
        self.counts: Counter[str] = Counter()
        self.bytes = 0
        self._faults = faults
        self._name = name
        self._rng = random.Random(f"{faults.seed} {name}")
        self._total = faults.total
        self._weights = [getattr(faults, kind) for kind in KINDS]
        self._pieces: deque[_Piece] = deque()
        self._cut = False
        self._gap = self._next_gap()

    def push(self, data: bytes, now: float) -> None:
        """A transfer comes in."""
        if self._cut or not data:
            return
        if self._pieces and self._pieces[-1].held:
            piece = self._pieces[-1]
            piece.held, piece.due = False, now
        else:
            piece = _Piece(bytearray(), self._after_the_last(now))
            self._pieces.append(piece)
        at = 0
        while len(data) - at > self._gap and not self._cut:
            hit = at + self._gap
            piece.data += data[at:hit]
            self.bytes += self._gap
            at = hit + 1
            piece = self._fault(piece, data[hit], now)
            self._gap = self._next_gap()
        if not self._cut:
            piece.data += data[at:]
            self.bytes += len(data) - at
            self._gap -= len(data) - at

    def pop(self, now: float) -> bytes:
        """The next transfer that is due; b"" when there is none.

        Raises:
            DeviceDied: the line is cut, and all that came before has been taken.
        """
        while self._pieces and self._pieces[0].due <= now:
            piece = self._pieces.popleft()
            if piece.data:
                return bytes(piece.data)
        if self._cut and not self._pieces:
            raise DeviceDied(f"the line was cut on purpose after {self.bytes} bytes {self._name}")
        return b""

    def due(self) -> float:
        """When ``pop`` will have something, unless more comes in before; infinity: never."""
        if self._pieces:
            return self._pieces[0].due
        return -math.inf if self._cut else math.inf

    def _fault(self, piece: _Piece, byte: int, now: float) -> _Piece:
        """A byte with a fault; the piece that the bytes behind it belong to."""
        (kind,) = self._rng.choices(KINDS, self._weights)
        self.counts[kind] += 1
        if kind == "cut":
            self._cut = True
            return piece
        self.bytes += 1
        if kind == "drop":
            return piece
        if kind == "duplicate":
            piece.data += bytes([byte, byte])
        elif kind == "flip":
            piece.data.append(byte ^ 1 << self._rng.randrange(8))
        elif kind == "merge":
            piece.data.append(byte)
            piece.held, piece.due = True, max(piece.due, now + self._faults.pause)
        else:
            later = self._rng.uniform(0, self._faults.pause) if kind == "delay" else 0.0
            # what is held goes on waiting, but for bytes of its own transfer there is nothing to wait for
            piece = _Piece(bytearray([byte]), max(piece.due, now) + later, piece.held)
            self._pieces[-1].held = False
            self._pieces.append(piece)
        return piece

    def _after_the_last(self, now: float) -> float:
        return max(now, self._pieces[-1].due) if self._pieces else now

    def _next_gap(self) -> int:
        """How many bytes have no fault before the next that has: of the geometric distribution."""
        if self._total <= 0:
            return _NEVER
        if self._total >= 1:
            return 0
        return int(min(math.log(1 - self._rng.random()) / math.log1p(-self._total), _NEVER))
