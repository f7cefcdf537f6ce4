"""Databases that a user names by a path or a URL: what may be shown of it, and which driver is missing."""

from __future__ import annotations

import re
from urllib.parse import unquote

from tinykit.errors import ToolMissing
from tinykit.text import first_line, printable

_DRIVERS = {
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
    "pymysql": "PyMySQL",
}
"""Packages that bring the modules of drivers; which one SQLAlchemy wants depends on its version and on the URL."""
_IN_QUERY = re.compile(r"([?&](?:password|passwd|pwd)=)([^&]*)", re.IGNORECASE)


def shown_url(url: str) -> str:
    """A URL without its password, be it before the host or in the query; a path as it is."""
    head, at, tail = url.rpartition("@")
    if at and "://" in head:
        scheme, _, user = head.partition("://")
        url = f"{scheme}://{user.partition(':')[0]}@{tail}"
    return _IN_QUERY.sub(r"\1***", url) if "://" in url else url


def without_password(text: str, url: str) -> str:
    """What a driver said, with the URL's password, should it be in there, as "***"."""
    head, at, _ = url.rpartition("@")
    secrets = [head.partition("://")[2].partition(":")[2]] if at and "://" in head else []
    secrets += [match[2] for match in _IN_QUERY.finditer(url)]
    for secret in {form for s in secrets for form in (s, unquote(s)) if form}:
        text = text.replace(secret, "***")
    return printable(text)


def missing_driver(url: str, noun: str, error: ImportError) -> ToolMissing:
    """The error for a driver that SQLAlchemy could not import.

    Args:
        noun: what the database is ("storage").
    """
    driver = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    package = _DRIVERS.get(driver.name or "")
    return ToolMissing(
        f"{noun} {shown_url(url)} needs a database driver that is not installed",
        why=first_line(driver),
        hint=f"pip install {package}" if package else "install the driver that SQLAlchemy names for it",
    )
