"""Releases for Linux boards: what ``tinykit.runner`` runs, in the place of a firmware."""

from __future__ import annotations

from tinykit.firmware.runner.project import ReleaseOptions, render_release

__all__ = ["ReleaseOptions", "render_release"]
