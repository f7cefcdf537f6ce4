"""Puts models onto Linux boards over ssh, with a runner that answers over the link as a microcontroller does."""

from __future__ import annotations

from tinykit.deploy.deploy import Deployed, deploy, remove, restart, rollback, status
from tinykit.deploy.look import diagnose

__all__ = ["Deployed", "deploy", "diagnose", "remove", "restart", "rollback", "status"]
