"""How reports print quantities."""

from __future__ import annotations


def number(value: float, unit: str) -> str:
    """A latency without its unit, with separators; microseconds below a thousand with their fraction."""
    if unit == "us" and value < 1000:
        return f"{value:.4g}"
    return f"{value:,.0f}"


def quantity(value: float, unit: str) -> str:
    """A latency with its unit: "9,877,199 instructions", "110.5 us"."""
    return f"{number(value, unit)} {unit}"


def byte_count(value: int) -> str:
    """Bytes with separators."""
    return f"{value:,} B"


def share(part: int, whole: int | None) -> str:
    """Part of a memory in percent; empty where the memory has no end."""
    return "" if whole is None else f"{100 * part / whole:.1f} % of {whole:,} B"
