"""A PostgreSQL server of the tests' own: with a password, on a socket in a temporary folder, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSWORD = "right-horse"


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of its database; skips the test where no server can be started."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found or shutil.which("runuser") is None or os.geteuid() != 0:
        pytest.skip("no PostgreSQL server that this user could start")
    with tempfile.TemporaryDirectory(prefix="tinykit-postgres-") as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")
        as_postgres = ("runuser", "-u", "postgres", "--")
        data, log = folder / "data", folder / "log"
        make = [
            *as_postgres,
            found[-1] / "initdb",
            "-A",
            "scram-sha-256",
            f"--pwfile={folder / 'password'}",
            "-D",
            data,
        ]
        subprocess.run(make, check=True, capture_output=True)
        options = f"-c listen_addresses='' -k {folder}"
        control = [*as_postgres, found[-1] / "pg_ctl", "-D", data, "-w"]
        subprocess.run([*control, "-l", log, "-o", options, "start"], check=True, capture_output=True)
        try:
            yield f"postgresql://postgres:{PASSWORD}@/postgres?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
