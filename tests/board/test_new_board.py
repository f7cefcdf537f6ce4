"""A new board is one TOML file; a file with any field wrong says which, and what it may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.probe import need_tools
from tinykit.board import load_board
from tinykit.emulate import open_board
from tinykit.errors import BoardError, DoesNotFit
from tinykit.hil.run import RunOptions, build_model, run_model
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

[toolchain]
kind = "gcc"
prefix = "arm-none-eabi-"
cflags = ["--specs=nano.specs", "-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]
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

[builder]
kind = "gcc"

[builder.platformio]
platform = "ststm32"
board = "none_such"
options = { upload_speed = "115200" }

[flasher]
kind = "emulator"

[flasher.gdb]
remote = "localhost:1234"
commands = ["monitor halt"]

[flasher.pyocd]
target = "cortex_m"

[flasher.openocd]
config = ["interface/cmsis-dap.cfg"]

[flasher.dfu]
device = "0483:df11"
alt = 0
"""

# Each line of NEW with a value, a wrong one, and words of the explanation: the field, and what it may be.
WRONG = [
    ('name = "tiny-m4"', 'name = "Tiny M4"', ["field name", "pattern '^[a-z0-9]"]),
    ('title = "A Cortex-M4 with 64 KB"', "title = 3", ["field title", "string"]),
    ('chip = "AN386"', "chip = []", ["field chip", "string"]),
    ('core = "cortex-m4"', "core = 4", ["field core", "string"]),
    ('features = ["dsp", "fpu"]', 'features = ["dps"]', ["field features.0", "'dsp', 'fpu' or 'mve'", "'dps'"]),
    ("sources = [", "sources = []\nx = [", ["field sources", "at least 1"]),
    ('[toolchain]\nkind = "gcc"', '[toolchain]\nkind = "llvm"', ["field toolchain.kind", "'gcc'", "'llvm'"]),
    ('prefix = "arm-none-eabi-"', "prefix = 1", ["field toolchain.prefix", "string"]),
    ('cflags = ["--specs', 'cflags = "-mthumb"\nx = ["--specs', ["field toolchain.cflags", "tuple"]),
    ('ldflags = ["-nostartfiles"]', "ldflags = [1]", ["field toolchain.ldflags.0", "string"]),
    ('libs = ["-lm"]', 'libs = "-lm"', ["field toolchain.libs", "tuple"]),
    ('name = "flash"', 'name = "FLASH"', ["field memory.0.name", "pattern"]),
    ('kind = "flash"', 'kind = "rom"', ["field memory.0.kind", "'flash' or 'ram'", "'rom'"]),
    ("origin = 0x0000_0000", "origin = -1", ["field memory.0.origin", "greater than or equal to 0"]),
    ("size = 0x0001_0000", "size = 0", ["field memory.0.size", "greater than 0"]),
    ("size = 0x0000_8000", "size = 0x2_0000_0000", ["field memory.1.size", "less than or equal to 4294967296"]),
    ('family = "cmsdk"', 'family = "CMSDK"', ["field port.family", "pattern"]),
    ("stack = 2048", "stack = 2047", ["field port.stack", "multiple of 16"]),
    ("TK_UART_BASE = 0x4000_4000", "UART_BASE = 1", ["field port.defines.UART_BASE", "pattern '^TK_"]),
    ("TK_UART_RX_IRQ = 0", 'TK_UART_RX_IRQ = "zero"', ["field port.defines.TK_UART_RX_IRQ", "integer"]),
    ("max_payload = 256", "max_payload = 8192", ["field link.max_payload", "less than or equal to 4096"]),
    ("baud = 115200", "baud = 0", ["field link.baud", "greater than 0"]),
    ('unit = "instructions"', 'unit = "ticks"', ["field counter.unit", "'instructions', 'cycles' or 'us'"]),
    ("hz = 25_000_000\nscale", "hz = -1\nscale", ["field counter.hz", "greater than 0"]),
    ("scale = [40, 128]", "scale = [40]", ["field counter.scale", "missing"]),
    ("scale = [40, 128]", "scale = [40, 0]", ["field counter.scale.1", "greater than 0"]),
    ('kind = "qemu"', 'kind = "simics"', ["field emulator", "'qemu', 'native'"]),
    (
        'command = ["qemu-system-arm", ',
        'command = []\nx = ["qemu-system-arm", ',
        ["field emulator.command", "at least 1"],
    ),
    ('[builder]\nkind = "gcc"', '[builder]\nkind = "make"', ["field builder.kind", "'gcc', 'zig'", "'make'"]),
    ('platform = "ststm32"', 'platform = "a;b"', ["field builder.platformio.platform", "pattern"]),
    ('board = "none_such"', 'board = "no such"', ["field builder.platformio.board", "pattern"]),
    ("options = { upload_speed", "options = { Upload", ["field builder.platformio.options.Upload", "pattern"]),
    ('[flasher]\nkind = "emulator"', '[flasher]\nkind = "jlink"', ["field flasher.kind", "'esptool', 'gdb', 'pyocd'"]),
    ('remote = "localhost:1234"', 'remote = ""', ["field flasher.gdb.remote", "at least 1"]),
    ('commands = ["monitor halt"]', 'commands = "monitor halt"', ["field flasher.gdb.commands", "tuple"]),
    ('target = "cortex_m"', 'target = "Cortex M"', ["field flasher.pyocd.target", "pattern"]),
    ('config = ["interface/cmsis-dap.cfg"]', 'config = ["cmsis-dap"]', ["field flasher.openocd.config.0", "cfg"]),
    ('device = "0483:df11"', 'device = "stm32"', ["field flasher.dfu.device", "pattern"]),
    ("alt = 0", "alt = -1", ["field flasher.dfu.alt", "greater than or equal to 0"]),
]


