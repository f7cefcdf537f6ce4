"""An emulator of the serial loader in Espressif chips' ROM, for esptool to talk to over a pseudo-terminal.

It is a stand-in: flash, MD5, registers and errors behave as esptool expects; timing, RAM and the code that is uploaded
do not exist. esptool's own loader ("stub") counts as running once it was uploaded and started. Modem lines do not exist
on a pseudo-terminal, so the chip starts in its loader, and counts as reset once it was written and the port is closed,
or something else than the loader's protocol is spoken: it then runs the program that lies in its flash.

Source: https://docs.espressif.com/projects/esptool/en/latest/esp32/advanced-topics/serial-protocol.html
"""

from __future__ import annotations

import hashlib
import os
import pty
import select
import struct
import threading
import time
import tty
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

SYNC, READ_REG, WRITE_REG, SECURITY_INFO = 0x08, 0x0A, 0x09, 0x14
MEM_BEGIN, MEM_DATA, MEM_END = 0x05, 0x07, 0x06
FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
DEFLATE_BEGIN, DEFLATE_DATA, DEFLATE_END = 0x10, 0x11, 0x12
SPI_PARAMS, SPI_ATTACH, BAUD, MD5 = 0x0B, 0x0D, 0x0F, 0x13
NOTHING_TO_DO = (SPI_PARAMS, SPI_ATTACH, BAUD, MEM_BEGIN, MEM_DATA, FLASH_END, DEFLATE_END)

BAD_CHECKSUM, UNKNOWN = 0x07, 0x05
MAGIC_REGISTER = 0x40001000
READ_ID = 0x9F
FLASH_ID = 0x164020  # 4 MB
USER_COMMAND = 1 << 18


@dataclass(frozen=True)
class Chip:
    """What tells one chip from another: ids, the flash controller's registers, the eFuses with the MAC address.

    ``status`` is how many bytes the ROM's replies end with.
    """

    magic: int
    chip_id: int | None
    spi: int
    data: int
    user2: int
    mac: int
    status: int = 4


CHIPS = {
    "esp32": Chip(0x00F01D83, None, 0x3FF42000, 0x80, 0x24, 0x3FF5A004),
    "esp32s3": Chip(0x9, 9, 0x60002000, 0x58, 0x20, 0x60007044),
    "esp32c3": Chip(0x1B31506F, 5, 0x60002000, 0x58, 0x20, 0x60008844),
    "esp32c6": Chip(0x2CE0806F, 13, 0x60003000, 0x58, 0x20, 0x600B0844),
    "esp8266": Chip(0xFFF0C101, None, 0x60000200, 0x40, 0x24, 0x3FF00050, status=2),
}


