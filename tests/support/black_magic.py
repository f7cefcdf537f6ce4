"""A stand-in of a Black Magic Probe's gdb server, in Python: no probe was at hand.

It answers as the probe's documentation and gdb's ("Remote Protocol") say: without a chip until it is told to look for
one (`monitor swdp_scan`, `attach`), "W00" to "?" until then, a flash that is written by vFlash packets, and a reset
when the program is killed.
"""

from __future__ import annotations

import re
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_FEATURES = """<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target><architecture>arm</architecture>
<feature name="org.gnu.gdb.arm.m-profile">{registers}<reg name="xpsr" bitsize="32"/></feature></target>"""
_THREADS = {"qC": b"QC1", "qfThreadInfo": b"m1", "qsThreadInfo": b"l"}
"""One thread, 1. (Old firmware does not say so, and gdb 11 and later fail with it.)"""

_NAMES = (*(f"r{number}" for number in range(13)), "sp", "lr", "pc")


@dataclass
class BlackMagicProbe:
    """The probe and the chip behind it.

    Attributes:
        flash_origin, flash: where the chip's flash is, and what it holds.
        has_chip: whether a scan finds the chip.
        packets: all that gdb sent, in its order.
        resets: how often a killed program made it reset and run.
    """

    flash_origin: int
    flash: bytearray
    has_chip: bool = True
    attached: bool = False
    packets: list[str] = field(default_factory=list)
    resets: int = 0
    _registers: bytearray = field(default_factory=lambda: bytearray(17 * 4))

    def reply(self, packet: bytes) -> list[bytes]:
        """What the probe says to a packet."""
        text = packet.decode("latin-1")
        self.packets.append(text.split(":")[0])
        if text.startswith("qSupported"):
            return [b"PacketSize=400;qXfer:memory-map:read+;qXfer:features:read+"]
        if text.startswith("qRcmd,"):
            return self._monitor(bytes.fromhex(text[6:]).decode())
        if text.startswith("vAttach;"):
            self.attached = self.has_chip
            return [b"T05thread:1;" if self.attached else b"E01"]
        if text in _THREADS:
            return [_THREADS[text]]
        if text == "!":
            return [b"OK"]
        if text == "?":
            return [b"T05" if self.attached else b"W00"]
        if text.startswith("H"):
            return [b"OK"]
        if text == "k":
            self.resets += self.attached
            self.attached = False
            return []
        if text.startswith("D"):
            self.attached = False
            return [b"OK"]
        return [self._of_the_chip(text, packet)]

    def _monitor(self, words: str) -> list[bytes]:
        if words != "swdp_scan":
            return [b""]
        if not self.has_chip:
            return [b"O" + b"SW-DP scan failed!\n".hex().encode(), b"Failed\n".hex().encode()]
        return [b"O" + b"Available Targets:\nNo. Att Driver\n 1      STM32F40x M4\n".hex().encode(), b"OK"]

    def _of_the_chip(self, text: str, packet: bytes) -> bytes:
        known = ("g", "p", "P", "m", "qXfer", "qCRC:", "vFlash")
        if not text.startswith(known):
            return b""
        if not self.attached:
            return b"E01" if text.startswith("q") else b"EFF"
        if text == "g":
            return self._registers.hex().encode()
        if text.startswith("p"):
            number = int(text[1:], 16)
            return self._registers[4 * number : 4 * number + 4].hex().encode() or b"EFF"
        if text.startswith("P"):
            number, value = text[1:].split("=")
            self._registers[4 * int(number, 16) : 4 * int(number, 16) + 4] = bytes.fromhex(value)
            return b"OK"
        if text.startswith("m"):
            start, size = (int(word, 16) for word in text[1:].split(","))
            offset = start - self.flash_origin
            inside = 0 <= offset < len(self.flash)
            return bytes(self.flash[offset : offset + size]).hex().encode() if inside else b"E01"
        if text.startswith("qXfer"):
            return self._document(text)
        if text.startswith("qCRC:"):
            return self._crc(*(int(word, 16) for word in text[5:].split(",")))
        return self._write(text, packet)

    def _document(self, text: str) -> bytes:
        if "memory-map" in text:
            document = (
                f'<memory-map><memory type="flash" start="{self.flash_origin:#x}" length="{len(self.flash):#x}">'
                '<property name="blocksize">0x4000</property></memory>'
                '<memory type="ram" start="0x20000000" length="0x20000"/></memory-map>'
            )
        else:
            document = _FEATURES.format(registers="".join(f'<reg name="{name}" bitsize="32"/>' for name in _NAMES))
        start, size = (int(word, 16) for word in text.rsplit(":", 1)[1].split(","))
        piece = document[start : start + size]
        return ("m" if start + size < len(document) else "l").encode() + piece.encode()

    def _crc(self, start: int, size: int) -> bytes:
        """gdb's CRC-32 (its manual, "qCRC"): not reflected, begins with ones, not inverted at the end."""
        offset = start - self.flash_origin
        reversed_bits = bytes(int(f"{byte:08b}"[::-1], 2) for byte in self.flash[offset : offset + size])
        return f"C{int(f'{zlib.crc32(reversed_bits) ^ 0xFFFFFFFF:032b}'[::-1], 2):x}".encode()

    def _write(self, text: str, packet: bytes) -> bytes:
        if text.startswith("vFlashErase:"):
            start, size = (int(word, 16) for word in text.split(":")[1].split(","))
            offset = start - self.flash_origin
            self.flash[offset : offset + size] = b"\xff" * size
        elif text.startswith("vFlashWrite:"):
            _, start_text, data = packet.split(b":", 2)
            offset = int(start_text, 16) - self.flash_origin
            self.flash[offset : offset + len(data)] = data
        return b"OK"


@contextmanager
def black_magic_server(probe: BlackMagicProbe) -> Iterator[str]:
    """``probe`` on a TCP port; its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, probe), daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)


def _serve(server: socket.socket, probe: BlackMagicProbe) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            _talk(connection, probe)


def _talk(connection: socket.socket, probe: BlackMagicProbe) -> None:
    waiting = b""
    while True:
        try:
            data = connection.recv(65536)
        except OSError:
            return
        if not data:
            return
        waiting += data
        while (match := re.search(rb"\$((?s:.*?))#..", waiting, re.DOTALL)) is not None:
            waiting = waiting[match.end() :]
            packet = re.sub(rb"}(.)", lambda escaped: bytes([escaped[1][0] ^ 0x20]), match[1], flags=re.DOTALL)
            answers = probe.reply(packet)
            connection.sendall(b"+" + b"".join(b"$%s#%02x" % (body, sum(body) % 256) for body in answers))
