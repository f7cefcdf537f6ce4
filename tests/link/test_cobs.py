"""COBS: any bytes survive, no zero gets onto the line, and nothing but ValueError comes of garbage."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinykit.link import cobs

# Runs around the longest group of 254 bytes, with and without zeros: where encoders go wrong.
runs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 520)), max_size=4).map(
    lambda parts: b"".join(b"\0" * zeros + b"x" * others for zeros, others in parts)
)
data = st.one_of(st.binary(max_size=600), runs)

# Cheshire and Baker's paper and the examples that circulate with it.
KNOWN = [
    (b"", b"\x01"),
    (b"\0", b"\x01\x01"),
    (b"\0\0", b"\x01\x01\x01"),
    (b"\0\x11\0", b"\x01\x02\x11\x01"),
    (b"\x11\x22\0\x33", b"\x03\x11\x22\x02\x33"),
    (b"\x11\x22\x33\x44", b"\x05\x11\x22\x33\x44"),
    (b"\x11\0\0\0", b"\x02\x11\x01\x01\x01"),
    (b"x" * 253, b"\xfe" + b"x" * 253),
    (b"x" * 254, b"\xff" + b"x" * 254),
    (b"\0" + b"x" * 254, b"\x01\xff" + b"x" * 254),
    (b"x" * 255, b"\xff" + b"x" * 254 + b"\x02x"),
    (b"x" * 254 + b"\0", b"\xff" + b"x" * 254 + b"\x01\x01"),
]


@pytest.mark.parametrize(("plain", "encoded"), KNOWN, ids=[plain[:4].hex() + f"-{len(plain)}" for plain, _ in KNOWN])
def test_known_encodings(plain: bytes, encoded: bytes) -> None:
    assert cobs.encode(plain) == encoded
    assert cobs.decode(encoded) == plain


@given(data)
@example(b"x" * 508)
@example(b"x" * 254 + b"\0" + b"x" * 254)
def test_round_trip(plain: bytes) -> None:
    encoded = cobs.encode(plain)
    assert 0 not in encoded
    assert cobs.decode(encoded) == plain
    assert len(encoded) <= len(plain) + 1 + len(plain) // 254


@given(st.binary(max_size=254, min_size=254).filter(lambda run: 0 not in run))
def test_an_empty_group_after_a_full_one_is_accepted(run: bytes) -> None:
    # The paper's encoder sends it, ours leaves it out.
    assert cobs.decode(b"\xff" + run + b"\x01") == run


@given(st.binary(max_size=600))
def test_garbage_raises_nothing_but_value_error(garbage: bytes) -> None:
    try:
        plain = cobs.decode(garbage)
    except ValueError:
        return
    # What decodes is an encoding: ours of the same data, but perhaps for an empty group at the end.
    again = cobs.encode(plain)
    assert garbage in (again, again + b"\x01", b"")


@given(data, st.data())
def test_a_cut_or_a_zero_inside_a_group_is_an_error(plain: bytes, draw: st.DataObject) -> None:
    encoded = cobs.encode(b"abc" + plain.replace(b"\0", b"\x01")[:200])  # one group
    cut = draw.draw(st.integers(1, len(encoded) - 1))
    with pytest.raises(ValueError, match="COBS"):
        cobs.decode(encoded[:cut])
    with pytest.raises(ValueError, match="COBS"):
        cobs.decode(encoded[:cut] + b"\0" + encoded[cut + 1 :])
