"""bench.toml: what is wrong is named with its place and key, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.benches import bench_file
from tinykit.board import load_board
from tinykit.errors import InputError, TinykitError
from tinykit.hil.inventory import Inventory, load_inventory, select

ROOT = Path(__file__).resolve().parents[2]
HARDWARE = '[[place]]\nname = "desk"\nboard = "nucleo-l4r5zi"\n'


def load(folder: Path, text: str) -> Inventory:
    (folder / "bench.toml").write_text(text)
    return load_inventory(folder / "bench.toml")


def test_a_place_has_its_own_policy_or_the_benchs(tmp_path: Path) -> None:
    bench = load(
        tmp_path,
        "[retry]\nattempts = 3\n[timeouts]\nrun = 9\n"
        '[[place]]\nname = "a"\nboard = "native"\ntags = ["fast"]\n'
        '[[place]]\nname = "b"\nboard = "nucleo-l4r5zi"\nserial_number = "0667FF"\n'
        "retry = { attempts = 1 }\ntimeouts = { lock = 0 }\n"
        'power = { kind = "uhubctl", hub = "1-1.4", port = 2 }\n'
        'meter = { kind = "ppk2", serial_number = "C0FFEE", volts = 3 }\n',
    )
    a, b = bench.slots
    assert (a.retry.attempts, a.timeouts.run, a.is_emulated) == (3, 9, True)
    assert (b.retry.attempts, b.timeouts.run, b.timeouts.lock, b.is_emulated) == (1, 120, 0, False)
    assert b.table.address == "usb:0667FF"
    assert b.table.power is not None
    assert b.table.power.kind == "uhubctl"


def test_tags_names_and_boards_select(tmp_path: Path) -> None:
    head = '[[place]]\nname = "one"\nboard = "qemu-mps2-an386"\ntags = ["m4", "fast"]\n'
    (tmp_path / "bench.toml").write_text(head)
    bench = load_inventory(bench_file(tmp_path, {"two": "qemu-mps2-an386", "three": "native"}, head))
    assert [slot.name for slot in select(bench, [])] == ["one", "two", "three"]
    assert [slot.name for slot in select(bench, ["m4", "fast"])] == ["one"]
    assert [slot.name for slot in select(bench, ["qemu-mps2-an386"])] == ["one", "two"]
    assert [slot.name for slot in select(bench, ["three"])] == ["three"]
    with pytest.raises(InputError, match=r"(?s)no place with m5.*no place has 'm5'.*fast, m4, native, one"):
        select(bench, ["m5"])
    with pytest.raises(InputError, match="no place has them all"):
        select(bench, ["m4", "three"])


def test_a_board_file_is_found_from_the_inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "boards").mkdir()
    text = (load_board("native").path or Path()).read_text()
    (tmp_path / "boards" / "mine.toml").write_text(
        text[: text.index("[proof]")].replace('name = "native"', 'name = "mine"')
    )
    bench_file(tmp_path, {"a": "boards/mine.toml"})
    monkeypatch.chdir("/")
    assert load_inventory(tmp_path / "bench.toml").slots[0].board.name == "mine"


METER = 'meter = { kind = "ina", port = "/dev/x" }\n'
QEMU = '[[place]]\nname = "a"\nboard = "qemu-microbit"\n'
EMULATED = '[[place]]\nname = "a"\nboard = "native"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "field place: missing"),
        ("place = []", "field place: .*at least 1"),
        ("[[place]", "not valid TOML"),
        ('[[place]]\nname = "a"\n', r"field place\[1\].board: missing"),
        ('[[place]]\nname = "../a"\nboard = "native"\n', r"field place\[1\].name: .*pattern"),
        (EMULATED + "colour = 1", r"field place\[1\].colour: not a field of a bench file"),
        (EMULATED + EMULATED, "two places have the name 'a'"),
        (EMULATED + EMULATED.replace('"a"', '"A"'), "two places have the name 'a'"),
        ('[[place]]\nname = "a"\nboard = "nativ"\n', r"place a: unknown board 'nativ'(.|\n)*did you mean native"),
        ('[[place]]\nname = "a"\nboard = "gone.toml"\n', r"place a: .*gone.toml: no such board file"),
        (HARDWARE + 'port = "/dev/x"\nlocation = "1-1"', "location and port both say where the board is"),
        (HARDWARE + 'location = "left"', r"place\[1\].location: .*pattern"),
        (HARDWARE.replace("nucleo-l4r5zi", "rpi3"), "neither an emulator nor USB ids: give serial_number"),
        (EMULATED + 'power = { kind = "command", on = "a", off = "b" }', "an emulator needs no power switch"),
        (QEMU + 'meter = { kind = "joulescope" }', "an emulator draws no current"),
        (EMULATED + 'meter = { kind = "ppk2", port = "/dev/x" }', r"meter.ppk2.volts: missing"),
        (EMULATED + 'meter = { kind = "ppk2", port = "/dev/x", volts = 9 }', r"volts: .*less than or equal to 5"),
        (EMULATED + 'meter = { kind = "ina" }', "give serial_number or port"),
        (EMULATED + 'meter = { kind = "ina", port = "x", serial_number = "y" }', "one of the two"),
        (EMULATED + METER + EMULATED.replace('"a"', '"b"') + METER, "two places have the meter '/dev/x'"),
        (EMULATED + METER + HARDWARE + 'port = "/dev/x"', "'/dev/x' is the port of a board and of a meter"),
        (HARDWARE + 'port = "x"\npower = { kind = "finger" }', r"\[1\].power.kind: .*'uhubctl', 'relay', 'command'"),
        (HARDWARE + 'port = "x"\npower = { kind = "relay", port = "y", on = "g0", off = "00" }', "hexadecimal bytes"),
        (HARDWARE + 'port = "x"\npower = { kind = "uhubctl", hub = "1; rm", port = 1 }', r"hub: .*pattern"),
        (EMULATED + "retry = { attempts = 0 }", r"retry.attempts: .*greater than or equal to 1"),
        (EMULATED + "timeouts = { run = nan }", r"timeouts.run: .*finite"),
        (EMULATED + "timeouts = { connect = 0 }", r"timeouts.connect: .*greater than 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        load(tmp_path, text)
    assert "bench.toml" in str(caught.value)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bench.toml").write_bytes(data)
    with pytest.raises(TinykitError):
        load_inventory(tmp_path / "bench.toml")


@pytest.mark.parametrize("example", sorted((ROOT / "hil").glob("*.toml")), ids=lambda path: path.name)
def test_examples_are_right(example: Path) -> None:
    assert load_inventory(example).slots
