"""Builder platformio: real `pio run`, without a network."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from support.probe import FACTS, SOURCE, need_tools
from support.slow import rest_slow
from tinykit.board import load_board
from tinykit.board.tools import find_tool
from tinykit.errors import BoardError, BuildFailed, DoesNotFit, ToolMissing
from tinykit.firmware import Project, build_project, render_sources
from tinykit.firmware.builders.pio_registry import registry_reachable
from tinykit.hil.run import RunOptions, run_model
from tinykit.resources import data_dir

M4 = "qemu-mps2-an386"
ESPRESSIF = {
    "esp32": "esp32dev",
    "esp32s3": "esp32-s3-devkitc-1",
    "esp32c3": "esp32-c3-devkitm-1",
    "esp32c6": "esp32-c6-devkitc-1",
}
DIGITS = data_dir("models") / "digits" / "digits.tflite"


@pytest.fixture(autouse=True)
def pio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = find_tool("platformio")
    if path is None:
        pytest.skip("PlatformIO is not installed (pip install platformio scons)")
    python = Path(path).with_name("python")
    if subprocess.run([python, "-c", "import SCons"], check=False, capture_output=True).returncode != 0:
        pytest.skip("SCons is not installed beside PlatformIO (pip install scons)")
    # What this user's PlatformIO has downloaded before must not help.
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "home" / ".platformio"))
    (tmp_path / "home").mkdir()
    return path


def _probe(folder: Path, board: str = M4, source: bytes | None = None) -> Project:
    registry = load_board(board).builder.platformio
    if registry is None or registry.framework is None:  # else the compiler comes with the platform
        need_tools(board)
    sources = {"src/probe/probe.c": SOURCE.read_bytes() if source is None else source}
    return render_sources(sources, FACTS, load_board(board), folder, agent=False, builder="platformio")


@pytest.mark.slow
@pytest.mark.parametrize("board", [M4, "qemu-riscv32", "qemu-microbit", "qemu-netduinoplus2"])
def test_results_are_identical_and_the_build_is_silent(board: str, tmp_path: Path) -> None:
    need_tools(board)
    options = RunOptions(data=DIGITS.with_name("digits_test.npz"), limit=20, builder="platformio")
    report = run_model(DIGITS, board, options, out_dir=tmp_path / "out")
    assert report.accuracy.identical == report.accuracy.n == 20
    assert "PlatformIO" in report.build.compiler
    assert "warning:" not in (tmp_path / "out" / "firmware" / "build" / "build.log").read_text()


@pytest.mark.slow
def test_keyword_spotting_is_as_accurate_as_with_gcc(shared: Path, tmp_path: Path) -> None:
    need_tools(M4)
    model, data = shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite", shared / "datasets" / "kws01.npz"
    report = run_model(model, M4, RunOptions(data=data, builder="platformio"), out_dir=tmp_path / "out")
    assert report.accuracy.device == pytest.approx(0.902)
    assert report.accuracy.identical == report.accuracy.n == 1000


@pytest.mark.slow
def test_a_second_build_is_the_same_and_the_project_builds_by_hand(pio: str, tmp_path: Path) -> None:
    first = build_project(_probe(tmp_path / "a"))
    second = build_project(_probe(tmp_path / "deeper" / "b"))
    assert first.build_id == second.build_id
    assert first.elf.read_bytes() == second.elf.read_bytes()
    shutil.rmtree(tmp_path / "a" / "build")
    shutil.rmtree(tmp_path / "a" / ".pio")
    subprocess.run([pio, "run", "-d", str(tmp_path / "a")], check=True, capture_output=True, cwd="/")
    assert first.elf.read_bytes() == second.elf.read_bytes()


@pytest.mark.slow
def test_what_does_not_fit_is_explained(tmp_path: Path) -> None:
    source = "#include <stdint.h>\nvolatile uint8_t big[20000];" + SOURCE.read_text().replace(
        "boots[0] = 0xB0075u;", "boots[0] = 0xB0075u + big[0];"
    )
    with pytest.raises(DoesNotFit, match=r"ram is full: \d+ bytes are needed, the board has 16384"):
        build_project(_probe(tmp_path / "p", "qemu-microbit", source.encode()))
    with pytest.raises(BuildFailed, match="nothing"):
        build_project(_probe(tmp_path / "p", M4, b"int main(void) { return nothing; }\n"))


def _config(pio: str, root: Path, *options: str) -> Any:
    """What PlatformIO makes of a platformio.ini."""
    command = [pio, "project", "config", "-d", str(root), *options, "--json-output"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # --lint says it as a Python value, whatever the option is called.
    return ast.literal_eval(answer) if "--lint" in options else json.loads(answer)


@pytest.mark.slow
@pytest.mark.parametrize(
    "board",
    [M4, "qemu-riscv32", "nucleo-l4r5zi", "nano33ble", "microbit", "netduinoplus2", *ESPRESSIF],
)
def test_platformio_finds_nothing_wrong_with_the_project(pio: str, board: str, tmp_path: Path) -> None:
    project = _probe(tmp_path / "p", board)
    answer = _config(pio, project.root, "--lint")
    assert not answer["errors"]
    assert not answer["warnings"]
    text = (project.root / "platformio.ini").read_text()
    registry = load_board(board).builder.platformio
    expected = "symlink://platform" if registry is None else registry.platform
    assert re.search(rf"^platform = {re.escape(expected)}$", text, re.MULTILINE)
    assert (project.root / "platform").is_dir() == (registry is None)


@pytest.mark.parametrize(("board", "name"), rest_slow(ESPRESSIF.items(), several=True))
@pytest.mark.usefixtures("idf")
def test_an_espressif_project_is_that_of_idf(pio: str, board: str, name: str, tmp_path: Path) -> None:
    """So what test_esp_idf.py shows of its files holds here, too; PlatformIO only builds more of ESP-IDF along."""
    mine, idf = _probe(tmp_path / "p", board).root, _render_for_idf(tmp_path / "i", board).root
    only_mine = {"platformio.ini", "README.md", "manifest.json", "src/tk_config.h"}  # the last has the build id
    files = {path.relative_to(idf).as_posix() for path in idf.rglob("*") if path.is_file()}
    assert {path.relative_to(mine).as_posix() for path in mine.rglob("*") if path.is_file()} == files | only_mine
    different = {file for file in files - only_mine if (mine / file).read_bytes() != (idf / file).read_bytes()}
    assert different == {"CMakeLists.txt"}
    assert "set(COMPONENTS main)" in (idf / "CMakeLists.txt").read_text()
    assert "set(COMPONENTS" not in (mine / "CMakeLists.txt").read_text()

    sections = {section: dict(options) for section, options in _config(pio, mine)}
    build = sections["env:firmware"]
    assert (build["board"], build["framework"]) == (name, ["espidf"])
    assert sections["platformio"]["src_dir"] == str(mine / "main")
    # Both say where the configuration is, each in its way.
    assert build["board_build.esp-idf.sdkconfig_path"] == str(mine / "build" / "firmware" / "sdkconfig")
    assert (mine / build["board_build.partitions"]).is_file()
    flash = re.search(r"CONFIG_ESPTOOLPY_FLASHSIZE_(\w+)=y", (mine / "sdkconfig.defaults").read_text())
    assert flash is not None
    assert build["board_upload.flash_size"] == flash[1]


def _render_for_idf(folder: Path, board: str) -> Project:
    return render_sources(
        {"src/probe/probe.c": SOURCE.read_bytes()}, FACTS, load_board(board), folder, agent=False, builder="esp-idf"
    )


@pytest.mark.parametrize("board", ["pico", "coral-micro"])
def test_a_board_whose_sdk_platformio_does_not_have(board: str, tmp_path: Path) -> None:
    with pytest.raises(BoardError, match=r"does not build for(.|\n)*leave out --builder"):
        render_sources({}, FACTS, load_board(board), tmp_path / "p", agent=False, builder="platformio")


@pytest.mark.slow
def test_without_a_network_the_registry_is_given_up_within_five_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that accepts the connection and never answers: the slowest of all ways to be offline."""
    mute = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # listens; nobody accepts
    try:
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{mute.server_port}")
        project = _probe(tmp_path / "p", "nucleo-l4r5zi")
        start = time.monotonic()
        with pytest.raises(ToolMissing, match=r"download ststm32(.|\n)*out of reach(.|\n)*--builder gcc") as caught:
            build_project(project)
        # Of which PlatformIO takes a second to start; on a busy machine more.
        assert time.monotonic() - start < 5 + float(os.environ.get("TINYKIT_TEST_SLACK", "3"))
        assert caught.value.exit_code == 3
    finally:
        mute.server_close()


def test_reachable_means_that_anything_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if self.path == "/none" else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        assert registry_reachable(f"{url}/", 5) is None
        assert registry_reachable(f"{url}/none", 5) is None
    finally:
        server.shutdown()
        server.server_close()
    assert "refused" in (registry_reachable(url, 5) or "")
    start = time.monotonic()
    assert registry_reachable("https://no.such.host.invalid/", 3) is not None
    assert time.monotonic() - start < 4


def test_this_computer_is_not_platformios(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match=r"'platformio' does not build for native(.|\n)*gcc or zig"):
        render_sources({}, FACTS, load_board("native"), tmp_path / "p", builder="platformio")


def test_without_platformio_its_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykit.board.tools._platformio", lambda: None)
    with pytest.raises(ToolMissing, match=r"platformio not found(.|\n)*pip install 'platformio>=6.1' scons"):
        render_sources({}, FACTS, load_board(M4), tmp_path / "p", builder="platformio")
