"""Consistent Overhead Byte Stuffing: any bytes as bytes without zeros.

Source: S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999.
"""

from __future__ import annotations

_LONGEST_RUN = 254


def encode(data: bytes) -> bytes:
    """The encoding of ``data``, without delimiters; at most one byte in 254 longer, plus one."""
    out = bytearray()
    groups = data.split(b"\0")
    for number, group in enumerate(groups):
        while len(group) >= _LONGEST_RUN:
            out.append(_LONGEST_RUN + 1)
            out += group[:_LONGEST_RUN]
            group = group[_LONGEST_RUN:]
            if not group and number == len(groups) - 1:
                return bytes(out)
        out.append(len(group) + 1)
        out += group
    return bytes(out)


def decode(data: bytes) -> bytes:
    """The inverse of ``encode``.

    Raises:
        ValueError: not a valid encoding (a zero inside, or a group that ends too early).
    """
    out = bytearray()
    at = 0
    while at < len(data):
        code = data[at]
        group = data[at + 1 : at + code]
        if code == 0 or len(group) != code - 1 or 0 in group:
            raise ValueError("not a COBS encoding")
        out += group
        at += code
        if code != _LONGEST_RUN + 1 and at < len(data):
            out.append(0)
    return bytes(out)
