"""The diagnosis reads sysfs. The trees here are MADE by the test, as no Edge TPU is at hand; the result says so."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from tinykit.runner.diagnose import Finding, diagnose
from tinykit.runner.diagnose import usb as usb_module
from tinykit.runner.diagnose.pcie import pcie_findings
from tinykit.runner.diagnose.software import software_findings, wrong_pycoral
from tinykit.runner.diagnose.throttling import throttling, throttling_findings
from tinykit.runner.diagnose.usb import may_write, usb_findings

SYSFS = "sys/devices/platform/soc/soc:firmware"


def make(root: Path, **files: str) -> None:
    """Files of a made tree, ``__`` for a slash."""
    for name, text in files.items():
        write(root, name.replace("__", "/"), text)


def write(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def usb(root: Path, ids: str, speed: str, mode: int) -> None:
    """An accelerator in a made sysfs, with its device file."""
    vendor, product = ids.split(":")
    device = "sys/bus/usb/devices/2-1"
    for name, text in (
        ("idVendor", vendor), ("idProduct", product), ("speed", speed), ("busnum", "2"), ("devnum", "3"),
    ):  # fmt: skip
        write(root, f"{device}/{name}", text + "\n")
    write(root, "dev/bus/usb/002/003").chmod(mode)


def of(findings: Iterable[Finding], check: str) -> Finding:
    return next(finding for finding in findings if finding.check == check)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not root, and in no group of the files'."""
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    monkeypatch.setattr(os, "getegid", lambda: 4242)
    monkeypatch.setattr(os, "getgroups", list)


@pytest.mark.usefixtures("nobody")
def test_an_accelerator_on_usb_2_that_may_not_be_opened(tmp_path: Path) -> None:
    usb(tmp_path, usb_module.READY, "480", 0o664)
    found = list(usb_findings(tmp_path))
    assert of(found, "usb").what == "usb:0 at 2-1 (18d1:9302) is ready"
    assert of(found, "usb-speed").state == "warning"
    assert "480 Mbit/s" in of(found, "usb-speed").what
    assert of(found, "udev").state == "problem"
    assert "no udev rule" in of(found, "udev").what
    assert "plugdev" in of(found, "udev").hint
    write(tmp_path, "etc/udev/rules.d/99-edgetpu-accelerator.rules", 'ATTRS{idVendor}=="1a6e",GROUP="plugdev"')
    assert "usermod -aG plugdev" in of(usb_findings(tmp_path), "udev").hint


@pytest.mark.usefixtures("nobody")
def test_an_accelerator_that_is_as_it_should_be(tmp_path: Path) -> None:
    usb(tmp_path, usb_module.FRESH, "5000", 0o666)
    found = list(usb_findings(tmp_path))
    assert [finding.state for finding in found] == ["ok", "ok", "ok"]
    assert "waits for its firmware" in found[0].what


def test_other_devices_are_none(tmp_path: Path) -> None:
    usb(tmp_path, "1d6b:0003", "5000", 0o666)
    assert [finding.state for finding in usb_findings(tmp_path)] == ["absent"]


def test_half_a_device_is_unknown(tmp_path: Path) -> None:
    make(tmp_path, sys__bus__usb__devices__1_1__idVendor="1a6e", sys__bus__usb__devices__1_1__idProduct="089a")
    states = {finding.check: finding.state for finding in usb_findings(tmp_path)}
    assert states == {"usb": "ok", "usb-speed": "unknown", "udev": "unknown"}


def test_who_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = write(tmp_path, "file").stat()
    (tmp_path / "file").chmod(0o600)
    status = (tmp_path / "file").stat()
    monkeypatch.setattr(os, "geteuid", lambda: status.st_uid or 1)
    assert may_write(status) is (status.st_uid != 0)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert may_write(status)


def apex(root: Path, temperature: str) -> None:
    """An Edge TPU on PCIe in a made sysfs."""
    chip = "sys/bus/pci/devices/0000:01:00.0"
    write(root, f"{chip}/vendor", "0x1ac1\n")
    write(root, f"{chip}/device", "0x089a\n")
    for name, text in (
        ("temp", temperature), ("trip_point0_temp", "85000"), ("trip_point1_temp", "90000"),
        ("trip_point2_temp", "95000"),
    ):  # fmt: skip
        write(root, f"sys/class/apex/apex_0/{name}", text)
    write(root, "dev/apex_0").chmod(0o666)


