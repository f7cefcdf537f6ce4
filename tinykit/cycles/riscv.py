"""RISC-V instructions as QEMU's own disassembler writes them, decoded for cost models."""

from __future__ import annotations

import re

from tinykit.cycles.decode import Decoded, Kind
from tinykit.cycles.trace import Instruction

_BRANCH = re.compile(r"b(?:eq|ne|lt|ge|gt|le)u?z?$")
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("lb", "lh", "lw", "lbu", "lhu"), "load"),
    **dict.fromkeys(("sb", "sh", "sw"), "store"),
    **dict.fromkeys(("mul", "mulh", "mulhu", "mulhsu"), "multiply"),
    **dict.fromkeys(("div", "divu", "rem", "remu"), "divide"),
    **dict.fromkeys(("j",), "jump"),
    **dict.fromkeys(("jal",), "call"),
    **dict.fromkeys(("jr", "ret", "jalr"), "indirect jump"),
    **dict.fromkeys(("fence", "fence.i", "ecall", "ebreak", "wfi", "mret"), "other"),
}  # fmt: skip


def decode_riscv(instruction: Instruction) -> Decoded:
    """An instruction of RV32IMC. Registers are left out: its cost models need none."""
    name = instruction.mnemonic.removeprefix("c.")
    kind = _KINDS.get(name) or ("branch" if _BRANCH.match(name) else "other" if name.startswith("csr") else "alu")
    return Decoded(kind, name, instruction.address, instruction.size)
