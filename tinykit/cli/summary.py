"""The summary page of a job of GitHub Actions, which shows what is appended to the file $GITHUB_STEP_SUMMARY."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def add_to_summary(text: str) -> None:
    """Append Markdown to the page, where there is one. A result does not fail because its page cannot be written."""
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8", errors="replace") as page:
            page.write(text)
    except OSError as error:
        print(f"the job's summary cannot be written: {name}: {error.strerror or error}", file=sys.stderr)
