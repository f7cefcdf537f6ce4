"""The ESP8266's project, as far as it can be held to something without PlatformIO's registry and without the chip.

Arduino's core is not needed: support/arduino_esp8266 stands in for it, and says what that proves.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.probe import need_tools
from tinykit.board import load_board
from tinykit.board.tools import find_tool
from tinykit.compiler import compile_graph
from tinykit.errors import ToolMissing
from tinykit.firmware import Project, render_project
from tinykit.firmware.image import load_image
from tinykit.graph.reader import read_model
from tinykit.hil.run import RunOptions, run_model
from tinykit.hil.session import Session
from tinykit.resources import data_dir

BOARD = "esp8266"
DIGITS = data_dir("models") / "digits" / "digits.tflite"
CORE = Path(__file__).resolve().parents[1] / "support" / "arduino_esp8266"
# What the platform's own build adds (espressif8266 4.2: builder/frameworks of Arduino's core).
PLATFORM_FLAGS = ("-std=gnu17", "-Os", "-mlongcalls", "-mtext-section-literals", "-falign-functions=4")
SDK_RAM = 28 * 1024
"""Bytes of the 80 KB that an empty sketch takes, by what users of the core report (some 27 KB); not measured here."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    if find_tool("platformio") is None:
        pytest.skip("PlatformIO is not installed (pip install platformio scons)")
    return render_project(compile_graph(read_model(DIGITS)), load_board(BOARD), tmp_path / "fw", model_file=DIGITS)


@pytest.mark.slow
def test_platformio_finds_nothing_wrong_with_the_project(project: Project) -> None:
    lint = [find_tool("platformio") or "", "project", "config", "-d", str(project.root), "--lint"]
    assert "free from linting errors" in subprocess.run(lint, check=True, capture_output=True, text=True).stdout
    text = (project.root / "platformio.ini").read_text()
    for line in ("platform = espressif8266@^4.2.1", "board = nodemcuv2", "framework = arduino"):
        assert f"\n{line}\n" in text
    assert project.builder == "platformio"
    assert not (project.root / "link.ld").exists()
    compile((project.root / "extra_script.py").read_text(), "extra_script.py", "exec")


@pytest.mark.slow
def test_every_file_compiles_with_the_chips_compiler_and_fits_its_ram(project: Project, tmp_path: Path) -> None:
    """With the flags of platformio.ini and the platform's own; Debian's gcc for the LX106 is the chip's."""
    need_tools("qemu-lx106")
    text = (project.root / "platformio.ini").read_text()
    [block] = re.findall(r"^build_src_flags =\n((?:    .+\n)+)", text, re.MULTILINE)
    flags = [flag.strip().replace("${PROJECT_DIR}", str(project.root)) for flag in block.splitlines()]
    assert "-ffp-contract=off" in flags
    objects = []
    for source in sorted((project.root / "src").rglob("*.c")):
        objects.append(str(tmp_path / f"{source.stem}.o"))
        run = subprocess.run(
            ["xtensa-lx106-elf-gcc", *PLATFORM_FLAGS, *flags, "-Werror", f"-I{CORE / 'include'}", "-c",
             str(source.relative_to(project.root)), "-o", objects[-1]],
            cwd=project.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
    sizes = subprocess.run(["xtensa-lx106-elf-size", "-A", *objects], check=True, capture_output=True, text=True).stdout
    # All but code lies in RAM, constants too.
    in_ram = sum(int(size) for _, size in re.findall(r"^\.(rodata|data|bss|noinit)\S*\s+(\d+)", sizes, re.MULTILINE))
    print(f"\n{BOARD}: {DIGITS.stem} takes {in_ram} bytes of RAM, constants and stack included")
    assert load_board(BOARD).port.stack < in_ram < (load_board(BOARD).ram_bytes or 0) - SDK_RAM


@pytest.fixture
def on_sim(tmp_path: Path) -> Path:
    """A board file: QEMU's LX106, with the ESP8266's port upon a core that knows that machine."""
    need_tools("qemu-lx106")
    ports = data_dir("firmware_templates") / "ports"
    family = tmp_path / "board" / "ports" / "esp8266_on_sim"
    family.mkdir(parents=True)
    (family / "family.toml").write_text('summary = "The ESP8266\'s port in QEMU"\nuses = ["common", "lx106_rom"]\n')
    shutil.copy(ports / "esp8266_arduino" / "port.c", family)
    for path in (CORE / "on_sim.c", *(CORE / "include").iterdir()):
        shutil.copy(path, family)
    # The machine's own start-up and stack are the core's, which then calls setup().
    start = (ports / "xtensa_sim" / "start.S").read_text().replace("call0 main", "call0 core_main")
    (family / "start.S").write_text(start.replace("tk_stack_", "core_stack_"))
    script = (ports / "xtensa_sim" / "link.ld.j2").read_text().replace("tk_stack_", "core_stack_")
    script += "tk_stack_bottom = tk_stack;\ntk_stack_top = tk_stack + {{ stack }};\n"  # as platformio.ini has it
    (family / "link.ld.j2").write_text(script)
    board = load_board(BOARD)
    text = Path(load_board("qemu-lx106").path or "").read_text()
    text = text.replace('name = "qemu-lx106"', 'name = "esp8266-on-sim"').replace("xtensa_sim", "esp8266_on_sim")
    text = text.replace("stack = 16384", f"stack = {board.port.stack}")
    text = text.replace("max_payload = 1024", f"max_payload = {board.link.max_payload}")
    defines = "".join(f"{name} = {value}\n" for name, value in board.port.defines.items())
    text = text.replace("[link]", f"[port.defines]\n{defines}\n[link]", 1)
    path = tmp_path / "board" / "esp8266-on-sim.toml"
    path.write_text(text[: text.index("[proof]")])
    return path


@pytest.mark.slow
def test_the_port_runs_on_its_processor(on_sim: Path, tmp_path: Path) -> None:
    """Results, the stack of the agent's own, time, and a restart, under QEMU."""
    options = RunOptions(data=DIGITS.with_name("digits_test.npz"), limit=20)
    report = run_model(DIGITS, str(on_sim), options, out_dir=tmp_path / "out")
    assert report.accuracy.identical == report.accuracy.n == 20
    image = load_image(tmp_path / "out" / "firmware")
    with Session(image.board, image) as session:
        boot = session.info.boot_nonce
        memory = session.client.memory()
        assert 0 < memory.stack_used < memory.stack_size == load_board(BOARD).port.stack
        ticks = session.time(3)
        assert 0 < max(ticks) < 1.01 * min(ticks)
        session.client.reset()
        assert session.client.connect().boot_nonce != boot


def test_without_platformio_its_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykit.board.tools._platformio", lambda: None)
    with pytest.raises(ToolMissing, match="platformio not found"):
        render_project(compile_graph(read_model(DIGITS)), load_board(BOARD), tmp_path / "fw")
