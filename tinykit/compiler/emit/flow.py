"""Loops and branches of the generated code."""

from __future__ import annotations

from tinykit.compiler.emit.memory import place_of
from tinykit.compiler.kernels.base import Control
from tinykit.compiler.model import CompiledModel


def lines_of(model: CompiledModel, control: Control) -> tuple[str, ...]:
    """The lines of C in which a loop or branch begins, changes or ends."""
    if control.kind == "loop":
        return ("for (;;) {",)
    if control.kind == "else":
        return ("} else {",)
    if control.kind == "end":
        return ("}",)
    assert control.condition is not None, "what may or may not be done has a condition"
    place = place_of(model, control.condition)
    if control.kind == "if":
        return (f"if (*(const bool *){place}) {{",)
    if control.kind == "once":
        return (f"if (*(const uint8_t *){place} == 0u) {{", f"    *(uint8_t *){place} = 1u;")
    return (
        f"if (!*(const bool *){place}) {{",
        "    break;" if control.kind == "leave unless" else "    return 0;",
        "}",
    )


def depths(controls: list[Control | None]) -> list[int]:
    """How deep each step is within loops and branches, by its control."""
    found, depth = [], 0
    for control in controls:
        kind = control.kind if control else None
        depth -= kind in ("end", "else")
        found.append(depth)
        depth += kind in ("if", "once", "loop", "else")
    return found
