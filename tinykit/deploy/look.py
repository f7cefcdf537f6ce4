"""What is in the way on a board: the runner's own look at it, over ssh."""

from __future__ import annotations

import json
import shlex
from typing import Any

from tinykit.deploy.remote import Remote
from tinykit.errors import DeviceError
from tinykit.firmware.runner.bundle import runner_bundle

# The runner is nowhere kept: looking changes nothing.
_LOOK = 't=$(mktemp) && trap \'rm -f "$t"\' EXIT && cat > "$t" && python3 "$t" diagnose'


def diagnose(url: str) -> dict[str, Any]:
    """All findings of ``tinykit.runner.diagnose`` on the board.

    Raises:
        ToolMissing, DeviceMissing: no ssh, no way to the board, no Python there.
        DeviceError: the look failed.
    """
    remote = Remote(url)
    remote.probe()
    run = remote.target.run(f"sh -c {shlex.quote(_LOOK)}", stdin=runner_bundle())
    try:
        found: dict[str, Any] = json.loads(run.stdout.decode())
        return found
    except ValueError:
        said = run.stderr.decode(errors="replace").strip().splitlines()
        raise DeviceError(
            "the board could not be looked at", where=remote.target.host, why=said[-1] if said else None
        ) from None
