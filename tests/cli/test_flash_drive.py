"""`tinykit flash` onto a UF2 drive; a folder stands in for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.probe import need_tools

from .conftest import DIGITS, Tinykit


@pytest.fixture
def project(tinykit: Tinykit, tmp_path: Path) -> Path:
    need_tools("pico")
    built = tinykit("build", DIGITS, "--board", "pico", "--out", "firmware")
    assert built.code == 0, built.err
    return tmp_path / "firmware"


@pytest.mark.slow
def test_flash_onto_a_drive_or_say_how_to_get_one(tinykit: Tinykit, project: Path, tmp_path: Path) -> None:
    drive = tmp_path / "RPI-RP2"
    drive.mkdir()
    refused = tinykit("flash", project, "--drive", drive)
    assert refused.code == 2
    assert "INFO_UF2.TXT" in refused.err

    (drive / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n")
    for arguments, environment in ((["--drive", drive], {}), ([], {"TINYKIT_DRIVE": str(drive)})):
        done = tinykit("flash", project, *arguments, environment=environment)
        assert done.code == 0, done.err
        assert "--port" in done.out
        copy = drive / "firmware.uf2"
        assert copy.read_bytes() == (project / "build" / "firmware.uf2").read_bytes()
        copy.unlink()

    nothing = tinykit("flash", project, environment={"PATH": "/nonexistent"})
    assert nothing.code == 3
    assert "BOOTSEL" in nothing.err


def test_a_drive_for_a_flasher_without_one_is_refused(tinykit: Tinykit, native_project: Path, tmp_path: Path) -> None:
    refused = tinykit("flash", native_project, "--drive", tmp_path)
    assert refused.code == 2
    assert "flasher emulator has no drive" in refused.err
    # In the environment it is said once for all boards.
    done = tinykit("flash", native_project, environment={"TINYKIT_DRIVE": str(tmp_path)})
    assert done.code == 0, done.err
