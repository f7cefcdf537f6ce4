"""Tables and vectors of a FlatBuffer by their slot numbers, for files that no generated code writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers


def table(b: flatbuffers.Builder, fields: Mapping[int, tuple[str, Any]]) -> int:
    """A table of ``slot: (type, value)``; the type "offset" is of what was written before."""
    b.StartObject(max(fields, default=-1) + 1)
    for slot, (kind, value) in fields.items():
        if kind == "offset":
            b.PrependUOffsetTRelativeSlot(slot, value, 0)
        else:
            getattr(b, f"Prepend{kind}Slot")(slot, value, None)
    return int(b.EndObject())


def offsets(b: flatbuffers.Builder, positions: Sequence[int]) -> int:
    """A vector of what was written before."""
    b.StartVector(4, len(positions), 4)
    for position in reversed(positions):
        b.PrependUOffsetTRelative(position)
    return int(b.EndVector())
