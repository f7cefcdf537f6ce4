"""Projects: complete, reproducible, warning-free, and refused where they cannot work."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from support.probe import EMULATED_BOARDS, FACTS, SOURCE, build_probe, need_tools
from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.compiler import compile_graph
from tinykit.emulate import open_board
from tinykit.errors import BoardError, BuildFailed, DoesNotFit, InputError, ToolMissing
from tinykit.firmware import Project, build_project, load_image, load_project, render_project, render_sources
from tinykit.flash import flash
from tinykit.graph.reader import read_model
from tinykit.link import Client

ALL_BOARDS = ("native", *EMULATED_BOARDS)
M4 = "qemu-mps2-an386"


def _probe_project(folder: Path, board: str = M4, source: bytes | None = None, **options: object) -> Project:
    need_tools(board)
    sources = {"src/probe/probe.c": SOURCE.read_bytes() if source is None else source}
    return render_sources(sources, FACTS, load_board(board), folder, agent=False, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one operator."""
    builder = ModelBuilder()
    x = builder.input((1, 16), scale=0.1, zero_point=3)
    y = builder.output((1, 16), scale=0.1, zero_point=3)
    builder.op("RELU", [x], [y])
    path = tmp_path_factory.mktemp("model") / "small.tflite"
    path.write_bytes(builder.build())
    return path


@pytest.mark.slow
@pytest.mark.parametrize("board", ALL_BOARDS)
def test_the_agent_answers_on_every_board_and_the_build_is_silent(model: Path, board: str, tmp_path: Path) -> None:
    need_tools(board)
    project = render_project(compile_graph(read_model(model)), load_board(board), tmp_path, model_file=model)
    image = build_project(project)
    assert "warning" not in (tmp_path / "build" / "build.log").read_text()

    info = flash(image.board, image)
    assert info.build_id == project.build_id
    assert info.model_sha256 == project.manifest["model"]["sha256"]
    with open_board(image.board, image) as stream:
        client = Client(stream, expected_build=project.build_id)
        client.connect()
        client.write_input(0, bytes(range(0, 256, 16)))
        counts = {client.run(n=3).min_ticks for _ in range(3)}
        if not image.board.is_hosted:
            assert len({image.board.counter.value(ticks) for ticks in counts}) == 1
            assert 0 < client.memory().stack_used < client.memory().stack_size == image.sizes.stack


@pytest.mark.slow
@pytest.mark.parametrize("board", ["native", M4, "qemu-riscv32"])
def test_two_builds_in_different_folders_are_identical(board: str, tmp_path: Path) -> None:
    first = build_probe(board, tmp_path / "a")
    second = build_probe(board, tmp_path / "deeper" / "b")
    assert first.build_id == second.build_id
    assert first.elf.read_bytes() == second.elf.read_bytes()
    assert (tmp_path / "a/manifest.json").read_bytes() == (tmp_path / "deeper/b/manifest.json").read_bytes()


def test_nothing_in_the_project_knows_where_it_is(tmp_path: Path) -> None:
    image = build_probe(M4, tmp_path / "secret-place")
    for path in [p for p in image.project.root.rglob("*") if p.is_file() and p.suffix not in (".log", ".map", ".d")]:
        assert b"secret-place" not in path.read_bytes(), path


def test_the_build_id_depends_on_source_flags_and_board(tmp_path: Path) -> None:
    ids = {
        _probe_project(tmp_path / "1").build_id,
        _probe_project(tmp_path / "2", opt_level="O3").build_id,
        _probe_project(tmp_path / "3", source=SOURCE.read_bytes() + b"\n").build_id,
        _probe_project(tmp_path / "4", board="qemu-mps2-an500").build_id,
        _probe_project(tmp_path / "5", stack=8192).build_id,
    }
    assert len(ids) == 5
    assert all(re.fullmatch(r"[0-9a-f]{32}", i) for i in ids)


def test_the_project_builds_by_hand_and_loads_again(tmp_path: Path) -> None:
    project = _probe_project(tmp_path)
    subprocess.run(["make", "-s", "-C", str(tmp_path)], check=True, capture_output=True)
    image = load_image(tmp_path)
    assert image.build_id == project.build_id
    assert image.board.model_dump() == project.board.model_dump()
    assert json.loads((tmp_path / "manifest.json").read_text())["build_id"] == project.build_id


def test_sizes_are_those_of_the_linker(tmp_path: Path) -> None:
    image = build_probe(M4, tmp_path)
    report = subprocess.run(
        ["arm-none-eabi-size", "-A", str(image.elf)], check=True, capture_output=True, text=True
    ).stdout
    sections = {m[1]: int(m[2]) for m in re.finditer(r"^(\.\S+)\s+(\d+)", report, re.MULTILINE)}
    flash_bytes = sections[".text"] + sections[".rodata"] + sections.get(".ARM.exidx", 0) + sections[".data"]
    assert image.sizes.flash == flash_bytes
    assert image.sizes.static_ram == sections[".data"] + sections[".bss"] + sections[".noinit"]
    assert image.sizes.stack == sections[".stack"] == 16384
    assert image.sizes.arena == 1024


