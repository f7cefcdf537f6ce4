"""What all trials of a study have in common. It is kept with the study, and every worker is held to it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from tinykit import __version__
from tinykit.convert.options import Quantize
from tinykit.errors import InputError

Objective = Literal["accuracy", "flash", "ram", "latency"]
OBJECTIVES: tuple[Objective, ...] = ("accuracy", "flash", "ram", "latency")
Latency = Literal["emulator", "macs"]
Sampler = Literal["tpe", "nsga2"]

_TEXT = {
    "function_sha256": "the file of the function",
    "board": "the board",
    "board_sha256": "the board's file",
    "data_sha256": "the data",
    "calibration_sha256": "the calibration samples",
    "space": "the search space",
    "quantize": "the kind of quantization",
    "objectives": "the objectives",
    "latency": "how latency is measured",
    "sampler": "the sampler",
    "seed": "the seed",
    "limit": "the number of samples",
    "tinykit": "tinykit's version",
}
_SHOWN = {"board", "quantize", "objectives", "latency", "sampler", "seed", "limit", "tinykit"}


@dataclass(frozen=True)
class Settings:
    """What all trials of a study have in common.

    Attributes:
        function: "module:callable", as it was given when the study was made; ``function_sha256`` of its file.
        data, calibration: files; the latter may be "" where nothing is quantized.
        space: the declared search space as JSON values, None where the function takes a trial.
        quantize: for candidates that do not say.
        objectives: in Optuna's order of values.
        latency: counted by the board's emulator, or multiply-accumulates.
        limit: samples of ``data`` that are used, None for all.
        tinykit: the version: another one may compile otherwise.
    """

    function: str
    function_sha256: str
    board: str
    board_sha256: str
    data: str
    data_sha256: str
    calibration: str
    calibration_sha256: str
    space: dict[str, Any] | None
    quantize: Quantize
    objectives: tuple[Objective, ...]
    latency: Latency
    sampler: Sampler
    seed: int
    limit: int | None
    tinykit: str = __version__

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "objectives": list(self.objectives)}

    @staticmethod
    def from_json(value: Any, where: str) -> Settings:
        """As ``to_json`` wrote it.

        Raises:
            InputError: it is something else: the study is of another program or version.
        """
        try:
            return Settings(**{**value, "objectives": tuple(value["objectives"])})
        except (TypeError, KeyError):
            raise InputError(
                "the study was not made by this version of `tinykit tune`",
                where=where,
                hint="give another --study, or another --storage",
            ) from None

    def require_same(self, given: Settings, where: str) -> None:
        """Hold somebody who joins the study to what it was made with; paths may differ, contents may not.

        Raises:
            InputError: names everything that differs.
        """
        found = []
        for field in fields(Settings):
            name = field.name
            mine, theirs = getattr(self, name), getattr(given, name)
            if name in _TEXT and mine != theirs:
                found.append(_TEXT[name] + (f" ({_show(mine)}, not {_show(theirs)})" if name in _SHOWN else ""))
        if found:
            raise InputError(
                "the study was made with something else",
                where=where,
                why=f"different: {', '.join(found)}",
                hint="use what it was made with, or begin a new one: --study with another name, or another --out",
            )


def digest(path: Path) -> str:
    """A file's sha256.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(
            "cannot read the file", where=str(path), why=error.strerror or str(error), hint="check the path"
        ) from None


def _show(value: Any) -> str:
    return "all" if value is None else "+".join(value) if isinstance(value, tuple) else str(value)
