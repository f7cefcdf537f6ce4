"""Lines as QEMU 7.2 logs them, for programs of a few instructions."""

from __future__ import annotations

from collections.abc import Iterable

from tinykit.cycles.trace import Trace, read_trace


def translation(symbol: str, *code: str) -> str:
    """A translated block: lines "1000: b538 push {r3, lr}", the bytes' groups of hexadecimal digits first."""
    lines = ["----------------", f"IN: {symbol}"]
    for line in code:
        address, _, rest = line.partition(": ")
        raw, _, text = rest.partition("  ")
        mnemonic, _, operands = text.partition(" ")
        lines.append(f"0x{int(address, 16):08x}:  {raw:9}  {mnemonic:8} {operands}")
    return "\n".join([*lines, ""])


def executed(pointer: int, address: int, symbol: str = "f") -> str:
    return f"Trace 0: 0x7f{pointer:010x} [00800408/{address:08x}/00000110/ff020200] {symbol}"


def trace_of(*lines: str) -> Trace:
    return read_trace(encoded(lines))


def encoded(lines: Iterable[str]) -> list[bytes]:
    return [line.encode() + b"\n" for text in lines for line in text.split("\n")]
