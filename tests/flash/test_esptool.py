"""The real esptool against an emulated chip: what is written, what is not, and what is said when it goes wrong."""

from __future__ import annotations

import fcntl
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.esp_rom import DEFLATE_DATA, FLASH_DATA, MEM_END, EspRom
from support.probe import need_tools
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.board.flashers import Esptool
from tinykit.compiler import compile_graph
from tinykit.errors import DeviceDied, DeviceMissing, DeviceSilent, FlashFailed, InputError, ToolMissing, WrongDevice
from tinykit.firmware import Image, build_project, render_project
from tinykit.firmware.esp_parts import Part, blocks_of, joined, parts_of
from tinykit.flash import flash
from tinykit.flash.esptool import write_parts
from tinykit.graph.reader import read_model
from tinykit.process import ChildProcess

pytest.importorskip("esptool", reason="esptool is not installed (pip install esptool)")

CHIPS = ("esp32", "esp32c3")
OFFSETS = {"esp8266": None, "esp32": 0x1000, "esp32c3": 0x0, "esp32s3": 0x0, "esp32c6": 0x0}


def settings_of(chip: str, **changes: object) -> Esptool:
    values = {"chip": chip, "bootloader": OFFSETS[chip], "before": "no-reset", "after": "no-reset", **changes}
    return Esptool.model_validate(values)


def some_parts(chip: str, app_bytes: int = 300_000) -> list[Part]:
    random_bytes = random.Random(5)
    bootloader = OFFSETS[chip]
    if bootloader is None:  # one image
        return [Part("firmware", 0, random_bytes.randbytes(app_bytes))]
    return [
        Part("bootloader", bootloader, random_bytes.randbytes(20_000)),
        Part("partitions", 0x8000, random_bytes.randbytes(3072)),
        Part("firmware", 0x10000, random_bytes.randbytes(app_bytes)),
    ]


def is_on(flash_bytes: bytearray, parts: list[Part]) -> bool:
    return all(flash_bytes[part.offset : part.end] == part.data for part in parts)


@pytest.mark.parametrize("stub", [True, False], ids=["stub", "rom"])
@pytest.mark.parametrize("chip", rest_slow([*CHIPS, "esp32s3", "esp32c6"]))
def test_everything_arrives_once(chip: str, stub: bool) -> None:
    parts = some_parts(chip)
    seen: list[tuple[str, int, int]] = []
    with EspRom(chip) as rom:
        first = write_parts(parts, settings_of(chip, stub=stub), rom.port, lambda *step: seen.append(step))
        assert rom.counts[MEM_END] == (1 if stub else 0)
        assert is_on(rom.flash, parts)
        assert (first.written, first.unchanged) == (323_072, 0)
    assert seen[0] == ("connecting", 0, 1)
    assert seen[-1] == ("writing", 323_072, 323_072)
    steps = [done for what, done, _ in seen if what == "writing"]
    assert len(steps) > 10
    assert steps == sorted(steps)

    with EspRom(chip, rom.flash) as again:
        second = write_parts(parts, settings_of(chip, stub=stub), again.port)
        assert (second.written, second.unchanged) == (0, 323_072)
        assert not again.counts[FLASH_DATA] + again.counts[DEFLATE_DATA]


def test_an_esp8266_takes_its_one_image_and_what_changed_of_it() -> None:
    parts, settings = some_parts("esp8266"), settings_of("esp8266", app=0)
    with EspRom("esp8266") as rom:
        assert write_parts(parts, settings, rom.port).written == 300_000
        assert is_on(rom.flash, parts)
    changed = bytearray(parts[0].data)
    changed[0x20000] ^= 1
    with EspRom("esp8266", rom.flash) as rom:
        result = write_parts([Part("firmware", 0, bytes(changed))], settings, rom.port)
        assert (result.written, rom.flash[:300_000]) == (0x10000, changed)
    with EspRom("esp8266", rom.flash, pull_after=100_000) as rom, pytest.raises(DeviceDied, match="went away"):
        write_parts(parts, settings_of("esp8266", app=0), _erased(rom).port)
    with EspRom("esp32") as rom, pytest.raises(WrongDevice, match="is an ESP32, not an ESP8266"):
        write_parts(parts, settings, rom.port)
    assert rom.written == 0


def _erased(rom: EspRom) -> EspRom:
    rom.flash[:] = b"\xff" * len(rom.flash)
    return rom


