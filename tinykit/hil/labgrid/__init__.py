"""Boards that labgrid manages, of any number of computers: each of its places as a ``tinykit.hil.place.Place``.

labgrid is optional; nothing here imports it before a coordinator is asked for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tinykit.errors import ToolMissing

if TYPE_CHECKING:
    from tinykit.hil.labgrid.place import LabgridPlace

PACKAGE = "labgrid==26.0.1"
"""The version that was checked; pyproject.toml has the same one."""


@contextlib.contextmanager
def labgrid_places(
    coordinator: str, environment: Path | None = None, tags: Sequence[str] = ()
) -> Iterator[tuple[LabgridPlace, ...]]:
    """The places that a coordinator has for us, as long as the ``with`` block lasts; none is acquired yet.

    Args:
        coordinator: HOST, or HOST:PORT; labgrid's usual port is 20408.
        environment: a labgrid environment file: its targets with a ``RemotePlace``, with their drivers. Without it all
            places that have a tag ``board``.
        tags: places with all of these words only, see ``tinykit.hil.labgrid.lab.select``.

    Raises:
        ToolMissing: labgrid is not installed.
        DeviceMissing: the coordinator does not answer.
        InputError, BoardError: environment or tags name something that there is not.
    """
    try:
        from tinykit.hil.labgrid.coordinator import Coordinator
        from tinykit.hil.labgrid.lab import find_places
    except ImportError as error:
        raise ToolMissing(
            "a lab's boards need the extra [labgrid], which is not installed",
            why=str(error),
            hint=f"pip install '{PACKAGE}'\n       (or, in a checkout: pip install -e '.[labgrid]')",
        ) from None
    with Coordinator(coordinator) as lab:
        yield find_places(lab, environment, tags)