def _board_file(folder: Path, text: str = NEW) -> Path:
    path = folder / "tiny-m4.toml"
    path.write_text(text)
    return path


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
    assert right in NEW
    path = _board_file(tmp_path, NEW.replace(right, wrong, 1))
    with pytest.raises(BoardError) as caught:
        load_board(path)
    message = str(caught.value)
    assert str(path) in message
    for word in words:
        assert word in message, message
    assert caught.value.exit_code == 2


def test_no_field_is_left_out() -> None:
    """Every key of the file above is in the table of wrong ones."""
    keys = {line.partition("=")[0].strip() for line in NEW.splitlines() if "=" in line and "://" not in line}
    tried = {words[0].removeprefix("field ").rpartition(".")[2] for *_, words in WRONG}
    tried |= {part for *_, words in WRONG for part in words[0].removeprefix("field ").split(".")}
    defines = {key for key in keys if key.startswith("TK_")}
    assert keys - defines <= tried


def test_an_unknown_table_or_key_is_refused(tmp_path: Path) -> None:
    for extra, field in (("\n[debugger]\nkind = 'x'\n", "field debugger"), ("\nx = 1\n", "field flasher.dfu.x")):
        with pytest.raises(BoardError, match=f"{field}: not a field"):
            load_board(_board_file(tmp_path, NEW + extra))


def test_a_flasher_needs_its_table(tmp_path: Path) -> None:
    text = NEW.replace('[flasher]\nkind = "emulator"', '[flasher]\nkind = "pyocd"')
    text = text.replace('[flasher.pyocd]\ntarget = "cortex_m"\n', "")
    with pytest.raises(BoardError, match=r"\[flasher\.pyocd\]"):
        load_board(_board_file(tmp_path, text))


def test_the_firmware_of_the_new_board_says_its_name(tmp_path: Path) -> None:
    need_tools("qemu-mps2-an386")
    from tinykit.link import Client

    image = build_model(DIGITS, load_board(_board_file(tmp_path)), tmp_path / "out")
    with open_board(image.board, image) as stream:
        assert Client(stream).connect().board == "tiny-m4"