@pytest.mark.parametrize("chip", rest_slow(CHIPS))
def test_only_blocks_that_differ_are_sent(chip: str) -> None:
    parts = some_parts(chip)
    with EspRom(chip) as rom:
        write_parts(parts, settings_of(chip), rom.port)
    app = bytearray(parts[-1].data)
    app[0x10000 + 5] ^= 1  # its second block
    app[0x20000] ^= 1  # and its third
    changed = [*parts[:-1], Part("firmware", 0x10000, bytes(app))]
    with EspRom(chip, rom.flash) as rom:
        assert write_parts(changed, settings_of(chip), rom.port).written == 0x20000
        assert rom.written == 0x20000
        assert is_on(rom.flash, changed)


@pytest.mark.parametrize("stub", [True, False], ids=["stub", "rom"])
@pytest.mark.parametrize("chip", rest_slow(CHIPS))
def test_a_pulled_cable_is_said_and_the_next_run_goes_on_from_there(chip: str, stub: bool) -> None:
    parts = some_parts(chip)
    with EspRom(chip, pull_after=200_000) as rom, pytest.raises(DeviceDied, match="went away") as caught:
        write_parts(parts, settings_of(chip, stub=stub), rom.port)
    assert "flash again" in str(caught.value.hint)
    assert caught.value.exit_code == 4
    assert not is_on(rom.flash, parts)
    with EspRom(chip, rom.flash) as rom:
        result = write_parts(parts, settings_of(chip, stub=stub), rom.port)
        assert is_on(rom.flash, parts)
        # Bootloader, partition table and the two blocks of the application that were whole.
        assert result.unchanged >= 20_000 + 3072 + 2 * 0x10000


@pytest.mark.parametrize(("expected", "connected", "name"), [("esp32c3", "esp32", "ESP32"), ("esp32", "esp32c3", "C3")])
def test_a_wrong_chip_is_refused_before_anything_is_written(expected: str, connected: str, name: str) -> None:
    with EspRom(connected) as rom, pytest.raises(WrongDevice, match=f"{name}.*nothing was written|{name}") as caught:
        write_parts(some_parts(expected), settings_of(expected), rom.port)
    assert rom.written == 0
    assert "nothing was written" in str(caught.value)


def test_what_was_written_is_read_back() -> None:
    with EspRom("esp32c3", flip_at=0x10100) as rom, pytest.raises(FlashFailed, match="MD5") as caught:
        write_parts(some_parts("esp32c3", 5000), settings_of("esp32c3"), rom.port)
    assert caught.value.exit_code == 4


def test_an_image_larger_than_the_flash_is_refused() -> None:
    huge = [Part("firmware", 0x3F0000, bytes(0x20000))]
    with EspRom("esp32") as rom, pytest.raises(FlashFailed, match="fit"):
        write_parts(huge, settings_of("esp32"), rom.port)
    assert rom.written == 0


@pytest.mark.slow  # esptool tries for five seconds
def test_a_port_without_a_loader() -> None:
    ours, theirs = os.openpty()
    try:
        with pytest.raises(DeviceSilent, match="BOOT"):
            write_parts(some_parts("esp32", 100), settings_of("esp32"), os.ttyname(theirs))
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_busy_port_names_who_has_it() -> None:
    with EspRom("esp32") as rom:
        holder = ChildProcess(
            [sys.executable, "-c", f"import serial, time; held = serial.Serial({rom.port!r}, exclusive=True)\n"
             "time.sleep(60)"],
        )  # fmt: skip
        try:
            _wait_until(lambda: _is_locked(rom.port))
            with pytest.raises(DeviceMissing, match=rf"process {holder.pid}\) has it open") as caught:
                write_parts(some_parts("esp32", 100), settings_of("esp32"), rom.port)
        finally:
            holder.stop()
    assert caught.value.exit_code == 3


def _is_locked(path: str) -> bool:
    handle = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DeviceMissing, match="no such port"):
        write_parts([], settings_of("esp32"), str(tmp_path / "ttyUSB9"))


def test_without_esptool(monkeypatch: pytest.MonkeyPatch) -> None:
    import esptool

    monkeypatch.setattr(esptool, "__version__", "5.5.1")
    with pytest.raises(ToolMissing, match=r"5\.5\.1 is too old"):
        write_parts([], settings_of("esp32"), "/dev/null")
    monkeypatch.setitem(sys.modules, "esptool", None)
    with pytest.raises(ToolMissing, match=r"pip install .*esptool"):
        write_parts([], settings_of("esp32"), "/dev/null")


def test_esptools_own_output_is_as_before_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    import esptool.logger

    with EspRom("esp32") as rom:
        write_parts(some_parts("esp32", 100), settings_of("esp32"), rom.port)
    assert capsys.readouterr().out == ""
    esptool.logger.log.print("audible again")
    assert "audible again" in capsys.readouterr().out


