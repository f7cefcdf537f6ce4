"""What keeps a runner running: systemd, or a supervisor of our own."""

from __future__ import annotations

from typing import Protocol

from tinykit.runner.install.layout import Deployment


class Service(Protocol):
    """Runs the release in service until it is stopped.

    Attributes:
        kind: for people.
        note: what a user should know of it, known after ``start``.
    """

    kind: str
    note: str | None

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def remove(self) -> None: ...
    def state(self) -> dict[str, object]: ...


def service_of(place: Deployment) -> Service:
    """What this machine has."""
    from tinykit.runner.install.supervisor import SupervisorService
    from tinykit.runner.install.systemd import SystemdService, has_systemd

    return SystemdService(place) if has_systemd() else SupervisorService(place)
