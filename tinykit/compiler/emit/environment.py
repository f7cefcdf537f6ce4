"""The Jinja2 environment for generated C."""

from __future__ import annotations

import functools

import jinja2

from tinykit.compiler.emit.literals import comment, floating, integer, string
from tinykit.resources import data_dir


@functools.cache
def environment() -> jinja2.Environment:
    """Templates of ``firmware_templates/model`` and ``tflm``; an undefined name in a template is an error."""
    templates = data_dir("firmware_templates")
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader([templates / "model", templates / "tflm"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters.update(comment=comment, integer=integer, floating=floating, c_string=string)
    return env