@pytest.fixture
def esp_board(tmp_path: Path) -> Path:
    """A board whose program runs here, but gets there through esptool."""
    text = Path(load_board("native").path or "").read_text()
    text = text.replace('name = "native"', 'name = "emulated-esp32c3"')
    text = text[: text.index("[emulator]")] + (
        '[builder]\nkind = "gcc"\n[flasher]\nkind = "esptool"\n[flasher.esptool]\n'
        'chip = "esp32c3"\nbootloader = 0\nbefore = "no-reset"\n'
    )
    path = tmp_path / "emulated-esp32c3.toml"
    path.write_text(text)
    return path


@pytest.fixture
def esp_image(esp_board: Path, tmp_path: Path) -> Image:
    need_tools("native")
    builder = ModelBuilder()
    x = builder.input((1, 16), scale=0.1, zero_point=3)
    y = builder.output((1, 16), scale=0.1, zero_point=3)
    builder.op("RELU", [x], [y])
    model = tmp_path / "small.tflite"
    model.write_bytes(builder.build())
    project = render_project(compile_graph(read_model(model)), load_board(esp_board), tmp_path / "fw", model_file=model)
    image = build_project(project)
    image.elf.with_name("bootloader.bin").write_bytes(bytes(range(256)) * 40)
    image.elf.with_name("partitions.bin").write_bytes(bytes(3072))
    # The emulated chip is this computer: what lies in its flash, and is started from there, is the program itself.
    image.elf.with_name("firmware.bin").write_bytes(image.elf.read_bytes())
    return image


@pytest.fixture
def booting(tmp_path: Path) -> Iterator[Callable[[bytes, int], None]]:
    """Runs the program in an emulated chip's flash on its serial line."""
    children: list[ChildProcess] = []

    def boot(contents: bytes, line: int) -> None:
        program = tmp_path / "from-flash"
        program.write_bytes(contents[0x10000:])
        program.chmod(0o755)
        children.append(ChildProcess([str(program)], stdio=line))

    yield boot
    for child in children:
        child.stop()


def test_what_was_flashed_boots_and_answers(esp_image: Image, booting: Callable[[bytes, int], None]) -> None:
    with EspRom("esp32c3", boot=booting) as rom:
        info = flash(esp_image.board, esp_image, rom.port)
    assert info.build_id == esp_image.build_id


def test_parts_come_from_idf_or_lie_beside_the_program(esp_image: Image) -> None:
    settings = esp_image.board.flasher.esptool
    assert settings is not None
    parts = parts_of(esp_image.project, settings)
    assert [(part.name, part.offset) for part in parts] == [
        ("bootloader", 0),
        ("partitions", 0x8000),
        ("firmware", 0x10000),
    ]
    assert all(len(part.data) % 4 == 0 for part in parts)

    arguments = esp_image.project.root / "build" / "flasher_args.json"
    arguments.write_text('{"flash_files": {"0x20000": "firmware.bin", "0x1000": "bootloader.bin"}}')
    assert [(part.name, part.offset) for part in parts_of(esp_image.project, settings)] == [
        ("bootloader", 0x1000),
        ("firmware", 0x20000),
    ]
    arguments.write_text('{"flash_files": {"0x20000": "firmware.bin", "0x1F000": "bootloader.bin"}}')
    with pytest.raises(InputError, match="bootloader runs into firmware"):
        parts_of(esp_image.project, settings)
    for broken in ("", "[]", "{}", '{"flash_files": {"x": "firmware.bin"}}'):
        arguments.write_text(broken)
        with pytest.raises(InputError, match=r"flasher_args\.json"):
            parts_of(esp_image.project, settings)
    arguments.unlink()
    esp_image.elf.with_name("partitions.bin").unlink()
    with pytest.raises(InputError, match=r"partitions\.bin"):
        parts_of(esp_image.project, settings)


def test_blocks_end_at_multiples_of_64_kilobytes() -> None:
    part = Part("x", 0xF000, bytes(0x21800))
    pieces = blocks_of(part, whole=False)
    assert [(p.offset, len(p.data)) for p in pieces] == [
        (0xF000, 0x1000),
        (0x10000, 0x10000),
        (0x20000, 0x10000),
        (0x30000, 0x800),
    ]
    assert joined(pieces) == [part]
    assert len(joined([pieces[0], pieces[2]])) == 2
    assert blocks_of(part, whole=True) == [part]
