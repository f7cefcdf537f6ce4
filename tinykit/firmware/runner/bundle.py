"""The runner as one file that Python runs: a zip of the modules that it is made of."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]
_ROOMS = ("link", "runner")
_MODULES = ("__init__.py", "errors.py")
_MAIN = "import sys\n\nfrom tinykit.runner.__main__ import main\n\nsys.exit(main())\n"
_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file can hold: the same modules give the same bytes."""


def runner_bundle() -> bytes:
    """The file. It needs Python 3.10 and, by engine, the packages of ``requirements``."""
    files = {name: (_PACKAGE / name).read_text(encoding="utf-8") for name in _MODULES}
    for room in _ROOMS:
        for path in (_PACKAGE / room).rglob("*.py"):
            files[path.relative_to(_PACKAGE).as_posix()] = path.read_text(encoding="utf-8")
    content = {"__main__.py": _MAIN, **{f"tinykit/{name}": text for name, text in files.items()}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            archive.writestr(zipfile.ZipInfo(name, _DATE), content[name])
    return buffer.getvalue()
