"""Firmware projects: rendering, building, measuring what they take."""

from __future__ import annotations

from tinykit.firmware.build import build_project
from tinykit.firmware.image import Image, Sizes, image_of, load_image
from tinykit.firmware.project import Project, load_project, render_project, render_sources

__all__ = [
    "Image",
    "Project",
    "Sizes",
    "build_project",
    "image_of",
    "load_image",
    "load_project",
    "render_project",
    "render_sources",
]
