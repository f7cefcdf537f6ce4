"""How HTML pages are made of templates: escaped, and a name that is not there is an error."""

from __future__ import annotations

import jinja2


def page_environment(*packages: str) -> jinja2.Environment:
    """Templates of the folders ``templates`` of these packages; what an earlier one has counts."""
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package, "templates") for package in packages]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