def test_an_accelerator_on_pcie_that_is_too_hot(tmp_path: Path) -> None:
    apex(tmp_path, "91500")
    found = of(pcie_findings(tmp_path), "temperature")
    assert (found.state, found.what) == ("problem", "pci:0 has 91.5 °C: it runs at 1/4 of its clock")
    apex(tmp_path, "51250")
    assert of(pcie_findings(tmp_path), "temperature").state == "ok"
    apex(tmp_path, "nothing")
    assert of(pcie_findings(tmp_path), "temperature").state == "unknown"


def test_a_chip_without_its_driver(tmp_path: Path) -> None:
    write(tmp_path, "sys/bus/pci/devices/0000:01:00.0/vendor", "0x1ac1")
    write(tmp_path, "sys/bus/pci/devices/0000:01:00.0/device", "0x089a")
    found = of(pcie_findings(tmp_path), "pcie")
    assert found.state == "problem"
    assert "gasket" in found.hint


@pytest.mark.usefixtures("nobody")
def test_a_driver_that_only_root_may_use(tmp_path: Path) -> None:
    apex(tmp_path, "40000")
    (tmp_path / "dev/apex_0").chmod(0o600)
    assert of(pcie_findings(tmp_path), "udev").state == "problem"


@pytest.mark.parametrize(
    ("bits", "state", "words"),
    [
        (0x0, "ok", "nothing slows it down"),
        (0x50005, "problem", "now the supply is below 4.63 V and it is throttled"),
        (0x80008, "problem", "soft temperature limit"),
        (0x50000, "warning", "since it started, the supply was below 4.63 V and it was throttled"),
        (0x20000, "warning", "the clock was capped"),
    ],
)
def test_the_bits_of_get_throttled(bits: int, state: str, words: str) -> None:
    found = throttling(bits)
    assert found.state == state
    assert words in found.what


def test_throttling_is_read_from_sysfs(tmp_path: Path) -> None:
    assert of(throttling_findings(tmp_path), "throttling").state == "unknown"
    write(tmp_path, f"{SYSFS}/get_throttled", "50005\n")
    write(tmp_path, "sys/class/thermal/thermal_zone0/temp", "80250\n")
    found = list(throttling_findings(tmp_path))
    assert of(found, "throttling").state == "problem"
    assert of(found, "cpu-temperature").what == "the processor has 80.2 °C"


def test_googles_own_runtime_is_told_from_todays(tmp_path: Path) -> None:
    write(tmp_path, "usr/lib/aarch64-linux-gnu/libedgetpu.so.1")
    entry = "Package: libedgetpu1-std\nStatus: install ok installed\nVersion: {}\n\n"
    for version, state in (("16.0", "problem"), ("15.0", "problem"), ("16.0TF2.19.1-1", "ok")):
        write(tmp_path, "var/lib/dpkg/status", entry.format(version))
        found = of(software_findings(tmp_path, tmp_path), "libedgetpu")
        assert (found.state, version in found.what) == (state, True)
    (tmp_path / "var/lib/dpkg/status").unlink()
    assert of(software_findings(tmp_path, tmp_path), "libedgetpu").state == "unknown"


def test_the_pycoral_of_pypi_is_another_one() -> None:
    assert wrong_pycoral("the system's Python", "0.2.0").state == "warning"
    assert "Allen Coral Atlas" in wrong_pycoral("the system's Python", "0.2.0").what
    assert wrong_pycoral("the system's Python", "2.0.0").state == "ok"


def test_an_importable_pycoral_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "packages/pycoral/__init__.py")
    write(
        tmp_path, "packages/pycoral-0.2.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: pycoral\nVersion: 0.2.0\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    assert of(software_findings(tmp_path, tmp_path), "pycoral").state == "warning"


def test_a_made_tree_says_that_it_is_one(tmp_path: Path) -> None:
    found = diagnose(tmp_path, tmp_path)
    assert found["made"] is True
    assert diagnose(Path("/"), tmp_path)["made"] is False
