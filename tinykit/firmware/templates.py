"""The Jinja2 templates of project files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from tinykit.resources import data_dir


def render_file(path: Path, values: Mapping[str, Any]) -> bytes:
    """The template in ``path`` with ``values``. It may include templates of ``firmware_templates/projects``.

    Raises:
        jinja2.UndefinedError: the template asks for a value that is not there.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([path.parent, data_dir("firmware_templates") / "projects"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # C, Make and Markdown, not HTML
    )
    return environment.get_template(path.name).render(**values).encode()


def render_project_file(name: str, values: Mapping[str, Any]) -> bytes:
    """The template ``name`` ("gcc/Makefile.j2") of ``firmware_templates/projects``."""
    return render_file(data_dir("firmware_templates") / "projects" / name, values)
