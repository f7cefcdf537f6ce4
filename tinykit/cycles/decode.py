"""What an instruction is to a core's pipeline: its class, and the registers that it reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "alu", "multiply", "divide", "load", "store", "load multiple", "store multiple",
    "branch", "jump", "call", "indirect jump", "float", "other",
]  # fmt: skip
KINDS: tuple[Kind, ...] = (
    "alu", "multiply", "divide", "load", "store", "load multiple", "store multiple",
    "branch", "jump", "call", "indirect jump", "float", "other",
)  # fmt: skip
"""``branch`` is conditional; ``load multiple`` and ``store multiple`` move ``count`` registers."""


@dataclass(frozen=True)
class Decoded:
    """One instruction.

    Attributes:
        name: the mnemonic without width.
        address, size: in bytes.
        writes, reads: registers, those of the address among ``reads``.
        address_reads: registers that an address is computed of.
        indexed: the address is a sum of two registers.
        shifted: an operand is shifted or extended on the way.
        count: registers that a load or store moves; 1 for others.
        to_pc: a load that ends in a jump (``pop {pc}``).
    """

    kind: Kind
    name: str
    address: int
    size: int
    writes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    address_reads: frozenset[str] = frozenset()
    indexed: bool = False
    shifted: bool = False
    count: int = 1
    to_pc: bool = False

    @property
    def leaves(self) -> bool:
        """Whether execution may go on elsewhere than behind it."""
        return self.to_pc or self.kind in ("branch", "jump", "call", "indirect jump")
