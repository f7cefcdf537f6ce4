"""Every error a user can meet.

An error says what failed, on which input, why, and what to try. The CLI prints exactly that
and leaves with the class's exit code; nothing else decides exit codes:

    0 ok · 1 a check failed · 2 bad usage or input · 3 a tool or device is missing · 4 the device misbehaved
"""

from __future__ import annotations


class TinykitError(Exception):
    """Base of all errors shown to a user without a traceback.

    Args:
        what: one sentence, what failed.
        where: the input it failed on (a path, a port, a field), if there is one.
        why: the cause, with numbers where there are any.
        hint: what to try, as an imperative sentence.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        why: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.why = why
        self.hint = hint
        super().__init__(self.render())

    def render(self) -> str:
        """The message as shown to the user, without colour."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        lines = [head]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.hint:
            lines.append(f"  try: {self.hint}")
        return "\n".join(lines)


class CheckFailed(TinykitError):
    """A comparison, baseline or accuracy floor did not hold."""

    exit_code = 1


class InputError(TinykitError):
    """A file or argument from the user is wrong."""

    exit_code = 2


class CatalogError(InputError):
    """A catalogue of models is wrong, or has no model of that name."""


class ModelError(InputError):
    """A model file cannot be read, or says something that cannot be true."""


class UnsupportedModel(InputError):
    """A valid model uses operators, types or parameters that cannot be compiled."""


class DoesNotFit(InputError):
    """A model or firmware is larger than the board's memories."""


class BoardError(InputError):
    """A board is unknown or its TOML file is wrong."""


class ToolMissing(TinykitError):
    """A program that is needed is not installed."""

    exit_code = 3


class ModelMissing(TinykitError):
    """A model of the catalogue is not on this computer, and cannot be had as it should be."""

    exit_code = 3


class DeviceMissing(TinykitError):
    """A serial port or device does not exist or cannot be opened."""

    exit_code = 3


class DelegateMissing(ToolMissing):
    """The Edge TPU's runtime, libedgetpu, is not installed, or its library cannot be loaded."""


class NotADelegate(ToolMissing):
    """A library that was loaded as a delegate has not the functions of one."""


class RuntimeTooOld(ToolMissing):
    """A model was compiled for a newer Edge TPU runtime than the one that is installed."""


class DelegateNeeded(InputError):
    """A model that was compiled for an accelerator was to run without it."""


class AcceleratorMissing(DeviceMissing):
    """The Edge TPU's runtime is there and finds no Edge TPU that it may open."""


class BuildFailed(TinykitError):
    """The compiler or linker refused generated code; the log's end is in ``why``."""

    exit_code = 4


class CompilerFailed(TinykitError):
    """Another maker's compiler crashed, hung, or left no output or half of it; its own words are in ``why``."""

    exit_code = 4


class DeviceError(TinykitError):
    """Base of everything a connected device can do wrong."""

    exit_code = 4


class DeviceSilent(DeviceError):
    """The device never sent a byte that belongs to the link."""


class DeviceGarbled(DeviceError):
    """Bytes arrive, but no valid frame among them."""


class DeviceDied(DeviceError):
    """The device answered before and then stopped, or its process or port went away."""


class DeviceReset(DeviceError):
    """The device restarted in the middle of a session."""


class WrongFirmware(DeviceError):
    """A device answers, but it does not run the firmware that was expected."""


class WrongDevice(DeviceError):
    """A device answers, but it is another chip or board than the one that was expected."""


class FlashFailed(DeviceError):
    """The device did not take a firmware: writing it failed, or what was read back differs."""


class MeterFailed(DeviceError):
    """A meter of a board's supply does not do its work, or what it recorded cannot be used; the board may be well."""


class DeviceRefused(DeviceError):
    """The device understood a request and answered with an error status."""


class DelegateCrashed(DeviceError):
    """The Edge TPU's runtime ended its process, or did not come back."""


class DeployFailed(DeviceError):
    """A release was not taken into service on a board; what ran there before runs again, if there was one."""