def test_rendering_replaces_the_old_project_and_nothing_else(tmp_path: Path) -> None:
    _probe_project(tmp_path)
    (tmp_path / "src" / "stale.c").write_text("stale")
    (tmp_path / "report.json").write_text("mine")
    _probe_project(tmp_path)
    assert not (tmp_path / "src" / "stale.c").exists()
    assert (tmp_path / "report.json").read_text() == "mine"
    assert not list(tmp_path.glob(".tinykit-*"))


def test_another_board_in_the_same_folder_leaves_no_trace_of_the_first(tmp_path: Path) -> None:
    _probe_project(tmp_path)
    _probe_project(tmp_path, board="native")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "CMakeLists.txt",
        "Makefile",
        "README.md",
        "manifest.json",
        "native.toml",
        "src",
    ]


@pytest.mark.parametrize("manifest", [None, "{}", "no json"])
def test_a_users_own_sources_are_never_replaced(tmp_path: Path, manifest: str | None) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "precious.c").write_text("mine")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(InputError, match="did not write"):
        _probe_project(tmp_path)
    assert (tmp_path / "src" / "precious.c").read_text() == "mine"


def test_a_folder_that_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a tinykit project"):
        load_project(tmp_path)
    for content in ("{", "[]", "{}", "\x00"):
        (tmp_path / "manifest.json").write_text(content)
        with pytest.raises(InputError, match=r"manifest\.json"):
            load_project(tmp_path)


def test_a_project_that_is_not_built_or_has_no_elf(tmp_path: Path) -> None:
    project = _probe_project(tmp_path)
    with pytest.raises(InputError, match="not built"):
        load_image(tmp_path)
    project.elf.parent.mkdir()
    project.elf.write_bytes(b"\x7fELF no")
    with pytest.raises(InputError, match=r"firmware\.elf"):
        load_image(tmp_path)


def test_out_dir_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot write"):
        _probe_project(tmp_path / "file")


def test_too_many_constants_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    facts = replace(FACTS, constants={"weights": 300_000, "tables": 1})
    with pytest.raises(DoesNotFit, match=r"300001 bytes of flash.*262144") as caught:
        render_sources({}, facts, load_board("qemu-microbit"), tmp_path / "out")
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_too_large_an_arena_is_refused_with_the_sum(tmp_path: Path) -> None:
    facts = replace(FACTS, arena_bytes=15_000)
    with pytest.raises(DoesNotFit, match=r"17064 bytes.*arena 15000 \+ inputs 16 \+ stack 2048.*16384"):
        render_sources({}, facts, load_board("qemu-microbit"), tmp_path)


@pytest.mark.parametrize(
    ("declaration", "memory"),
    [("volatile uint8_t big[20000];", "ram"), ("const volatile uint8_t big[300000] = {1};", "flash")],
)
def test_what_the_linker_finds_too_large_is_explained(tmp_path: Path, declaration: str, memory: str) -> None:
    source = declaration + SOURCE.read_text().replace("boots[0] = 0xB0075u;", "boots[0] = 0xB0075u + big[0];")
    project = _probe_project(tmp_path, board="qemu-microbit", source=("#include <stdint.h>\n" + source).encode())
    with pytest.raises(DoesNotFit, match=rf"{memory} is full: \d+ bytes are needed, the board has \d+") as caught:
        build_project(project)
    # The numbers add up: needed = size + overflow.
    needed, size, over = map(int, re.findall(r"\d+", str(caught.value.why))[:3])
    assert needed == size + over


def test_a_compiler_error_shows_the_log(tmp_path: Path) -> None:
    project = _probe_project(tmp_path, source=b"int main(void) { return nothing; }\n")
    with pytest.raises(BuildFailed, match="nothing") as caught:
        build_project(project)
    log = tmp_path / "build" / "build.log"
    assert str(log) in str(caught.value)
    assert "nothing" in log.read_text()
    assert caught.value.exit_code == 4


def test_a_missing_compiler_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("tinykit.board.tools._packaged_zig", lambda: None)  # it would take the compiler's place
    with pytest.raises(ToolMissing, match="arm-none-eabi-gcc"):
        render_sources({}, FACTS, load_board(M4), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_host_compiler_names_what_cc_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setattr("tinykit.board.tools._packaged_zig", lambda: None)
    with pytest.raises(ToolMissing):
        render_sources({}, FACTS, load_board("native"), tmp_path)


def test_clang_builds_the_native_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("clang") is None:
        pytest.skip("clang is not installed")
    monkeypatch.setenv("CC", "clang")
    image = build_probe("native", tmp_path)
    assert "clang" in image.project.manifest["compiler"]["version"]
    assert "warning" not in (tmp_path / "build" / "build.log").read_text()


@pytest.mark.slow
def test_sanitizers_are_for_the_host(model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="sanitizers"):
        _probe_project(tmp_path, sanitize=True)
    need_tools("native")
    project = render_project(compile_graph(read_model(model)), load_board("native"), tmp_path, sanitize=True)
    image = build_project(project)
    assert b"__asan_init" in image.elf.read_bytes()
    assert flash(image.board, image).build_id == image.build_id


def test_unknown_optimisation(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="O0, O1, O2, O3, Os"):
        _probe_project(tmp_path, opt_level="Ofast")


def test_a_board_without_flasher(tmp_path: Path) -> None:
    image = build_probe("native", tmp_path)
    board = image.board.model_copy(update={"flasher": image.board.flasher.model_copy(update={"kind": "none"})})
    with pytest.raises(BoardError, match="no flasher"):
        flash(board, image)
