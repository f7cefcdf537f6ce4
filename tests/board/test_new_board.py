"""A new board is one TOML file; a file with any field wrong says which, and what it may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from support.probe import need_tools
from tinykit.board import Board, load_board
from tinykit.board.emulators import Emulator
from tinykit.board.table import BoardTable
from tinykit.emulate import open_board
from tinykit.errors import BoardError, DoesNotFit
from tinykit.firmware.from_model import build_model
from tinykit.hil.run import RunOptions, run_model
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits" / "digits.tflite"

# QEMU's MPS2 with a Cortex-M4 again, as somebody might describe it who needs less of it: other memories, another
# stack, a smaller link, an own title. Nothing of it is in tinykit.
NEW = """
name = "tiny-m4"
title = "A Cortex-M4 with 64 KB"
chip = "AN386"
core = "cortex-m4"
features = ["dsp", "fpu"]
sources = ["https://www.qemu.org/docs/master/system/arm/mps2.html"]
usb = ["0d28:0204"]
aliases = ["my-board"]
needs = ["patience"]

[toolchain]
kind = "gcc"
prefix = "arm-none-eabi-"
cflags = ["--specs=nano.specs", "-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]
model_cflags = ["-O3"]
ldflags = ["-nostartfiles"]
libs = ["-lm"]

[[memory]]
name = "flash"
kind = "flash"
origin = 0x0000_0000
size = 0x0001_0000

[[memory]]
name = "ram"
kind = "ram"
origin = 0x2000_0000
size = 0x0000_8000

[port]
family = "cmsdk"
stack = 2048

[port.defines]
TK_UART_BASE = 0x4000_4000
TK_UART_CLOCK_HZ = 25_000_000
TK_UART_RX_IRQ = 0
TK_CMSDK_TIMER_BASE = 0x4000_0000
TK_STACK_GUARD = 0x1ff0_0000

[link]
max_payload = 256
baud = 115200

[counter]
unit = "instructions"
hz = 25_000_000
scale = [40, 128]

[emulator]
kind = "qemu"
command = ["qemu-system-arm", "-M", "mps2-an386", "-icount", "shift=7,align=off,sleep=off"]
min_version = 5

[builder]
kind = "gcc"

[builder.pico_sdk]
board = "pico"
uf2_family = 0xe48b_ff56

[builder.platformio]
platform = "ststm32"
board = "none_such"
framework = "espidf"
options = { upload_speed = "115200" }

[flasher]
kind = "emulator"

[flasher.uf2]
board_id = "RPI-RP2"

[flasher.esptool]
chip = "esp32"
flash_mode = "dio"
flash_freq = "40m"
flash_size = "4MB"
bootloader = 0x1000
partition_table = 0x8000
app = 0x1_0000
baud = 460_800
before = "default-reset"
after = "hard-reset"
stub = true

[flasher.gdb]
remote = "localhost:1234"
commands = ["monitor halt"]

[flasher.pyocd]
target = "cortex_m"
options = ["auto_unlock=false"]

[flasher.openocd]
config = ["interface/cmsis-dap.cfg"]
commands = ["reset_config srst_only"]

[flasher.dfu]
device = "0483:df11"
alt = 0

[energy]
active_ma = 4.4
idle_ma = 0.5
volts = 3.0
sources = ["a datasheet"]

[[timing]]
core = "cortex-m4"
hz = 120_000_000
wait_states = 5
flash_width = 8
cache_lines = 32
cache_line_bytes = 16
sources = ["https://developer.arm.com/documentation/100166/0001 (cycles)"]

[console]
uart = "UART 0"
tx = "PA9"
rx = "PA10"
connector = "pins 1 and 2 of the header"
sources = ["https://developer.arm.com/documentation/dai0386/latest"]

[proof]
level = "system-emulator"
unproven = "time"

[[proof.checks]]
what = "outputs"
test = "tests/board/test_new_board.py::test_a_new_board_is_one_file"
"""

# What else [emulator] may be.
EMULATORS = {
    "qemu": NEW[NEW.index("[emulator]") : NEW.index("[builder]")],
    "native": '[emulator]\nkind = "native"\n',
    "qemu-user": '[emulator]\nkind = "qemu-user"\ncommand = ["qemu-arm-static"]\n',
    "rp2040js": '[emulator]\nkind = "rp2040js"\n',
    "renode": """[emulator]
kind = "renode"
platform = "platforms/cpus/nrf52840.repl"
description = "uart0: UART.CMSDK_APB_UART @ sysbus 0x40004000"
uart = "uart0"
cpu = "cpu"
mips = 100
commands = ["logLevel 3"]
""",
    "qemu-esp": '[emulator]\nkind = "qemu-esp"\ncommand = ["qemu-system-xtensa", "-M", "esp32"]\nflash_size = "4MB"\n',
}

# Each line of NEW with a value, a wrong one, and words of the explanation: the field, and what it may be.
WRONG = [
    ('name = "tiny-m4"', 'name = "Tiny M4"', ["field name", "pattern '^[a-z0-9]"]),
    ('title = "A Cortex-M4 with 64 KB"', "title = 3", ["field title", "must be text"]),
    ('chip = "AN386"', "chip = []", ["field chip", "must be text"]),
    ('core = "cortex-m4"', "core = 4", ["field core", "must be text"]),
    ('features = ["dsp", "fpu"]', 'features = ["dps"]', ["field features.0", "'dsp', 'fpu' or 'mve'", "'dps'"]),
    ("sources = [", "sources = []\nx = [", ["field sources", "must not be empty"]),
    ('aliases = ["my-board"]', 'aliases = ["My board"]', ["field aliases.0", "pattern"]),
    ('needs = ["patience"]', "needs = [1]", ["field needs.0", "must be text"]),
    ('usb = ["0d28:0204"]', 'usb = ["0D28:0204"]', ["field usb.0", "pattern"]),
    ('[toolchain]\nkind = "gcc"', '[toolchain]\nkind = "llvm"', ["field toolchain.kind", "'gcc'", "'llvm'"]),
    ('prefix = "arm-none-eabi-"', "prefix = 1", ["field toolchain.prefix", "must be text"]),
    ('cflags = ["--specs', 'cflags = "-mthumb"\nx = ["--specs', ["field toolchain.cflags", "must be a list"]),
    ('model_cflags = ["-O3"]', 'model_cflags = "-O3"', ["field toolchain.model_cflags", "must be a list"]),
    ('ldflags = ["-nostartfiles"]', "ldflags = [1]", ["field toolchain.ldflags.0", "must be text"]),
    ('libs = ["-lm"]', 'libs = "-lm"', ["field toolchain.libs", "must be a list"]),
    ('name = "flash"', 'name = "FLASH"', ["field memory.0.name", "pattern"]),
    ('kind = "flash"', 'kind = "rom"', ["field memory.0.kind", "'flash' or 'ram'", "'rom'"]),
    ("origin = 0x0000_0000", "origin = -1", ["field memory.0.origin", "greater than or equal to 0"]),
    ("size = 0x0001_0000", "size = 0", ["field memory.0.size", "greater than 0"]),
    ("size = 0x0000_8000", "size = 0x2_0000_0000", ["field memory.1.size", "less than or equal to 4294967296"]),
    ('family = "cmsdk"', 'family = "CMSDK"', ["field port.family", "pattern"]),
    ("stack = 2048", "stack = 2047", ["field port.stack", "multiple of 16"]),
    ("TK_UART_BASE = 0x4000_4000", "UART_BASE = 1", ["field port.defines.UART_BASE", "pattern '^TK_"]),
    ("TK_UART_RX_IRQ = 0", 'TK_UART_RX_IRQ = "zero"', ["field port.defines.TK_UART_RX_IRQ", "whole number"]),
    ("max_payload = 256", "max_payload = 8192", ["field link.max_payload", "less than or equal to 4096"]),
    ("baud = 115200", "baud = 0", ["field link.baud", "greater than 0"]),
    ('unit = "instructions"', 'unit = "ticks"', ["field counter.unit", "'instructions', 'cycles' or 'us'"]),
    ("hz = 25_000_000\nscale", "hz = -1\nscale", ["field counter.hz", "greater than 0"]),
    ("scale = [40, 128]", "scale = [40]", ["field counter.scale", "missing"]),
    ("scale = [40, 128]", "scale = [40, 0]", ["field counter.scale.1", "greater than 0"]),
    (
        'kind = "qemu"',
        'kind = "simics"',
        ["field emulator.kind", "'qemu', 'native', 'qemu-user', 'rp2040js', 'renode', 'qemu-esp'", "'simics'"],
    ),
    ('[emulator]\nkind = "qemu"', "[emulator]", ["field emulator.kind", "missing"]),
    ('[builder]\nkind = "gcc"', '[builder]\nkind = "make"', ["field builder.kind", "'gcc', 'zig'", "'make'"]),
    ('board = "pico"', 'board = "a b"', ["field builder.pico_sdk.board", "pattern"]),
    (
        "uf2_family = 0xe48b_ff56",
        "uf2_family = -1",
        ["field builder.pico_sdk.uf2_family", "greater than or equal to 0"],
    ),
    ('platform = "ststm32"', 'platform = "a;b"', ["field builder.platformio.platform", "pattern"]),
    ('board = "none_such"', 'board = "no such"', ["field builder.platformio.board", "pattern"]),
    ('framework = "espidf"', 'framework = "mbed"', ["field builder.platformio.framework", "'espidf' or 'arduino'"]),
    ("options = { upload_speed", "options = { Upload", ["field builder.platformio.options.Upload", "pattern"]),
    ('[flasher]\nkind = "emulator"', '[flasher]\nkind = "jlink"', ["field flasher.kind", "'esptool', 'gdb', 'pyocd'"]),
    ('board_id = "RPI-RP2"', 'board_id = ""', ["field flasher.uf2.board_id", "must not be empty"]),
    ('chip = "esp32"', 'chip = "esp9"', ["field flasher.esptool.chip", "'esp32', 'esp32s2'", "'esp9'"]),
    ('chip = "esp32"', 'chip = "esp8266"', ["flasher.esptool", "field bootloader", "ESP8266 has none"]),
    ('flash_mode = "dio"', 'flash_mode = "octal"', ["field flasher.esptool.flash_mode", "'keep', 'qio'", "'octal'"]),
    ('flash_freq = "40m"', 'flash_freq = "40MHz"', ["field flasher.esptool.flash_freq", "pattern", "'40MHz'"]),
    ('flash_size = "4MB"', 'flash_size = "4M"', ["field flasher.esptool.flash_size", "pattern", "'4M'"]),
    ("bootloader = 0x1000", "bootloader = 0x1001", ["field flasher.esptool.bootloader", "multiple of 4096"]),
    ("partition_table = 0x8000", "partition_table = 1", ["field flasher.esptool.partition_table", "multiple of 4096"]),
    ("app = 0x1_0000", "app = 0x1_1000", ["field flasher.esptool.app", "multiple of 65536"]),
    ("baud = 460_800", "baud = 300", ["field flasher.esptool.baud", "greater than or equal to 9600"]),
    ('before = "default-reset"', 'before = "reset"', ["field flasher.esptool.before", "'usb-reset' or 'no-reset'"]),
    ('after = "hard-reset"', 'after = "reset"', ["field flasher.esptool.after", "'hard-reset', 'watchdog-reset'"]),
    ("stub = true", 'stub = "perhaps"', ["field flasher.esptool.stub", "true or false"]),
    ('remote = "localhost:1234"', 'remote = ""', ["field flasher.gdb.remote", "must not be empty"]),
    ('commands = ["monitor halt"]', 'commands = "monitor halt"', ["field flasher.gdb.commands", "must be a list"]),
    ('target = "cortex_m"', 'target = "Cortex M"', ["field flasher.pyocd.target", "pattern"]),
    ('config = ["interface/cmsis-dap.cfg"]', 'config = ["cmsis-dap"]', ["field flasher.openocd.config.0", "cfg"]),
    ('options = ["auto_unlock=false"]', 'options = ["auto_unlock"]', ["field flasher.pyocd.options.0", "pattern"]),
    (
        'commands = ["reset_config srst_only"]',
        'commands = [""]',
        ["field flasher.openocd.commands.0", "must not be empty"],
    ),
    ('device = "0483:df11"', 'device = "stm32"', ["field flasher.dfu.device", "pattern"]),
    ("alt = 0", "alt = -1", ["field flasher.dfu.alt", "greater than or equal to 0"]),
    ("active_ma = 4.4", "active_ma = 0", ["field energy.active_ma", "greater than 0"]),
    ("idle_ma = 0.5", 'idle_ma = "little"', ["field energy.idle_ma", "number"]),
    ("volts = 3.0", "volts = 12", ["field energy.volts", "less than or equal to 5.5"]),
    ('sources = ["a datasheet"]', "sources = []", ["field energy.sources", "must not be empty"]),
    ('core = "cortex-m4"\nhz', 'core = "Cortex M4"\nhz', ["field timing.0.core", "pattern"]),
    ("hz = 120_000_000", "hz = 0", ["field timing.0.hz", "greater than 0"]),
    ("wait_states = 5", "wait_states = -1", ["field timing.0.wait_states", "greater than or equal to 0"]),
    ("flash_width = 8", "flash_width = 0", ["field timing.0.flash_width", "greater than 0"]),
    ("cache_lines = 32", 'cache_lines = "many"', ["field timing.0.cache_lines", "whole number"]),
    ("cache_line_bytes = 16", "cache_line_bytes = 512", ["field timing.0.cache_line_bytes", "equal to 256"]),
    ("cache_line_bytes = 16", "", ["field timing", "go together"]),
    (
        NEW[NEW.index('sources = ["https://developer.arm.com/documentation/100166') : NEW.index("\n\n[console]")],
        "sources = []",
        ["field timing.0.sources", "must not be empty"],
    ),
    ('uart = "UART 0"', 'uart = ""', ["field console.uart", "must not be empty"]),
    ('tx = "PA9"', 'tx = "pin 9"', ["field console.tx", "pattern"]),
    ('rx = "PA10"', "", ["field console.rx", "missing"]),
    ('connector = "pins', 'connector = 2\nx = "pins', ["field console.connector", "must be text"]),
    (
        NEW[NEW.rindex("sources = [") : NEW.index("\n\n[proof]")],
        "sources = []",
        ["field console.sources", "must not be empty"],
    ),
    (
        'level = "system-emulator"',
        'level = "tested"',
        ["field proof.level", "'hardware', 'system-emulator', 'isa-emulator', 'host', 'build' or 'parts'", "'tested'"],
    ),
    ('level = "system-emulator"', 'level = "host"', ["field proof.level", "an [emulator] of kind 'native'"]),
    ('level = "system-emulator"', 'level = "hardware"', ["field proof.specimen", "'hardware' needs it"]),
    ('unproven = "time"', 'specimen = "rev. C"', ["field proof.specimen", "no other level has it"]),
    ('unproven = "time"', 'twin = "Tiny M4"', ["field proof.twin", "pattern"]),
    ('unproven = "time"', 'twin = "tiny-m4"', ["field proof.twin", "not its own twin"]),
    ('unproven = "time"', 'twin = "tiny-m3"', ["field proof.twin", "needs none"]),
    ('unproven = "time"', "unproven = true", ["field proof.unproven", "must be text"]),
    ('what = "outputs"', 'what = ""', ["field proof.checks.0.what", "must not be empty"]),
    ('test = "tests/', 'test = "', ["field proof.checks.0.test", "pattern '^(tests|hil)/"]),
    (NEW[NEW.index("[[proof") :], "checks = []", ["field proof.checks", "must not be empty"]),
]

# The same for what else [emulator] may be.
WRONG_EMULATORS = [
    ("qemu", 'command = ["qemu', 'command = []\nx = ["qemu', ["field emulator.command", "must not be empty"]),
    ("qemu", "min_version = 5", 'min_version = "five"', ["field emulator.min_version", "whole number"]),
    ("native", 'kind = "native"', 'kind = "native"\ncommand = []', ["field emulator.command", "not a field"]),
    ("qemu-user", 'command = ["qemu-arm-static"]', "", ["field emulator.command", "missing"]),
    ("rp2040js", 'kind = "rp2040js"', 'kind = "rp2040js"\nmips = 1', ["field emulator.mips", "not a field"]),
    ("renode", 'platform = "platforms/', 'platform = "/etc/', ["field emulator.platform", "pattern '^platforms"]),
    ("renode", 'description = "', 'description = 1\nx = "', ["field emulator.description", "must be text"]),
    ("renode", 'uart = "uart0"', 'uart = "uart0; quit"', ["field emulator.uart", "pattern"]),
    ("renode", 'cpu = "cpu"', 'cpu = "cpu 0"', ["field emulator.cpu", "pattern"]),
    ("renode", "mips = 100", "mips = 0", ["field emulator.mips", "greater than 0"]),
    ("renode", 'commands = ["', 'commands = ["a\\nb", "', ["field emulator.commands.0", "pattern"]),
    (
        "renode",
        EMULATORS["renode"][EMULATORS["renode"].index("platform") : EMULATORS["renode"].index("uart = ")],
        "",
        ["field emulator", "needs a platform, a description, or both"],
    ),
    ("qemu-esp", '"-M", "esp32"', "", ["field emulator", 'command: names no machine ("-M", "esp32")']),
    ("qemu-esp", 'command = ["qemu-system-xtensa", ', "command = [7, ", ["field emulator.command.0", "must be text"]),
    (
        "qemu-esp",
        'flash_size = "4MB"',
        'flash_size = "3MB"',
        ["field emulator.flash_size", "'2MB', '4MB', '8MB' or '16MB'", "'3MB'"],
    ),
]


def _board_file(folder: Path, text: str = NEW) -> Path:
    path = folder / "tiny-m4.toml"
    path.write_text(text)
    return path


@pytest.mark.slow
def test_a_new_board_is_one_file(tmp_path: Path) -> None:
    need_tools("qemu-mps2-an386")
    path = _board_file(tmp_path)
    options = RunOptions(data=DIGITS.with_name("digits_test.npz"), limit=20)
    report = run_model(DIGITS, str(path), options, out_dir=tmp_path / "out")
    assert report.board == "tiny-m4"
    assert report.accuracy.identical == 20
    assert report.memory.flash_available == 0x10000
    assert report.memory.stack_reserved == 2048


def test_its_memories_are_those_that_count(shared: Path, tmp_path: Path) -> None:
    need_tools("qemu-mps2-an386")
    board = load_board(_board_file(tmp_path))
    with pytest.raises(DoesNotFit, match=r"tiny-m4(.|\n)*65536"):
        build_model(shared / "models" / "mlperf_tiny" / "ad01_int8.tflite", board, tmp_path / "out")


@pytest.mark.parametrize(("right", "wrong", "words"), WRONG, ids=[words[0].partition(" ")[2] for *_, words in WRONG])
def test_each_field_wrong_in_turn(tmp_path: Path, right: str, wrong: str, words: list[str]) -> None:
    _refused(_board_file(tmp_path, _with(NEW, right, wrong)), words)


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "words"),
    WRONG_EMULATORS,
    ids=[f"{kind}-{words[0].partition(' ')[2]}" for kind, *_, words in WRONG_EMULATORS],
)
def test_each_field_of_each_emulator_wrong_in_turn(
    tmp_path: Path, kind: str, right: str, wrong: str, words: list[str]
) -> None:
    whole = _emulated_by(kind)
    load_board(_board_file(tmp_path, whole))
    _refused(_board_file(tmp_path, _with(whole, right, wrong)), words)


def test_no_field_is_left_out() -> None:
    """Every field that a board file may have, of every table, is in the tables of wrong ones."""
    assert {path for path in _fields(Board) if not path.startswith("emulator.")} <= _tried(WRONG)
    for variant in get_args(get_args(Emulator)[0]):
        (kind,) = get_args(variant.model_fields["kind"].annotation)
        tried = _tried([case[1:] for case in WRONG_EMULATORS if case[0] == kind])
        assert {f"emulator.{name}" for name in variant.model_fields} - {"emulator.kind"} <= tried


def _tried(cases: Iterable[tuple[str, str, list[str]]]) -> set[str]:
    """Paths of the fields that are wrong in some case, without numbers of entries: "features.0" is "features"."""
    paths = {re.sub(r"\.\d+", "", words[0].removeprefix("field ")) for *_, words in cases}
    # An entry of a table of numbers was wrong: so was the table.
    return paths | {path.rpartition(".")[0] for path in paths}


def _fields(table: type[BoardTable], prefix: str = "") -> Iterator[str]:
    """Paths of all fields that are no tables themselves: "port.stack"."""
    for name, field in table.model_fields.items():
        tables = list(_tables(field.annotation))
        for inner in tables:
            yield from _fields(inner, f"{prefix}{name}.")
        if not tables:
            yield prefix + name


def _tables(annotation: Any) -> Iterator[type[BoardTable]]:
    if isinstance(annotation, type) and issubclass(annotation, BoardTable):
        yield annotation
    for inner in get_args(annotation):
        yield from _tables(inner)


def _with(text: str, right: str, wrong: str) -> str:
    assert right in text
    return text.replace(right, wrong, 1)


def _emulated_by(kind: str) -> str:
    return NEW.replace(EMULATORS["qemu"], EMULATORS[kind] + "\n").replace(
        'level = "system-emulator"', 'level = "build"'
    )


def _refused(path: Path, words: list[str]) -> None:
    with pytest.raises(BoardError) as caught:
        load_board(path)
    message = str(caught.value)
    assert str(path) in message
    for word in words:
        assert word in message, message
    assert caught.value.exit_code == 2


def test_an_unknown_table_or_key_is_refused(tmp_path: Path) -> None:
    for extra, field in (("\n[debugger]\nkind = 'x'\n", "field debugger"), ("\nx = 1\n", "field proof.checks.0.x")):
        with pytest.raises(BoardError, match=f"{field}: not a field"):
            load_board(_board_file(tmp_path, NEW + extra))


def test_a_flasher_needs_its_table(tmp_path: Path) -> None:
    text = NEW.replace('[flasher]\nkind = "emulator"', '[flasher]\nkind = "pyocd"')
    text = text.replace('[flasher.pyocd]\ntarget = "cortex_m"\noptions = ["auto_unlock=false"]\n', "")
    with pytest.raises(BoardError, match=r"\[flasher\.pyocd\]"):
        load_board(_board_file(tmp_path, text))


def test_the_firmware_of_the_new_board_says_its_name(tmp_path: Path) -> None:
    need_tools("qemu-mps2-an386")
    from tinykit.link import Client

    image = build_model(DIGITS, load_board(_board_file(tmp_path)), tmp_path / "out")
    with open_board(image.board, image) as stream:
        assert Client(stream).connect().board == "tiny-m4"
