"""The bench as a file says it is: which boards there are, how each is found, and what switches its power."""

from __future__ import annotations

from tinykit.hil.inventory.load import Inventory, Slot, load_inventory, select, slot_for
from tinykit.hil.inventory.model import (
    CommandPower,
    Meter,
    Power,
    RelayPower,
    Retry,
    Timeouts,
    UhubctlPower,
)

__all__ = [
    "CommandPower",
    "Inventory",
    "Meter",
    "Power",
    "RelayPower",
    "Retry",
    "Slot",
    "Timeouts",
    "UhubctlPower",
    "load_inventory",
    "select",
    "slot_for",
]