@dataclass
class EspRom:
    """A chip on a pseudo-terminal, served by a thread while the context is open.

    Attributes:
        flash: its contents; survives a pulled cable, and is what is handed to the next emulator.
        pull_after: bytes of flash data after which the cable is pulled.
        flip_at: flash address whose lowest bit does not take what is written.
        boot: called with the flash and the near end of the line when the chip is reset after writing.
        counts: commands received, by code.
    """

    chip: str
    flash: bytearray = field(default_factory=lambda: bytearray(b"\xff" * (4 << 20)))
    pull_after: int | None = None
    flip_at: int | None = None
    boot: Callable[[bytes, int], None] | None = None
    counts: Counter[int] = field(default_factory=Counter)
    written: int = 0
    stub: bool = False

    def __enter__(self) -> EspRom:
        self._line, far = pty.openpty()
        tty.setraw(far)
        self.port = os.ttyname(far)
        os.close(far)
        self._registers: dict[int, int] = {MAGIC_REGISTER: CHIPS[self.chip].magic}
        mac = CHIPS[self.chip].mac
        self._registers.update({mac: 0xA1B2C3D4, mac + 4: 0x7CDF})
        self._at = self._sequence = 0
        self._inflate = zlib.decompressobj()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(5)
        self._pull()

    def _pull(self) -> None:
        line, self._line = self._line, -1
        if line >= 0:
            os.close(line)

    def _serve(self) -> None:
        received, inside = b"", False
        while not self._stop.is_set() and self._line >= 0:
            ready, _, _ = select.select([self._line], [], [], 0.05)
            if not ready:
                continue
            try:
                received += os.read(self._line, 65536)
            except OSError:  # nobody has the other end open: a reset
                received, inside, self.stub = b"", False, False
                if self.written and self.boot is not None:
                    self.boot(bytes(self.flash), self._line)
                    return
                time.sleep(0.01)
                continue
            *packets, received = received.split(b"\xc0")
            for packet in packets:
                inside = not inside
                if inside:
                    continue  # what precedes a packet is nothing
                data = packet.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
                if self._line >= 0 and len(data) >= 8 and data[0] == 0:
                    self._command(data)
            # Whoever reopens the port quickly is seen by what is said there.
            if received and not inside and self.written and self.boot is not None:
                self.boot(bytes(self.flash), self._line)
                return

    def _send(self, data: bytes) -> None:
        os.write(self._line, b"\xc0" + data.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0")

    def _reply(self, code: int, value: int = 0, data: bytes = b"", error: int = 0) -> None:
        length = 2 if self.stub else CHIPS[self.chip].status
        status = bytes([1 if error else 0, error]).ljust(length, b"\0")
        self._send(struct.pack("<BBHI", 1, code, len(data) + len(status), value) + data + status)

    def _command(self, packet: bytes) -> None:
        _, code, size, checksum = struct.unpack_from("<BBHI", packet)
        body = packet[8 : 8 + size]
        self.counts[code] += 1
        if code == SYNC:
            for _ in range(8):
                self._reply(code, 0 if self.stub else 0x20120707)
        elif code == READ_REG:
            self._reply(code, self._registers.get(struct.unpack_from("<I", body)[0], 0))
        elif code == WRITE_REG:
            for at in range(0, len(body) - 15, 16):
                self._write_register(*struct.unpack_from("<3I", body, at))
            self._reply(code)
        elif code == SECURITY_INFO:
            chip_id = CHIPS[self.chip].chip_id
            if chip_id is None:
                self._reply(code, error=UNKNOWN)
            else:
                self._reply(code, data=struct.pack("<IB7sII", 0, 0, bytes(7), chip_id, 4))
        elif code in (FLASH_BEGIN, DEFLATE_BEGIN):
            size, _, _, self._at = struct.unpack_from("<4I", body)
            self._sequence, self._inflate = -1, zlib.decompressobj()
            self.flash[self._at : self._at + size] = b"\xff" * size
            self._reply(code)
        elif code in (FLASH_DATA, DEFLATE_DATA):
            self._write_flash(code, body, checksum)
        elif code == MD5:
            start, length = struct.unpack_from("<2I", body)
            digest = hashlib.md5(self.flash[start : start + length])
            self._reply(code, data=digest.digest() if self.stub else digest.hexdigest().encode())
        elif code == MEM_END:
            self._reply(code)
            self._send(b"OHAI")
            self.stub = True
        elif code in NOTHING_TO_DO:
            self._reply(code)
        else:
            self._reply(code, error=UNKNOWN)

    def _write_register(self, address: int, value: int, mask: int) -> None:
        chip = CHIPS[self.chip]
        self._registers[address] = (self._registers.get(address, 0) & ~mask) | (value & mask)
        if address == chip.spi and value & USER_COMMAND:  # the controller carries out a command of the flash chip
            command = self._registers.get(chip.spi + chip.user2, 0) & 0xFF
            self._registers[chip.spi + chip.data] = FLASH_ID if command == READ_ID else 0
            self._registers[chip.spi] = 0

    def _write_flash(self, code: int, body: bytes, checksum: int) -> None:
        length, sequence = struct.unpack_from("<2I", body)
        data = body[16 : 16 + length]
        state = 0xEF
        for byte in data:
            state ^= byte
        if state != checksum & 0xFF:
            self._reply(code, error=BAD_CHECKSUM)
            return
        if sequence != self._sequence:  # else it comes again because the reply was lost
            self._sequence = sequence
            if code == DEFLATE_DATA:
                data = self._inflate.decompress(data)
            self.flash[self._at : self._at + len(data)] = data
            if self.flip_at is not None and self._at <= self.flip_at < self._at + len(data):
                self.flash[self.flip_at] ^= 1
            self._at += len(data)
            self.written += len(data)
        if self.pull_after is not None and self.written >= self.pull_after:
            self._pull()
        else:
            self._reply(code)
