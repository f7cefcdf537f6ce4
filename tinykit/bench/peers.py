"""What other engines cost: a file of rows that somebody measured the same way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tinykit.errors import InputError

_TARGETS = {
    "cortex-m0": "Cortex-M0+",
    "cortex-m0plus": "Cortex-M0+",
    "cortex-m4": "Cortex-M4F",
    "cortex-m7": "Cortex-M7 (DP FPU)",
    "cortex-m55": "Cortex-M55 (MVE-I+F)",
    "rv32imc": "rv32imc",
}
"""What such files call the cores of our boards."""


class Peer(BaseModel):
    """A row: an engine with its kernels, on a core, with a model.

    Attributes:
        output_crc: as ``Figures.crc``.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    engine: str
    kernels: str
    target: str
    model: str
    instructions: int = Field(gt=0)
    arena_used: int | None = None
    output_crc: str | None = None

    @property
    def is_reference(self) -> bool:
        """Whether these are TFLite-Micro's reference kernels."""
        return self.kernels.startswith("reference")


@dataclass(frozen=True)
class Peers:
    """Rows to compare with."""

    rows: tuple[Peer, ...] = ()

    def of(self, core: str, model: str) -> tuple[Peer, ...]:
        """Those of a core and a model, the fastest first."""
        target = _TARGETS.get(core)
        found = [row for row in self.rows if row.target == target and row.model == model]
        return tuple(sorted(found, key=lambda row: row.instructions))

    def reference(self, core: str, model: str) -> Peer | None:
        """TFLite-Micro's reference kernels."""
        return next((row for row in self.of(core, model) if row.is_reference), None)

    def best(self, core: str, model: str) -> Peer | None:
        """The fastest that is none of TFLite-Micro's reference kernels."""
        return next((row for row in self.of(core, model) if not row.is_reference), None)


def load_peers(path: Path) -> Peers:
    """Read rows: a JSON list of objects with at least engine, kernels, target, model, instructions.

    Raises:
        InputError: the file cannot be read, or is something else.
    """
    try:
        rows = TypeAdapter(list[Peer]).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError("cannot read the peers", where=str(path), why=error.strerror) from None
    except (ValueError, RecursionError) as error:
        why = str(error)
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise InputError(
            "this is no list of peers", where=str(path), why=why, hint="docs/performance.md says what is in such a file"
        ) from None
    return Peers(tuple(rows))
