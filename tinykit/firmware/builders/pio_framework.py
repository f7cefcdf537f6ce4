"""PlatformIO projects over a framework that its platform brings: start-up, linker script, drivers are the framework's.

Sources: PlatformIO's documentation, "Frameworks", https://docs.platformio.org/en/latest/frameworks/espidf.html and
https://docs.platformio.org/en/latest/platforms/espressif8266.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinykit.firmware.builders.base import Ingredients
from tinykit.firmware.builders.esp_idf import EspIdfBuilder, idf_project, idf_values
from tinykit.firmware.templates import render_project_file


def framework_files(framework: str, ingredients: Ingredients, cflags: Sequence[str]) -> dict[str, bytes]:
    """The build files by path.

    Args:
        framework: as a board file's [builder.platformio] names it.
        cflags: of the project's own files, where the framework does not set them (ESP-IDF's components do).

    Raises:
        BoardError: the board file lacks what the framework needs.
    """
    registry = ingredients.board.builder.platformio
    assert registry is not None, "only a board with one has a framework"
    values: dict[str, Any] = {
        **ingredients.values,
        "registry": registry,
        "options": registry.options,
        "framework": framework,
        "flags": cflags,
        "model_opt": [f"-{ingredients.values['opt_level']}", *ingredients.board.toolchain.model_cflags],
    }
    files = {"README.md": render_project_file("platformio/README.md.j2", values)}
    if framework == "espidf":
        values.update(idf_values(ingredients))
        # PlatformIO adds a component of its own, and asks for others by name: all of ESP-IDF has to be there.
        return {
            **files,
            **idf_project(ingredients, all_components=True),
            "platformio.ini": render_project_file("platformio/espidf.ini.j2", values),
        }
    return {
        **files,
        "platformio.ini": render_project_file("platformio/arduino.ini.j2", values),
        "extra_script.py": render_project_file("platformio/optimise.py.j2", values),
    }


def framework_flags(framework: str, ingredients: Ingredients) -> dict[str, Any]:
    """What the manifest records."""
    if framework == "espidf":
        return EspIdfBuilder().flags(ingredients)
    return {"target": [framework], "model": list(ingredients.board.toolchain.model_cflags)}
