"""Operators that stay on the host, put together by what speaks against them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinykit.edgetpu.check import CheckResult, OpPlacement


@dataclass(frozen=True)
class HostGroup:
    """Operators of one kind under one rule; ``first`` stands for all."""

    first: OpPlacement
    ops: tuple[OpPlacement, ...]

    @property
    def places(self) -> str:
        """Their indices, ranges of them put together: "3, 7-9"."""
        return ranges(op.index for op in self.ops)


def host_groups(result: CheckResult) -> list[HostGroup]:
    """What to change first comes first: causes in the file's order, then those that merely follow."""
    groups: dict[tuple[str, str, str], list[OpPlacement]] = {}
    for op in result.on_host:
        stranded = op.supported and not result.refusals
        key = ("", op.rule, "") if stranded else (op.op, op.rule, op.change)
        groups.setdefault(key, []).append(op)
    found = [HostGroup(ops[0], tuple(ops)) for ops in groups.values()]
    return sorted(found, key=lambda group: (group.first.supported, group.first.index))


def ranges(numbers: Iterable[int]) -> str:
    """Ascending numbers in few words: "0, 3-5"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts)
