"""From a project to an image."""

from __future__ import annotations

import os

from tinykit.firmware.builders import builder_of
from tinykit.firmware.esp_flash_image import write_flash_image
from tinykit.firmware.image import Image, image_of
from tinykit.firmware.project import Project


def build_project(project: Project, *, jobs: int | None = None) -> Image:
    """Compile and link a project with its builder.

    Args:
        jobs: compilers at a time; the number of processors by default.

    Raises:
        ToolMissing: the compiler, or another program the builder needs, is not installed.
        DoesNotFit: the linker found a memory too small.
        BuildFailed: anything else; shows the log's end and where the whole log is.
    """
    builder_of(project.builder).build(project, jobs or os.cpu_count() or 1)
    emulator = project.board.emulator
    if emulator is not None and emulator.kind == "qemu-esp":
        write_flash_image(project)
    return image_of(project)
