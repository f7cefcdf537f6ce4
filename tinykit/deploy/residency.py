"""Which models share an Edge TPU, and whether its memory is shared, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resident:
    """A model on a device.

    Attributes:
        token: its parameter caching token; None where that is not known.
        cached_bytes: parameters that stay on the chip; None where that is not known.
    """

    deployment: str
    file: str
    token: int | None
    cached_bytes: int | None


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
        release = deployment["release"]
        for model in release["models"]:
            if model["device"] is None:
                continue
            package = model.get("package") or {}
            resident = Resident(
                deployment["name"],
                model["file"],
                package.get("parameter_caching_token"),
                package.get("cached_bytes"),
            )
            found.setdefault(model["device"], []).append(resident)
    return [DeviceUse(device, tuple(models), _words(models)) for device, models in sorted(found.items())]


def _words(models: Sequence[Resident]) -> str:
    holders = sorted({model.deployment for model in models})
    if len(holders) > 1:
        return f"{' and '.join(holders)} want it, and one process can have it at a time: give each a device of its own"
    if len(models) == 1:
        return "alone: its parameters stay on the chip between inferences"
    tokens = {model.token for model in models}
    if None in tokens:
        return "several models: whether they were compiled together is not known"
    if len(tokens) == 1:
        return "compiled together: their parameters stay on the chip side by side"
    return "compiled apart: each inference of another model loads its parameters anew; compile them together"
