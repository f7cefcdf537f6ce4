"""Which models share an Edge TPU, and whether its memory is shared, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resident:
    """A model on a device.

    Attributes:
        tokens: its parameter caching tokens; none where it was not compiled for the Edge TPU.
        cached_bytes: parameters that stay on the chip.
    """

    deployment: str
    file: str
    tokens: tuple[int, ...]
    cached_bytes: int


@dataclass(frozen=True)
class DeviceUse:
    """A device, its models, and what that means."""

    device: str
    models: tuple[Resident, ...]
    words: str


def residency(deployments: Sequence[Mapping[str, Any]]) -> list[DeviceUse]:
    """The devices that a board's deployments use, as ``status`` gives them, by name."""
    found: dict[str, list[Resident]] = {}
    for deployment in deployments:
        release = deployment["release"] or {"models": ()}  # None: a damaged one
        for model in release["models"]:
            if model["device"] is None:
                continue
            package = model.get("package") or {}
            resident = Resident(
                deployment["name"],
                model["file"],
                tuple(package.get("tokens", ())),
                package.get("cached_bytes", 0),
            )
            found.setdefault(model["device"], []).append(resident)
    return [DeviceUse(device, tuple(models), _words(models)) for device, models in sorted(found.items())]


def _words(models: Sequence[Resident]) -> str:
    holders = sorted({model.deployment for model in models})
    if len(holders) > 1:
        return f"{' and '.join(holders)} want it, and one process can have it at a time: give each a device of its own"
    if len(models) == 1:
        return "alone: its parameters stay on the chip between inferences"
    if not all(model.tokens for model in models):
        return "several models, not all of them compiled for it"
    if len({token for model in models for token in model.tokens}) == 1:
        return "compiled together: their parameters stay on the chip side by side"
    return "compiled apart: each inference of another model loads its parameters anew; compile them together"
