"""The gdb flasher with a probe that must be told to attach: a stand-in of the Black Magic Probe, and the real gdb."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.black_magic import BlackMagicProbe, black_magic_server
from support.probe import build_probe
from tinykit.board.tools import find_tool
from tinykit.errors import DeviceMissing
from tinykit.firmware import Image
from tinykit.flash import flash
from tinykit.flash import gdb as gdb_flasher
from tinykit.flash.binary import flat_binary
from tinykit.link.ports import SerialPortInfo


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    if find_tool("gdb-multiarch") is None:
        pytest.skip("gdb-multiarch is not installed")
    return build_probe("netduinoplus2", tmp_path_factory.mktemp("probe"))


def _probe(has_chip: bool = True) -> BlackMagicProbe:
    return BlackMagicProbe(0x0800_0000, bytearray(b"\xff" * 0x10_0000), has_chip)


@pytest.mark.slow
@pytest.mark.parametrize("known", [False, True], ids=["told by its answer", "told by its USB ids"])
def test_a_black_magic_probe_scans_attaches_writes_and_starts(
    image: Image, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    probe = _probe()
    with black_magic_server(probe) as address:
        if known:
            monkeypatch.setattr(gdb_flasher, "is_black_magic", lambda remote: remote == address)
        assert flash(image.board, image, flasher="gdb", probe=address) is None
    start, content = flat_binary(image.elf)
    assert start == probe.flash_origin
    assert bytes(probe.flash[: len(content)]) == content
    assert probe.resets == 1
    assert not probe.attached
    scan = "qRcmd," + b"swdp_scan".hex()
    assert probe.packets.index(scan) < probe.packets.index("vAttach;1") < probe.packets.index("vFlashDone")
    assert probe.packets.count("?") == (1 if known else 2)


def test_a_black_magic_probe_without_a_chip(image: Image) -> None:
    with (
        black_magic_server(_probe(has_chip=False)) as address,
        pytest.raises(DeviceMissing, match=r"finds no chip(.|\n)*scan failed(.|\n)*wires"),
    ):
        flash(image.board, image, flasher="gdb", probe=address)


def test_what_is_written_is_compared(image: Image) -> None:
    class Forgetful(BlackMagicProbe):
        def _write(self, text: str, packet: bytes) -> bytes:
            return b"OK"

    probe = Forgetful(0x0800_0000, bytearray(b"\xff" * 0x10_0000))
    with black_magic_server(probe) as address, pytest.raises(Exception, match="does not hold what was written"):
        flash(image.board, image, flasher="gdb", probe=address)


def test_a_black_magic_probe_is_known_by_its_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def port(device: str, usb: str) -> SerialPortInfo:
        return SerialPortInfo(device, usb, None, "", None, None)

    device = tmp_path / "ttyACM3"
    device.touch()
    (tmp_path / "by-id").symlink_to(device)
    monkeypatch.setattr(gdb_flasher, "list_ports", lambda: [port(str(device), "1d50:6018"), port("COM7", "0483:374b")])
    assert gdb_flasher.is_black_magic(str(device))
    assert gdb_flasher.is_black_magic(str(tmp_path / "by-id"))
    assert gdb_flasher.is_black_magic("/dev/ttyBmpGdb")
    assert not gdb_flasher.is_black_magic("COM7")
    assert not gdb_flasher.is_black_magic("localhost:2331")
