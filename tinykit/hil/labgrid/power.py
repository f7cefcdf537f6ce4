"""A board's power, or its reset line, through whatever driver labgrid has for it."""

from __future__ import annotations

import time
from typing import Any

from labgrid import target_factory
from labgrid.driver import ManualPowerDriver
from labgrid.exceptions import NoDriverFoundError

from tinykit.hil.labgrid.coordinator import in_labgrid
from tinykit.hil.place import Say, Sleep
from tinykit.hil.power import off_and_on

_DRIVERS = {
    "NetworkPowerPort": "NetworkPowerDriver",
    "PDUDaemonPort": "PDUDaemonDriver",
    "USBPowerPort": "USBPowerDriver",
    "NetworkUSBPowerPort": "USBPowerDriver",
    "NetworkSiSPMPowerPort": "SiSPMPowerDriver",
    "TasmotaPowerPort": "TasmotaPowerDriver",
    "NetworkYKUSHPowerPort": "YKUSHPowerDriver",
}
"""What switches a resource where no environment names a driver: labgrid-client's own choice."""

_OFF_SECONDS = 2.0
"""Where the driver has no ``delay`` of its own."""
_BOOT_SECONDS = 1.0


class LabgridPower:
    """A ``tinykit.hil.power.PowerSwitch``: labgrid's driver switches; the waiting between can be interrupted."""

    def __init__(self, driver: Any, where: str, *, resets: bool) -> None:
        self._driver = driver
        self._where = where
        self._resets = resets

    def cycle(self, say: Say, sleep: Sleep = time.sleep) -> None:
        """As ``PowerSwitch.cycle``.

        Raises:
            DeviceMissing: the driver fails.
        """
        if self._resets:
            say("reset")
            with in_labgrid("the reset driver failed", self._where):
                self._driver.reset()
        else:
            off_and_on(self._switch, float(getattr(self._driver, "delay", _OFF_SECONDS)), say, sleep)
        sleep(_BOOT_SECONDS)

    def _switch(self, on: bool) -> None:
        action = "on" if on else "off"
        with in_labgrid(f"the power driver did not switch {action}", self._where):
            getattr(self._driver, action)()


def find_power(target: Any, where: str) -> LabgridPower | None:
    """The target's power driver, else its reset driver, else one made for a power port that it has.

    A driver that asks a person counts as none: nobody may be there.

    Raises:
        DeviceMissing: there is one, and it cannot be activated.
    """
    with in_labgrid("labgrid cannot set up the power switch", where):
        for protocol, resets in (("PowerProtocol", False), ("ResetProtocol", True)):
            try:
                driver = target.get_driver(protocol, activate=False)
            except NoDriverFoundError:
                continue
            if isinstance(driver, ManualPowerDriver):
                continue
            target.activate(driver)
            return LabgridPower(driver, where, resets=resets)
        for resource in target.resources:
            kind = _DRIVERS.get(type(resource).__name__)
            if kind is not None:
                driver = target_factory.class_from_string(kind)(target, name=None)
                target.activate(driver)
                return LabgridPower(driver, where, resets=False)
    return None
