"""Thumb instructions as Capstone writes them (QEMU's disassembler), decoded for cost models."""

from __future__ import annotations

import re

from tinykit.cycles.decode import Decoded, Kind
from tinykit.cycles.trace import Instruction

_CONDITIONS = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
_BRANCH = re.compile(rf"b(?:{_CONDITIONS})$|cbn?z$")
_MULTIPLY = re.compile(r"mul|ml[as]|smu[las]|sm[lm]|umul|umla|umaal|us(?:ad|ada)8")
_REGISTER = re.compile(r"\b(?:r1[0-5]|r\d|s[bl]|fp|ip|sp|lr|pc|[sdq]\d+)\b")
_RANGE = re.compile(r"\b([rsd])(\d+)-[rsd](\d+)\b")
_SHIFTED = re.compile(r"\b(?:lsl|lsr|asr|ror|rrx)\b")
_LONG = re.compile(r"[su]m(?:ul|la)l|smlsld|smlald|umaal")
"""Multiplications with two destination registers."""

_COMPARES = ("cmp", "cmn", "tst", "teq")
_BITFIELD = re.compile(r"bf[ic]|[su]bfx|[su]xta?[bh]|pkh|[su]sat|rev|rbit")


def decode_arm(instruction: Instruction) -> Decoded:
    """A Thumb instruction. What it does not know counts as ``other``: one of unknown cost."""
    name = instruction.mnemonic.split(".")[0] if not instruction.mnemonic.startswith("v") else instruction.mnemonic
    text = instruction.operands
    registers = _registers(text)
    kind, count = _kind(name, text)
    writes, reads, address_reads = _roles(kind, name, text, registers)
    return Decoded(
        kind=kind,
        name=name,
        address=instruction.address,
        size=instruction.size,
        writes=frozenset(writes),
        reads=frozenset(reads),
        address_reads=frozenset(address_reads),
        indexed=len(address_reads) > 1,
        shifted=kind == "alu" and bool(_SHIFTED.search(text) or _BITFIELD.match(name)),
        count=count,
        to_pc=kind == "load multiple" and "pc" in registers,
    )


def _registers(text: str) -> list[str]:
    spread = _RANGE.sub(lambda m: ", ".join(f"{m[1]}{n}" for n in range(int(m[2]), int(m[3]) + 1)), text)
    return _REGISTER.findall(spread)


def _listed(text: str) -> int:
    inside = text[text.find("{") + 1 : text.find("}")] if "{" in text else text
    return max(1, len(_registers(inside)))


def _kind(name: str, text: str) -> tuple[Kind, int]:
    simple: tuple[tuple[str, Kind], ...] = (
        ("bx", "indirect jump"), ("tb", "indirect jump"), ("it", "alu"), ("nop", "alu"),
    )  # fmt: skip
    if name.startswith(("ldm", "pop", "vldm", "vpop")):
        return "load multiple", _listed(text)
    if name.startswith(("stm", "push", "vstm", "vpush")):
        return "store multiple", _listed(text)
    if name.startswith("ldrd"):
        return "load multiple", 2
    if name.startswith("strd"):
        return "store multiple", 2
    if name.startswith(("ldr", "vldr")):
        return ("indirect jump", 1) if text.startswith("pc,") else ("load", 1)
    if name.startswith(("str", "vstr")) and not name.startswith("strex"):
        return "store", 1
    if name.startswith("v"):
        return "float", 1
    if re.match(r"[su]div", name):
        return "divide", 1
    if _MULTIPLY.match(name):
        return "multiply", 1
    if _BRANCH.match(name):
        return "branch", 1
    if name in ("bl", "blx"):
        return "call", 1
    if name == "b":
        return "jump", 1
    if name in ("tbb", "tbh") or name.startswith("bx"):
        return "indirect jump", 1
    if name.startswith(("mov", "add")) and text.startswith("pc,"):
        return "indirect jump", 1
    for start, kind in simple:
        if name.startswith(start):
            return kind, 1
    if name in ("dmb", "dsb", "isb", "mrs", "msr", "cpsid", "cpsie", "svc", "wfi", "bkpt", "clrex"):
        return "other", 1
    return "alu", 1


def _roles(kind: Kind, name: str, text: str, registers: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Registers written, read, and read for an address."""
    if kind in ("load", "store") or (kind.endswith("multiple") and "[" in text):
        front, _, rest = text.partition("[")
        address = _registers(rest.partition("]")[0])
        moved = _registers(front)
        post = _registers(rest.partition("]")[2])
        base = address[:1] if "!" in rest or "]," in rest else []
        if kind in ("load", "load multiple"):
            return moved + base, address + post, address
        return base, moved + address + post, address
    if kind in ("load multiple", "store multiple"):
        front, _, rest = text.partition("{")
        base, listed = _registers(front) or ["sp"], _registers(rest)
        back = base if "!" in front or not _registers(front) else []
        return (listed + back, base, base) if kind == "load multiple" else (back, listed + base, base)
    if kind in ("branch", "jump", "call", "indirect jump") or name.startswith(_COMPARES):
        return [], registers, []
    destinations = 2 if _LONG.match(name) else 1
    # what accumulates into its destination, or has only one operand beside it, reads that as well
    keeps = destinations == 2 or name.startswith(("bfi", "bfc", "movt")) or len(registers) < 2
    return registers[:destinations], registers if keeps else registers[1:], []
