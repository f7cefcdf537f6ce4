"""docs/protocol.md says what host and agent do: its tables and its example are held to both sources."""

from __future__ import annotations

import enum
import re
import struct
import zlib
from pathlib import Path

import pytest

from tinykit.board.model import Link
from tinykit.link import client
from tinykit.link.frames import PROTOCOL_VERSION, Command, Frame, Kind, ReadObject, Status, decode_frame, encode_frame
from tinykit.link.receiver import _KEPT_NOISE, LONGEST_FRAME
from tinykit.resources import data_dir

TEXT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
TEMPLATES = data_dir("firmware_templates")
AGENT = TEMPLATES / "agent"
ENUMS = [
    ("kind", Kind, "tk_frame.h", "TK_"),
    ("command", Command, "tk_commands.h", "TK_"),
    ("status", Status, "tk_commands.h", "TK_"),
    ("object", ReadObject, "tk_commands.h", "TK_OBJECT_"),
]
STRUCTS = {
    "HELLO": ["<BHI16s"],
    "WRITE": ["<BI"],
    "RUN": ["<IIB", "<IQQQ"],
    "READ": ["<BBHI"],
    "MEMORY": ["<III"],
    "Frames": ["<BBHI"],
}


def section(title: str) -> str:
    """What is under a heading, up to the next one."""
    found = re.search(rf"^##+ {title}\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title!r}"
    return found[1]


def tables(text: str) -> list[list[list[str]]]:
    """All tables, as rows of cells; the first row is the head."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if "---" not in line]
        for block in blocks
    ]


def numbers_of(first_column: str) -> dict[str, int]:
    """The table with columns ``first_column`` and "number"."""
    (table,) = [t for t in tables(TEXT) if t[0][:2] == [first_column, "number"]]
    return {row[0].strip("`"): int(row[1], 0) for row in table[1:]}


@pytest.mark.parametrize(("column", "names", "header", "prefix"), ENUMS, ids=[row[0] for row in ENUMS])
def test_names_and_numbers_are_those_of_both_sides(
    column: str, names: type[enum.IntEnum], header: str, prefix: str
) -> None:
    documented = numbers_of(column)
    assert documented == {member.name: member.value for member in names}
    blocks = re.findall(r"enum \{(.*?)\};", (AGENT / header).read_text(), re.DOTALL)
    enums = [{n: int(v, 0) for n, v in re.findall(r"(\w+) = (\w+)", block)} for block in blocks]
    assert {prefix + name: number for name, number in documented.items()} in enums


def test_the_version_is_that_of_both_sides() -> None:
    assert TEXT.startswith(f"# The serial protocol, version {PROTOCOL_VERSION}\n")
    assert f"#define TK_PROTOCOL_VERSION {PROTOCOL_VERSION}\n" in (AGENT / "tk_commands.h").read_text()
    assert f"version of this protocol: {PROTOCOL_VERSION} |" in section("HELLO")


@pytest.mark.parametrize("title", STRUCTS)
def test_layouts_are_those_that_the_host_packs(title: str) -> None:
    layouts = [t[1:] for t in tables(section(title)) if t[0][:3] == ["offset", "size", "type"]]
    assert len(layouts) == len(STRUCTS[title])
    for rows, expected in zip(layouts, STRUCTS[title], strict=True):
        offset = 0
        codes = ""
        for row in rows:
            if not row[0].isdigit() or row[1] == "n":
                break  # the data at the end
            assert int(row[0]) == offset, row
            codes += {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "": f"{row[1]}s"}[row[2]]
            offset += int(row[1])
        assert "<" + codes == expected
        assert struct.calcsize(expected) == offset


def test_the_example_is_what_the_host_sends() -> None:
    text = section("Example")
    (table,) = tables(text)
    raw = b""
    for offset, cell, _ in table[1:]:
        assert int(offset) == len(raw)
        raw += bytes.fromhex(cell.strip("`"))
    line = bytes.fromhex(re.findall(r"^    ([0-9a-f ]+)$", text, re.MULTILINE)[0])
    count = re.search(r"On the line, (\d+) bytes", text)
    assert count
    assert len(line) == int(count[1])

    expected = Frame(Kind.REQUEST, Command.READ, 3, 0x2A00C0DE, struct.pack("<BBHI", ReadObject.OUTPUT, 1, 10, 256))
    assert encode_frame(expected) == line
    assert decode_frame(line[1:-1]) == expected
    assert raw[:-4] == struct.pack("<BBHI", 1, 5, 3, 0x2A00C0DE) + expected.payload
    assert raw[-4:] == struct.pack("<I", zlib.crc32(raw[:-4])) == struct.pack("<I", 0x08E0C1CE)


def test_limits_and_times_are_those_of_the_code() -> None:
    rules = Link.model_fields["max_payload"].metadata
    (smallest,) = [rule.ge for rule in rules if hasattr(rule, "ge")]
    (largest,) = [rule.le for rule in rules if hasattr(rule, "le")]
    assert f"{smallest} to {largest} |" in section("HELLO")
    assert smallest == client._SMALLEST_MAX_PAYLOAD
    assert f"after {LONGEST_FRAME:,} bytes" in section("Frames")
    assert f"last {_KEPT_NOISE} bytes" in section("Frames")
    host = section("What the host does")
    assert f"every {client._HELLO_INTERVAL:g} s, for {client._DEFAULT_CONNECT:g} s" in host
    assert f"({client._DEFAULT_RUN:g} s for an inference)" in host
    defaults = client.Client.__init__.__kwdefaults__
    assert defaults is not None
    assert f"again after {defaults['timeout']:g} s, up to {defaults['retries']} times" in host


def test_the_checksum_is_the_documented_one() -> None:
    check = re.search(r"`123456789` is (0x[0-9A-F]{8})", TEXT)
    assert check
    assert zlib.crc32(b"123456789") == int(check[1], 16)


def test_every_fault_field_that_a_port_sends_is_explained() -> None:
    (table,) = tables(section("Fault reports"))
    documented = {row[0].strip("`") for row in table[1:]}
    ports = "".join(path.read_text() for path in sorted((TEMPLATES / "ports").rglob("*.c")))
    assert documented == set(re.findall(r'tk_report_value\("(\w+)"', ports))
    mark = re.search(r'TK_FAULT_MARK "(.*)"', (TEMPLATES / "ports" / "common" / "tk_report.h").read_text())
    assert mark
    assert f"`{mark[1]}`" in section("Fault reports")
