"""Edge TPUs on PCIe, which the driver gasket/apex shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tinykit.runner.diagnose.finding import Finding
from tinykit.runner.diagnose.usb import may_write

_CHIP = ("0x1ac1", "0x089a")
"""Global Unichip Corp., Coral Edge TPU (pci.ids)."""

_TRIPS = ("trip_point0_temp", "trip_point1_temp", "trip_point2_temp")
"""Where the chip halves its clock, each time again; the driver's defaults are 85, 90 and 95 degrees
(coral.ai/docs/pcie-parameters). All in thousandths of a degree Celsius."""


def pcie_findings(root: Path) -> Iterator[Finding]:
    """All accelerators on PCIe, with driver, access and temperature.

    Args:
        root: of the file system.
    """
    chips = [folder for folder in sorted((root / "sys/bus/pci/devices").glob("*")) if _ids(folder) == _CHIP]
    drivers = sorted((root / "sys/class/apex").glob("apex_*"))
    if not chips and not drivers:
        yield Finding("pcie", "absent", "no Edge TPU on PCIe")
        return
    if len(drivers) < len(chips):
        yield Finding(
            "pcie",
            "problem",
            f"{len(chips)} Edge TPUs on PCIe, {len(drivers)} with a driver",
            "install gasket-dkms (github.com/feranick/gasket-driver for today's kernels) and restart",
        )
    for number, folder in enumerate(drivers):
        yield Finding("pcie", "ok", f"pci:{number} is {folder.name}")
        yield _access(root, number, folder.name)
        yield _temperature(number, folder)


def _access(root: Path, number: int, name: str) -> Finding:
    try:
        status = (root / "dev" / name).stat()
    except OSError as error:
        return Finding("udev", "problem", f"pci:{number}: no /dev/{name}: {error.strerror}", "restart the board")
    if may_write(status):
        return Finding("udev", "ok", f"pci:{number} may be opened by this user")
    return Finding(
        "udev",
        "problem",
        f"pci:{number} may not be opened by this user",
        'write SUBSYSTEM=="apex", MODE="0660", GROUP="apex" into /etc/udev/rules.d/65-apex.rules, then '
        "`sudo groupadd -f apex && sudo usermod -aG apex $USER`, and restart",
    )


def _temperature(number: int, folder: Path) -> Finding:
    now = _number(folder / "temp")
    if now is None:
        return Finding("temperature", "unknown", f"pci:{number}: its temperature is not known")
    trips = [trip for name in _TRIPS if (trip := _number(folder / name)) is not None]
    passed = sum(now >= trip for trip in trips)
    words = f"pci:{number} has {now / 1000:.1f} °C"
    if passed:
        return Finding(
            "temperature", "problem", f"{words}: it runs at 1/{2**passed} of its clock", "cool it: a heat sink, a fan"
        )
    if not trips:
        return Finding("temperature", "unknown", f"{words}; where it slows down is not known")
    return Finding("temperature", "ok", f"{words}, slows down at {trips[0] / 1000:.1f} °C")


def _ids(folder: Path) -> tuple[str, str]:
    try:
        return (folder / "vendor").read_text().strip(), (folder / "device").read_text().strip()
    except OSError:
        return "", ""


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text().strip())
    except (OSError, ValueError):
        return None
