"""The marker pin: which there are, that firmware without one has nothing of it, and when it is high."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from support.probe import need_tools
from tinykit.board import Board, load_board
from tinykit.errors import DeviceRefused, InputError
from tinykit.firmware import Image
from tinykit.firmware.from_model import BuildOptions, build_model, export_model
from tinykit.firmware.marker import marker_of
from tinykit.hil.session import Session
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"
SUPPORT = Path(__file__).resolve().parents[1] / "support"


@pytest.mark.parametrize(
    ("board", "pin", "name", "number"),
    [
        ("nucleo-l4r5zi", "PB7", "PB7", 23),
        ("netduinoplus2", "pa5", "PA5", 5),
        ("microbit", "P0.03", "P0.3", 3),
        ("nano33ble", "P1.15", "P1.15", 47),
        ("pico", "GPIO15", "GPIO15", 15),
        ("esp32", "gpio27", "GPIO27", 27),
        ("esp32c6", "GPIO0", "GPIO0", 0),
    ],
)
def test_pins_have_the_chips_names(board: str, pin: str, name: str, number: int) -> None:
    marker = marker_of(load_board(board), pin)
    assert marker is not None
    assert (marker.pin, marker.number) == (name, number)


@pytest.mark.parametrize(
    ("board", "pin", "words"),
    [
        ("nucleo-l4r5zi", "PB16", r"no pin 'PB16'(.|\n)*PA0 to PA15"),
        ("nucleo-l4r5zi", "13", "no pin '13'"),
        ("nucleo-l4r5zi", "", "no pin ''"),
        ("nucleo-l4r5zi", "PG7", "PG7 of nucleo-l4r5zi is the serial line's"),
        ("microbit", "P1.0", r"no pin(.|\n)*P0.0 to P0.31"),
        ("nano33ble", "P1.03", "P1.3 of nano33ble is the serial line's"),
        ("pico", "GPIO30", r"no pin(.|\n)*GPIO0 to GPIO29"),
        ("pico", "GPIO0", "the serial line's"),
        ("esp32", "GPIO34", r"no pin(.|\n)*GPIO32 to GPIO33"),
        ("esp32", "GPIO6", "no pin"),
        ("esp32c3", "GPIO21", "the serial line's"),
        ("qemu-mps2-an386", "PA5", r"no pin that could be a marker(.|\n)*'cmsdk'(.|\n)*without --marker"),
        ("native", "PA5", r"'posix'"),
    ],
)
def test_other_pins_are_refused_before_anything_is_built(board: str, pin: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        export_model(DIGITS, load_board(board), tmp_path / "fw", BuildOptions(marker=pin))
    assert not list(tmp_path.glob("fw/*"))


def marker_symbols(image: Image) -> list[str]:
    with image.elf.open("rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab").iter_symbols()
        return sorted(symbol.name for symbol in symbols if "tk_port_marker" in symbol.name)


@pytest.mark.slow
def test_firmware_without_one_has_nothing_of_it(tmp_path: Path) -> None:
    need_tools("microbit")
    board = load_board("microbit")
    without = build_model(DIGITS, board, tmp_path / "without")
    with_it = build_model(DIGITS, board, tmp_path / "with", BuildOptions(marker="P0.3"))
    assert marker_symbols(without) == []
    assert marker_symbols(with_it) == ["tk_port_marker", "tk_port_marker_init"]
    assert without.sizes.flash < with_it.sizes.flash < without.sizes.flash + 128
    assert without.sizes.static_ram == with_it.sizes.static_ram
    names = {path.relative_to(tmp_path / "without").as_posix() for path in (tmp_path / "without" / "src").rglob("*")}
    added = {path.relative_to(tmp_path / "with").as_posix() for path in (tmp_path / "with" / "src").rglob("*")} - names
    assert added == {"src/port/marker.c"}
    assert "MARKER" not in (tmp_path / "without" / "src" / "tk_config.h").read_text()
    assert (without.project.manifest["flags"]["marker"], with_it.project.manifest["flags"]["marker"]) == (None, "P0.3")
    assert without.build_id != with_it.build_id


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pin"),
    [
        ("b-l475e-iot01a", "PA5"), ("microbit2", "P1.2"), ("nano33ble", "P0.13"), ("netduinoplus2", "PA10"),
        ("nucleo-f767zi", "PB0"), ("nucleo-l4r5zi", "PC7"), ("pico", "GPIO15"), ("pico2", "GPIO15"),
    ],
)  # fmt: skip
def test_it_builds_without_a_word(name: str, pin: str, tmp_path: Path) -> None:
    need_tools(name)
    board = load_board(name)
    build_model(DIGITS, board, tmp_path, BuildOptions(marker=pin))
    assert "warning" not in (tmp_path / "build" / "build.log").read_text()
    if board.builder.kind == "gcc":
        flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wundef", "-Werror"]
        folders = [f"-I{tmp_path / 'src' / part}" for part in ("", "agent", "port")]
        command = ["arm-none-eabi-gcc", *board.toolchain.cflags, *flags, *folders, "-fsyntax-only"]
        subprocess.run([*command, tmp_path / "src" / "port" / "marker.c"], check=True)


def test_it_compiles_for_espressif_chips(tmp_path: Path) -> None:
    """With the stand-in's declarations; and the component is named to CMake."""
    compiler = "riscv64-unknown-elf-gcc"
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    export_model(DIGITS, load_board("esp32c3"), tmp_path, BuildOptions(marker="GPIO4"))
    folders = [SUPPORT / "idf" / "include", *(tmp_path / "src" / part for part in ("", "agent", "port"))]
    run = subprocess.run(
        [compiler, "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs", "-std=gnu17", "-fsyntax-only", "-Wall",
         "-Wextra", "-Wconversion", "-Werror", *(f"-I{folder}" for folder in folders),
         tmp_path / "src" / "port" / "marker.c"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "set(drivers esp_driver_uart esp_driver_gpio)" in (tmp_path / "main" / "CMakeLists.txt").read_text()


@dataclass(frozen=True)
class Event:
    """What QEMU tells of an access: "up" and "down" of the pin, and "ticks", a reading of the timer."""

    kind: str
    value: int = 0


_ACCESS = re.compile(r"nrf51_(gpio_write|timer_read) .*(?:offset|addr) (0x[0-9a-f]+) (?:value|data) (0x[0-9a-f]+)")
PIN = 3


def events(log: Path) -> list[Event]:
    """Accesses to GPIO OUTSET (0x508) and OUTCLR (0x50c), and TIMER CC0 (0x540; nRF51 Series Reference Manual)."""
    found = []
    for kind, offset, value in _ACCESS.findall(log.read_text()):
        at, number = int(offset, 16), int(value, 16)
        if kind == "gpio_write" and at in (0x508, 0x50C) and number == 1 << PIN:
            found.append(Event("up" if at == 0x508 else "down"))
        elif kind == "timer_read" and at == 0x540:
            found.append(Event("ticks", number))
    return found


def traced_board(folder: Path) -> tuple[Board, Path]:
    """The emulated micro:bit, with a log of accesses to its GPIO and timers."""
    path = load_board("qemu-microbit").path
    assert path is not None
    log = folder / "qemu.log"
    more = f', "-trace", "nrf51_gpio_write", "-trace", "nrf51_timer_read", "-D", "{log}"]'
    text = re.sub(r"^(command = \[.*)\]$", lambda match: match[1] + more, path.read_text(), flags=re.MULTILINE)
    text = text[: text.index("[proof]")].replace('name = "qemu-microbit"', 'name = "traced"')
    (folder / "traced.toml").write_text(text)
    return load_board(folder / "traced.toml"), log


@pytest.mark.slow
def test_on_the_microbit_it_is_high_during_timed_inferences_only(tmp_path: Path) -> None:
    """By the order in which QEMU saw the firmware write the pin and read its timer, and by what it read."""
    need_tools("qemu-microbit")
    board, log = traced_board(tmp_path)
    image = build_model(DIGITS, board, tmp_path / "fw", BuildOptions(marker=f"P0.{PIN}"))
    with Session(board, image) as session:
        start = len(events(log))
        assert [event.kind for event in events(log) if event.kind != "ticks"] == ["down"], "low from the start"
        with pytest.raises(DeviceRefused):
            session.client.run(0)
        assert all(event.kind == "ticks" for event in events(log)[start:]), "an error does not raise it"
        start = len(events(log))
        result = session.client.run(3, 2)
        seen = events(log)[start:]
        kinds = [event.kind for event in seen]
        up, down = kinds.index("up"), kinds.index("down")
        assert (kinds.count("up"), kinds.count("down")) == (1, 1)
        timed = [event.value for event in seen[up + 1 : down]]
        assert len(timed) == 6, "before and after each of the three, nothing else"
        assert sum((timed[i + 1] - timed[i]) % 2**32 for i in (0, 2, 4)) == result.total_ticks
        whole = (timed[-1] - timed[0]) % 2**32
        assert result.total_ticks <= whole < 1.01 * result.total_ticks, "what is between them is little"
        assert len([kind for kind in kinds[:up] if kind == "ticks"]) >= 4, "the warm-ups came before"
        start = len(events(log))
        session.client.reset()
        session.reconnect()
        assert [event.kind for event in events(log)[start:] if event.kind != "ticks"] == ["down"]


@pytest.mark.slow
def test_on_the_pico_a_pulse_is_as_long_as_the_latency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """rp2040js tells when the pin changes, in nanoseconds of the chip's clock, in which an instruction is a cycle."""
    need_tools("rp2040js-pico")
    log = tmp_path / "pin.log"
    monkeypatch.setenv("NODE_OPTIONS", f"--require {SUPPORT / 'gpio_watch.cjs'}")
    monkeypatch.setenv("GPIO_WATCH_PIN", "15")
    monkeypatch.setenv("GPIO_WATCH_FILE", str(log))
    board = load_board("rp2040js-pico")
    image = build_model(DIGITS, board, tmp_path / "fw", BuildOptions(marker="GPIO15"))
    with Session(board, image) as session:
        for runs in (1, 4):
            log.write_text("")
            result = session.client.run(runs, 2)
            (rose, high), (fell, low) = (
                [float(word) for word in line.split()] for line in log.read_text().splitlines()
            )
            assert (high, low) == (1, 0)
            cycles = (fell - rose) * board.counter.hz / 1e9
            assert result.total_ticks <= cycles < 1.01 * result.total_ticks
