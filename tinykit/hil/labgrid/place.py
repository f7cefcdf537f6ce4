"""A place of a lab, as a run of a bench wants it."""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Iterator
from typing import Any

from labgrid import Target, target_factory
from labgrid.exceptions import NoDriverFoundError
from labgrid.resource import NetworkSerialPort, SerialPort
from labgrid.resource.remote import RemotePlace, RemotePlaceManager
from labgrid.util.proxy import proxymanager

from tinykit.board import Board
from tinykit.emulate import OpenBoard
from tinykit.emulate.serial_port import SerialPort as OpenPort
from tinykit.errors import BoardError, DeviceMissing, FlashFailed
from tinykit.firmware import Image
from tinykit.firmware.engine import Engine
from tinykit.flash import flash
from tinykit.hil.inventory.model import Retry, Timeouts
from tinykit.hil.labgrid.coordinator import Coordinator, in_labgrid
from tinykit.hil.labgrid.line import LeasedLine
from tinykit.hil.labgrid.power import LabgridPower, find_power
from tinykit.hil.place import Say, Sleep
from tinykit.hil.power import PowerSwitch

_LOOK_AGAIN = 0.25
_THROUGH_THE_PORT = ("esptool", "none", "emulator")
"""Flashers that need nothing but the serial port. All others need something at the exporter that they cannot reach."""


class LabgridPlace:
    """One place; a ``tinykit.hil.place.Place``.

    Args:
        tags: words that select it.
        environment: labgrid's, or None.
        config: the target's part of the environment: further resources, drivers.
        flasher: instead of the board's.
        probe: what that flasher connects to, as ``tinykit.flash.flash`` takes it.
    """

    is_emulated = False
    """Also where an emulator is behind it: that runs, and is started, somewhere else."""

    def __init__(
        self,
        lab: Coordinator,
        name: str,
        board: Board,
        tags: tuple[str, ...],
        environment: Any,
        config: dict[str, Any],
        flasher: str | None,
        probe: str | None,
    ) -> None:
        self._lab = lab
        self._environment = environment
        self._config = config
        self._flasher = flasher
        self._probe = probe
        self._target: Any = None
        self._power: LabgridPower | None = None
        self.name = name
        self.board = board
        self.tags = tags
        self.engine: Engine = "aot"
        self.meter = None
        self.retry = Retry()
        self.timeouts = Timeouts()

    @property
    def power(self) -> PowerSwitch | None:
        """What labgrid switches it with; known while the place is held."""
        return self._power

    @contextlib.contextmanager
    def hold(self, sleep: Sleep = time.sleep) -> Iterator[str | None]:
        """Acquire the place from the coordinator; released however the block ends."""
        self._lab.acquire(self.name, self.timeouts.lock, sleep)
        try:
            with self._target_made():
                self.settle(sleep)
                self._power = find_power(self._target, self._where)
                yield f"{self.name}: {self._port()}"
        finally:
            self._power = None
            # Results are kept. What cannot be given back now is tried again, and told, when the connection ends.
            with contextlib.suppress(DeviceMissing):
                self._lab.release(self.name)

    def program(self, image: Image) -> None:
        """With labgrid's driver for that (``BootstrapProtocol``, as OpenOCDDriver), else with the board's own flasher.

        Raises:
            BoardError: the board is flashed by what this computer is not connected to.
            FlashFailed: labgrid's driver fails.
            TinykitError: as ``tinykit.flash.flash``.
        """
        self._lab.check(self.name)
        if self._bootstrap(image):
            return
        kind = self._flasher or self.board.flasher.kind
        if self._flasher is None and kind not in _THROUGH_THE_PORT:
            raise BoardError(
                f"{self.board.name} is flashed with {kind}, which cannot reach the lab's boards",
                where=self._where,
                hint="give the target in --labgrid-env a driver that loads, such as OpenOCDDriver, or the options "
                "tinykit_flasher and tinykit_probe",
            )
        if kind in ("none", "emulator"):
            return
        try:
            flash(self.board, image, self._port(), flasher=kind, probe=self._probe)
        except DeviceMissing:
            self._lab.check(self.name)  # the better reason
            raise

    def open(self, image: Image) -> OpenBoard:
        """Its serial port, through the exporter; gone as soon as the lab takes the place away."""
        return LeasedLine(OpenPort(self.board, self._port()), lambda: self._lab.check(self.name))

    def power_cycle(self, say: Say, sleep: Sleep = time.sleep) -> bool:
        """Power off and on, or a reset, with labgrid's driver."""
        if self._power is None:
            return False
        self._lab.check(self.name)
        self._power.cycle(say, sleep)
        return True

    def settle(self, sleep: Sleep = time.sleep) -> None:
        """Wait until the exporter serves the port."""
        deadline = time.monotonic() + self.timeouts.appear
        while True:
            try:
                self._lab.check(self.name)
                self._port()
                return
            except DeviceMissing:
                if time.monotonic() >= deadline:
                    raise
            sleep(_LOOK_AGAIN)

    @property
    def _where(self) -> str:
        return self._lab.where(self.name)

    @contextlib.contextmanager
    def _target_made(self) -> Iterator[None]:
        """labgrid's target while the place is ours; afterwards nothing of it is left in labgrid's managers."""
        try:
            with in_labgrid("labgrid cannot set up the place", self._where):
                if self._config:
                    config = copy.deepcopy(self._config)  # labgrid takes it apart
                    self._target = target_factory.make_target(self.name, config, env=self._environment)
                else:
                    self._target = Target(self.name, env=self._environment)
                    RemotePlace(self._target, name=self.name)
            yield
        finally:
            target, self._target = self._target, None
            with contextlib.suppress(DeviceMissing), in_labgrid("labgrid cannot let go of the place", self._where):
                manager = RemotePlaceManager.get()
                for resources in (manager.resources, manager.unmanaged_resources):
                    resources[:] = [resource for resource in resources if resource.target is not target]
                if target is not None:
                    target.cleanup()

    def _port(self) -> str:
        """What to open: that of the target's SerialDriver, or its only serial port.

        labgrid knows where it is; the bytes go through a stream of our own, which neither looks for a prompt nor reads
        byte by byte.
        """
        with in_labgrid("the place has no serial port to talk to", self._where):
            try:
                resource = self._target.get_driver("SerialDriver", activate=False).port
            except NoDriverFoundError:
                kind = NetworkSerialPort if self._is_remote() else SerialPort
                resource = self._target.get_resource(kind, wait_avail=False)
            resource.poll()
            if isinstance(resource, SerialPort):
                return str(resource.port)
            if not resource.avail or resource.port is None:
                raise DeviceMissing(
                    "the exporter does not serve the serial port",
                    where=self._where,
                    why="the device is not there, or ser2net does not start",
                    hint=f"look at the exporter's log on {resource.host}",
                )
            host, port = proxymanager.get_host_and_port(resource)
            scheme, query = ("socket", "") if resource.protocol == "raw" else ("rfc2217", "?ign_set_control")
            return f"{scheme}://{host}:{port}{query}"

    def _is_remote(self) -> bool:
        return any(isinstance(resource, NetworkSerialPort) for resource in self._target.resources)

    def _bootstrap(self, image: Image) -> bool:
        """Load the image with labgrid's driver; False where there is none."""
        try:
            with in_labgrid("the driver that loads failed", self._where):
                try:
                    driver = self._target.get_driver("BootstrapProtocol")
                except NoDriverFoundError:
                    return False
                driver.load(str(image.elf))
        except DeviceMissing as error:
            self._lab.check(self.name)
            raise FlashFailed(error.what, where=error.where, why=error.why) from None
        return True
