"""What `tinykit doctor` is told."""

from __future__ import annotations

import shutil

import pytest

from tinykit.board import tools
from tinykit.errors import ToolMissing


@pytest.mark.slow
def test_every_tool_is_reported_with_an_install_command() -> None:
    statuses = {status.name: status for status in tools.check_tools()}
    assert list(statuses) == [tool.name for tool in tools.TOOLS]
    assert all(status.install for status in statuses.values())
    assert all(status.version for status in statuses.values() if status.found)


@pytest.mark.slow
def test_make_is_found_where_the_shell_finds_it() -> None:
    make = next(status for status in tools.check_tools() if status.name == "make")
    assert make.path == shutil.which("make")
    assert make.version is not None
    assert "Make" in make.version


@pytest.mark.parametrize(
    ("text", "manager"),
    [
        ("ID=debian\n", "apt"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt"),
        ("ID=fedora\n", "dnf"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf"),
        ("ID=manjaro\nID_LIKE=arch\n", "pacman"),
        ("ID=nixos\n", None),
        ("no such line", None),
    ],
)
def test_package_manager_from_os_release(text: str, manager: str | None) -> None:
    assert tools.package_manager_of(text) == manager


@pytest.mark.parametrize("manager", ["apt", "dnf", "pacman", "brew", None])
def test_install_command_on_every_system(monkeypatch: pytest.MonkeyPatch, manager: str | None) -> None:
    monkeypatch.setattr(tools, "package_manager", lambda: manager)
    for tool in tools.TOOLS:
        command = tools.install_command(tool)
        otherwise = tool.packages.get("apt", tool.otherwise)
        package = tool.pip.split(">")[0] or tool.packages.get(manager or "", otherwise)
        assert package in command


def test_a_missing_tool_says_what_for_and_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(tools, "package_manager", lambda: "apt")
    with pytest.raises(ToolMissing) as caught:
        tools.require_tool("qemu-system-arm")
    assert caught.value.exit_code == 3
    assert "apt-get install -y qemu-system-arm" in str(caught.value)
    assert "qemu-mps2" in str(caught.value)


def test_cc_variable_chooses_the_host_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "make -s")
    assert tools.host_cc() == ["make", "-s"]
    assert tools.find_tool("cc") == shutil.which("make")
    monkeypatch.delenv("CC")
    assert tools.host_cc() == ["cc"]
