"""How reports print quantities."""

from __future__ import annotations


def quantity(value: float, unit: str) -> str:
    """A latency with its unit, whole numbers with separators: "9,877,199 instructions", "110.5 us"."""
    if unit == "us" and value < 1000:
        return f"{value:.4g} {unit}"
    return f"{value:,.0f} {unit}"


def byte_count(value: int) -> str:
    """Bytes with separators."""
    return f"{value:,} B"


def share(part: int, whole: int | None) -> str:
    """Part of a memory in percent; empty where the memory has no end."""
    return "" if whole is None else f"{100 * part / whole:.1f} % of {whole:,} B"
