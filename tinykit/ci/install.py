"""How a CI job gets the tinykit that is running now."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from shlex import quote

from tinykit.errors import InputError


def install_command() -> str:
    """The command that installs tinykit from where this one came from.

    pip records it in direct_url.json (PEP 610) for what it installed from a repository or an archive's URL.

    Raises:
        InputError: this tinykit came from a folder of this computer, which a CI job does not have.
    """
    try:
        text = distribution("tinykit").read_text("direct_url.json")
        origin = json.loads(text) if text else {}
    except (PackageNotFoundError, ValueError):
        origin = {}
    url = str(origin.get("url", ""))
    if "vcs_info" in origin:
        vcs = origin["vcs_info"]
        where = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
        return f"pip install {quote(where)}"
    if url and not url.startswith("file:"):
        return f"pip install {quote(url)}"
    raise InputError(
        "cannot tell how a CI job should install tinykit",
        why="this one was installed from a folder of this computer; a package of this name in a public index is "
        "another project",
        hint="say it: --install 'pip install git+https://...'",
    )
