"""Workflows that run a user's model on emulated boards in every pull request."""

from __future__ import annotations

from tinykit.ci.workflow import Gate, Service, baseline_commands, write_workflow

__all__ = ["Gate", "Service", "baseline_commands", "write_workflow"]
